// Attempts that are entered again to clean up are told so when nothing has happened for a while. They rest together: more
// of them take no longer.
import { append, fields, graph, input, memoryStore } from 'reprise';
import { expect, it } from 'vitest';
import { keptStore } from '../../../../support/changed-store.ts';
import { ManualClock } from '../../../../support/manual-clock.ts';
import { testEngine } from '../../../../support/test-engine.ts';

const maxConcurrent = 4;
const quick = { maxConcurrent, graceMs: 50, cleanupMs: 1_000 };
const restMs = 1_000;

/** As many inner runs as the input says, each with a lock that it gives back. */
function holders(returned: string[]) {
  const state = () => fields({ out: append<string>() });
  const inner = graph('inner', { state: state() })
    .node('hold', async (_state, { ask, effect, key, onStop }) => {
      onStop(({ effect }) => effect('unlock', key, () => void returned.push(key)));
      await effect('lock', key, () => 1);
      await ask('done?');
    })
    .start('hold')
    .build();
  return graph('holders', { state: state(), inputs: { deep: input<string>() } })
    .node('wide', ({ out }, { send }) => ({ route: out.map((name) => send('deep', name)) }))
    .subgraph('deep', inner, { input: () => ({}), output: () => ({}) })
    .start('wide')
    .build();
}

/** How often the attempts of a dropped run rest before it has cleaned up after a cancel. */
async function restsOf(taskCount: number): Promise<number> {
  const returned: string[] = [];
  const clock = new ManualClock();
  const store = keptStore(memoryStore({ now: () => clock.now() }));
  const first = testEngine(holders(returned), { store, clock }, quick);
  const out = Array.from({ length: taskCount }, (_, index) => String(index));
  expect((await clock.until(first.run({ out }, { runId: 'run' }))).status).toBe('paused');
  await first.close();
  const next = testEngine(holders(returned), { store, clock }, quick);
  const began = clock.now();
  await clock.until(next.cancel('run', 'enough'));
  await next.close();
  expect((await store.find('run'))?.status).toBe('cancelled');
  expect(returned).toHaveLength(taskCount);
  return Math.floor((clock.now() - began) / restMs);
}

it.each([1, maxConcurrent + 1, 10 * maxConcurrent])('%s attempts rest once before they clean up', async (taskCount) => {
  expect(await restsOf(taskCount)).toBe(1);
});
