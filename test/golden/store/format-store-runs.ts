// The runs of a store file, in the order in which they are made. Runs named `whole-…` are never killed: they are the twins
// that interrupted runs are compared with.
import { busyRuns } from './runs/busy.ts';
import { drawingRuns } from './runs/drawing.ts';
import { failingRuns } from './runs/failing.ts';
import { growingRuns } from './runs/growing.ts';
import { ledgerRuns } from './runs/ledger.ts';
import { nestedRuns } from './runs/nested.ts';
import { payingRuns } from './runs/paying.ts';
import type { FormatRun } from './runs/run.ts';
import { streamingRuns } from './runs/streaming.ts';
import { waitingRuns } from './runs/waiting.ts';

const runs: readonly FormatRun[] = [
  ...ledgerRuns,
  ...busyRuns,
  ...failingRuns,
  ...payingRuns,
  ...waitingRuns,
  ...drawingRuns,
  ...nestedRuns,
  ...streamingRuns,
  ...growingRuns,
];

/** The runs of a file of this version. */
export function formatRunsOf(version: number): readonly FormatRun[] {
  return runs
    .filter(({ since = 1 }) => since <= version)
    .map((run) => (version === 1 ? run : { ...run, ...run.under2 }));
}
