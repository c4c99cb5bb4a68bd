// Compares two whole runs, whose code may be gone.
import type { Entry, RunEntry } from '../journal/entry.ts';
import { compareGraphs } from './compare-graph.ts';
import type { Divergence } from './divergence.ts';
import { RunComparer } from './run-comparer.ts';
import type { ComparedCounts } from './run-comparer.ts';

export interface RunView {
  readonly run: RunEntry;
  /** The canonical entries, step by step. */
  readonly steps:
    | Iterable<{ readonly entries: readonly Entry[] }>
    | AsyncIterable<{ readonly entries: readonly Entry[] }>;
}

export interface Comparison {
  readonly verdict: 'same' | 'diverged';
  /** In canonical order, the first one first. */
  readonly divergences: readonly Divergence[];
  /** How many more there are than the list holds. */
  readonly omitted: number;
  readonly compared: ComparedCounts;
  /** Steps that only one of the runs has. */
  readonly onlyRecorded: number;
  readonly onlyReplayed: number;
}

export interface CompareRunsOptions {
  /** How many divergences are listed; 100 by default. */
  readonly maxDivergences?: number;
}

/** The differences between two runs: where they part, and what follows. */
export async function compareRuns(
  recorded: RunView,
  replayed: RunView,
  options: CompareRunsOptions = {},
): Promise<Comparison> {
  const { maxDivergences = 100 } = options;
  const graph =
    recorded.run.fingerprint === replayed.run.fingerprint ? [] : compareGraphs(recorded.run.graph, replayed.run.graph);
  const comparer = new RunComparer({ mode: 'effects' });
  const left = iteratorOf(recorded.steps);
  const right = iteratorOf(replayed.steps);
  let onlyRecorded = 0;
  let onlyReplayed = 0;
  for (;;) {
    const [leftStep, rightStep] = await Promise.all([left.next(), right.next()]);
    if (leftStep.done === true && rightStep.done === true) break;
    if (leftStep.done !== true && rightStep.done !== true)
      comparer.add(leftStep.value.entries, rightStep.value.entries);
    else if (leftStep.done === true) onlyReplayed += 1;
    else onlyRecorded += 1;
  }
  const all = [...graph, ...comparer.divergences.map((found) => shifted(found, graph.length))];
  return {
    verdict: all.length === 0 ? 'same' : 'diverged',
    divergences: all.slice(0, maxDivergences),
    omitted: Math.max(0, all.length - maxDivergences),
    compared: comparer.counts,
    onlyRecorded,
    onlyReplayed,
  };
}

/** References into the list move with it. */
export function shifted(found: Divergence, by: number): Divergence {
  return found.follows === undefined ? found : { ...found, follows: found.follows + by };
}

type Steps = RunView['steps'];

function iteratorOf(
  steps: Steps,
): Iterator<{ readonly entries: readonly Entry[] }> | AsyncIterator<{ readonly entries: readonly Entry[] }> {
  return Symbol.asyncIterator in steps ? steps[Symbol.asyncIterator]() : steps[Symbol.iterator]();
}
