import { fields, graph, text } from 'reprise';
import { expect, it } from 'vitest';
import { memoryStore } from '../../../../src/store/memory/memory.ts';
import { keptStore } from '../../../support/changed-store.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { testEngine } from '../../../support/test-engine.ts';

const asking = graph('asking', { state: fields({ said: text() }) })
  .node('ask', async (_state, { ask }) => ({ delta: { said: String(await ask('yes?', { timeoutMs: 100 })) } }))
  .start('ask')
  .build();

it('takes an answer that came in time, also where the store is slow to give the run', async () => {
  const clock = new ManualClock(1_000);
  const store = memoryStore({ now: () => clock.now() });
  const first = testEngine(asking, { store: keptStore(store), clock });
  expect((await first.run({}, { runId: 'run' })).status).toBe('paused');
  await first.close();
  const take: typeof store.take = async (...given) => {
    await clock.advance(200);
    return store.take(...given);
  };
  const second = testEngine(asking, { store: keptStore(store, { take }), clock });
  expect(await second.resume('run', { answer: 'yes' })).toMatchObject({ status: 'done', state: { said: 'yes' } });
  await second.close();
});
