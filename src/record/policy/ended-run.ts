// Reads of an ended run what a policy is asked about.
import type { EndedRun } from '../../engine/options/record-options.ts';
import { runError } from '../../engine/rules/failure.ts';
import { foldRun } from '../../engine/stored/fold-run.ts';
import { RunFold } from '../../journal/fold/run-fold.ts';
import { taskOfAttempt } from '../../journal/key.ts';
import type { ReservedRun } from '../../port/recordings.ts';
import type { RunStore } from '../../port/store.ts';

export interface ReadRun {
  readonly ended: EndedRun;
  readonly seed: string;
}

/** Undefined if it has not ended: somebody has resumed it. */
export async function endedRun(store: RunStore, { runId, status }: ReservedRun): Promise<ReadRun | undefined> {
  const fold = new RunFold();
  await foldRun(store, runId, fold);
  const summary = await store.find(runId);
  if (fold.end === undefined || fold.run === undefined || summary === undefined) return undefined;
  const ended: EndedRun = {
    runId,
    graph: fold.run.graph.name,
    status,
    ...errorOf(fold, runId),
    labels: fold.run.observed.terms?.labels ?? {},
    steps: fold.step,
    beganAt: summary.createdAt,
    endedAt: summary.updatedAt,
  };
  return { ended: Object.freeze(ended), seed: fold.run.seed };
}

function errorOf({ end, openStep }: RunFold, runId: string): { readonly error?: Error } {
  if (end?.status !== 'failed') return {};
  const { task } = end;
  const outcome = openStep.find((entry) => entry.kind === 'outcome' && taskOfAttempt(entry.at) === task);
  return { error: runError(end.error, task, outcome?.kind === 'outcome' ? outcome.node : undefined, runId) };
}
