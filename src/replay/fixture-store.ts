import { inOwnTurns } from '../live/event-loop/turns.ts';
import { memoryStore } from '../store/memory/memory.ts';
import { openFixture } from '../store/fixture/open-fixture.ts';
import { canonicalList } from '../base/value.ts';
import type { ChunkEntry, Entry } from '../journal/entry.ts';
import type { RunStore } from '../port/store.ts';

/**
 * Loads the run of a fixture into an in-memory store, where everything that works on stored runs works on it.
 * `engine.fork(runId, { step })` continues after a step with today's code, live, to try a fix on a production run.
 * `engine.read(runId, { speed: 1 })` plays its streams back at their recorded speed, without a model.
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
 * // Two steps as recorded, then live with today's code.
 * const { store, runId } = await fixtureStore(path);
 * const engine = createEngine(counterOf(2), { store });
 * console.log((await engine.fork(runId, { step: 2 }).orThrow()).count); // 6
 * console.log((await engine.stateAt(runId, 2)).count); // 2
 * ```
 *
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`
 */
export async function fixtureStore(path: string): Promise<{ readonly store: RunStore; readonly runId: string }> {
  const fixture = await openFixture(path, inOwnTurns);
  try {
    const { run } = fixture;
    const store = memoryStore();
    const lease = await store.create(run);
    const entries = [...fixture.steps('all')].flatMap(({ entries: step, beside }) =>
      asItHappened([...step.filter(isInside), ...beside]),
    );
    await store.append(lease, entries);
    if (entries.at(-1)?.kind !== 'end') await store.release(lease);
    return { store, runId: run.observed.runId };
  } finally {
    fixture.close();
  }
}

const isInside = ({ kind }: Entry): boolean => kind !== 'run';

/** Restores the order of arrival: a fixture has steps in canonical order, and all chunks of an attempt in one entry. */
function asItHappened(entries: readonly Entry[]): readonly Entry[] {
  const timed = entries.flatMap((entry) =>
    entry.kind === 'chunk'
      ? chunksOneByOne(entry)
      : [{ entry, time: isLast(entry) ? Number.POSITIVE_INFINITY : timeOf(entry) }],
  );
  // Entries without a time keep their place, as do all entries of a fixture without an observed block.
  return timed.sort((left, right) => left.time - right.time).map(({ entry }) => entry);
}

function chunksOneByOne(entry: ChunkEntry): readonly { readonly entry: Entry; readonly time: number }[] {
  const { times } = entry.observed;
  if (times.length !== entry.deltas.length) return [{ entry, time: 0 }];
  return entry.deltas.map((delta, index) => {
    const time = times[index] as number;
    const chunk = {
      ...entry,
      ordinal: entry.ordinal + index,
      deltas: canonicalList([delta]),
      observed: { times: [time] },
    };
    return { entry: chunk, time };
  });
}

/** The commit of a step of the run itself, and the end of the run, come after everything else. */
function isLast({ kind, at }: Entry): boolean {
  return kind === 'end' || (kind === 'commit' && !at.includes('/'));
}

function timeOf({ observed }: Entry): number {
  if ('times' in observed) return observed.times[0] ?? 0;
  return 'ended' in observed ? observed.ended : observed.time;
}
