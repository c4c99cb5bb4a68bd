import { memoryStore } from '../store/memory.ts';
import { openFixture } from '../store/fixture/open-fixture.ts';
import type { RunStore } from '../port/store.ts';

/**
 * A store in memory that holds the run of a fixture: all that stored runs can be asked works with it. `engine.fork(runId,
 * { step })` goes on behind a step with today's code, live, so a fix is tried on a production run. `engine.read(runId,
 * { speed: 1 })` plays its streams as they were, without a model.
 *
 * ```ts
 * import { createEngine, fields, graph, memoryStore, sum } from 'reprise';
 * import { exportRunTo } from 'reprise/record';
 * import { fixtureStore } from 'reprise/replay';
 * import { mkdtempSync } from 'node:fs';
 *
 * const counterOf = (by: number) =>
 *   graph('counter', { state: fields({ count: sum() }) })
 *     .node('increase', () => ({ delta: { count: by } }))
 *     .edge('increase', 'increase', { when: (state) => state.count < 6 })
 *     .start('increase')
 *     .build();
 * const production = memoryStore();
 * await createEngine(counterOf(1), { store: production }).run({}, { runId: 'run-1' });
 * const path = await exportRunTo(production, 'run-1', `${mkdtempSync('/tmp/fork-')}/run-1.run.jsonl`);
 *
 * // Two steps as they were recorded, and from there live, with the code as it is now.
 * const { store, runId } = await fixtureStore(path);
 * const engine = createEngine(counterOf(2), { store });
 * console.log((await engine.fork(runId, { step: 2 }).orThrow()).count); // 6
 * console.log((await engine.stateAt(runId, 2)).count); // 2
 * ```
 *
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`
 */
export async function fixtureStore(path: string): Promise<{ readonly store: RunStore; readonly runId: string }> {
  const fixture = await openFixture(path);
  try {
    const { run } = fixture;
    const store = memoryStore();
    const lease = await store.create(run);
    const entries = [...fixture.steps('all')].flatMap((step) => step.entries).filter(({ kind }) => kind !== 'run');
    await store.append(lease, entries);
    if (entries.at(-1)?.kind !== 'end') await store.release(lease);
    return { store, runId: run.observed.runId };
  } finally {
    fixture.close();
  }
}
