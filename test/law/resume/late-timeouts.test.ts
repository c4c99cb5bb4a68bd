// A run is resumed while part of what was recorded does not come. What is new waits for it: the answer of one attempt, and
// the end of its time. An attempt that ends with the answer has not timed out, as in the replay, where time comes last.
import { append, fields, graph, memoryStore } from 'reprise';
import { expect, it } from 'vitest';
import { keptStore } from '../../support/changed-store.ts';
import { ManualClock, settled } from '../../support/manual-clock.ts';
import { testEngine } from '../../support/test-engine.ts';

const timeoutMs = 600;

class Life {
  readonly gate = Promise.withResolvers<void>();
  readonly answer = Promise.withResolvers<string>();
  readonly asked: string[] = [];
}

function racing(life: () => Life) {
  return graph('racing', { state: fields({ out: append<string>() }) })
    .node('go', () => undefined)
    .node(
      'answered',
      async (_state, { effect }) => ({ delta: { out: [await effect('slow', 1, () => life().answer.promise)] } }),
      { timeoutMs },
    )
    .node('late', async (_state, { effect }) => {
      await life().gate.promise;
      await effect('first', 1, () => life().asked.push('first'));
      await effect('second', 1, () => life().answer.promise);
      return { delta: { out: ['late'] } };
    })
    .edge('go', 'answered')
    .edge('go', 'late')
    .start('go')
    .build();
}

it('an answer that waited beside the end of the time of its attempt comes first', async () => {
  const clock = new ManualClock();
  const store = keptStore(memoryStore({ now: () => clock.now() }));
  let life = new Life();
  life.gate.resolve();
  const first = testEngine(
    racing(() => life),
    { store, clock },
    { durability: 'effect' },
  );
  const dropped = first.run({}, { runId: 'run' });
  await settled();
  await first.close();
  expect((await dropped).status).toBe('interrupted');

  life = new Life();
  const next = testEngine(
    racing(() => life),
    { store, clock },
    { durability: 'effect' },
  );
  const resumed = next.resume('run');
  await settled();
  life.answer.resolve('answered');
  await Promise.resolve();
  await Promise.resolve();
  clock.step(timeoutMs);
  await settled();
  life.gate.resolve();
  const run = await resumed;
  await next.close();
  expect(run).toMatchObject({ status: 'done', state: { out: ['answered', 'late'] } });
  expect(life.asked).toEqual([]);
});
