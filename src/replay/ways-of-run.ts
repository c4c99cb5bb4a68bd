// The ways through its graph of a run that is stored, or of one in a fixture.
import { canonicalStepsOf } from '../journal/run/canonical.ts';
import type { CanonicalStep } from '../journal/run/canonical.ts';
import { RunWays } from '../journal/run/run-ways.ts';
import { keptEntries } from '../journal/run/without-bodies.ts';
import { inOwnTurns } from '../live/event-loop/turns.ts';
import type { RunStore, RunSummary } from '../port/store.ts';
import { openFixture } from '../store/fixture/open-fixture.ts';

/**
 * What a stored run has passed of its graph: nodes, edges, errors, effects and tasks, each as a text. Use it to see whether
 * a run passed anything that no fixture has passed yet. The texts are equal for equal parts.
 *
 * @throws RepriseError `run-not-kept`, and what the store throws
 */
export function waysOfStored(store: RunStore, run: RunSummary): Promise<ReadonlySet<string>> {
  return waysOf(canonicalStepsOf(keptEntries(run, store.read(run.runId))));
}

/**
 * What the run of a fixture has passed of its graph, in the same texts as `waysOfStored` gives for a stored run. The code
 * of the graph is not needed.
 *
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`
 */
export async function waysOfFixture(path: string): Promise<ReadonlySet<string>> {
  using fixture = await openFixture(path, inOwnTurns);
  return await waysOf(fixture.steps());
}

async function waysOf(steps: Iterable<CanonicalStep> | AsyncIterable<CanonicalStep>): Promise<ReadonlySet<string>> {
  let ways: RunWays | undefined;
  for await (const { entries } of steps) {
    const [first] = entries;
    if (first?.kind === 'run') ways = new RunWays(first);
    ways?.addStep(entries);
  }
  return ways?.found ?? new Set();
}
