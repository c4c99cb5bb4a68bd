import { expect, it } from 'vitest';
import { createEngine, fields, graph, input, memoryStore, sum } from '../../../../../src/index.ts';
import { ManualClock, nextTurn, settled } from '../../../../support/manual-clock.ts';
import { testEngine } from '../../../../support/test-engine.ts';

it('leaves the time in which no reader takes its chunks out of the timeout of a node, and counts all other', async () => {
  const clock = new ManualClock();
  const slow = graph('slow', { state: fields({ count: sum() }) })
    .node(
      'write',
      async function* () {
        for (;;) {
          await new Promise<void>((resolve) => void clock.setTimer(50, resolve));
          yield { count: 1 };
        }
      },
      { timeoutMs: 200 },
    )
    .start('write')
    .build();
  const engine = testEngine(slow, { store: memoryStore(), clock });
  const stream = engine.stream({ count: 0 }, { onSlow: 'wait', highWaterMark: 1 });
  let isOver = false;
  const result = stream.result.finally(() => {
    isOver = true;
  });
  const items = stream[Symbol.asyncIterator]();
  const takeChunk = async (): Promise<void> => {
    for (;;) if ((await items.next()).value?.kind === 'chunk') return;
  };

  await clock.advance(50);
  await clock.advance(50);
  await clock.advance(10_000);
  await takeChunk();
  await clock.advance(50);
  await clock.advance(10_000);
  expect(isOver).toBe(false);
  await takeChunk();
  await clock.advance(50);
  expect(await result).toMatchObject({ status: 'failed', error: { code: 'node-timeout' } });
  await engine.close();
});

it('continues after it waited for a reader and for an answer at once', async () => {
  const busy = Promise.withResolvers<number>();
  const asking = graph('asking', { state: fields({ count: sum() }) })
    .node('begin', () => undefined)
    .node('busy', async (_state, { effect }) => ({ delta: { count: await effect('work', 1, () => busy.promise) } }))
    .node('write', async function* (_state, { ask }) {
      const answer = ask<number>('how many?');
      yield { count: 1 };
      yield { count: 1 };
      yield { count: 1 };
      yield { count: await answer };
    })
    .edge('begin', 'busy')
    .edge('begin', 'write')
    .start('begin')
    .build();
  const engine = testEngine(asking, { store: memoryStore(), clock: new ManualClock() });
  const stream = engine.stream({}, { onSlow: 'wait', highWaterMark: 1 });
  const result = stream.result;
  await settled();
  await engine.answer('run', undefined, 4);
  await settled();
  for await (const item of stream) {
    if (item.kind === 'node-done' && item.node === 'write') busy.resolve(10);
    if (item.kind === 'done') break;
  }
  expect(await result).toMatchObject({ status: 'done', state: { count: 17 } });
  await engine.close();
});

it('does not start more nodes at once than it may, after they waited for a reader', async () => {
  let under = 0;
  let most = 0;
  const wide = graph('wide', { state: fields({ count: sum() }), inputs: { write: input<number>() } })
    .node('begin', (_state, { send }) => ({ route: [0, 1, 2].map((number) => send('write', number)) }))
    .node(
      'write',
      async function* () {
        for (let round = 0; round < 5; round += 1) {
          under += 1;
          most = Math.max(most, under);
          await nextTurn();
          await nextTurn();
          under -= 1;
          yield { count: 1 };
        }
      },
      { maxConcurrent: 1 },
    )
    .start('begin')
    .build();
  await using engine = createEngine(wide);
  const stream = engine.stream({ count: 0 }, { onSlow: 'wait', highWaterMark: 1 });
  for await (const item of stream) if (item.kind === 'chunk') await settled();
  expect((await stream.result).status).toBe('done');
  expect(most).toBe(1);
});
