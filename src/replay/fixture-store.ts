import { memoryStore } from '../store/memory.ts';
import { openFixture } from '../store/fixture/open-fixture.ts';
import type { RunStore } from '../port/store.ts';

/**
 * A store in memory that holds the run of a fixture, as if it had been interrupted behind its last commit: what stored runs
 * can be asked and forked by works with it. So a fix is tried on a production run: `engine.fork(runId, { step })` goes on
 * behind a step with today's code, live.
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
    const entries = [...fixture.steps()]
      .flatMap((step) => step.entries)
      .filter(({ kind }) => kind !== 'run' && kind !== 'end');
    const store = memoryStore();
    await store.release(await store.create(run, entries));
    return { store, runId: run.observed.runId };
  } finally {
    fixture.close();
  }
}
