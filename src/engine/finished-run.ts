import { RepriseError } from '../base/error.ts';
import { RunFold } from '../journal/run-fold.ts';
import { rankOfTask } from '../journal/key.ts';
import type { RunStore } from '../port/store.ts';
import { foldRun } from './fold-run.ts';
import { runResult } from './run-result.ts';
import type { AnyRun } from './run-result.ts';

/** The result of a run that has ended, read back from its journal. */
export async function finishedRun(store: RunStore, runId: string): Promise<AnyRun> {
  const fold = new RunFold();
  await foldRun(store, runId, fold);
  if (fold.run === undefined) {
    throw new RepriseError('run-unknown', `run "${runId}" has no beginning`, {
      nextStep: 'List the runs of the store with `reprise list`.',
    });
  }
  const end = fold.end ?? { status: 'interrupted' as const };
  const failedTask = end.status === 'failed' ? end.task : undefined;
  const failedNode = failedTask === undefined ? undefined : fold.frontier[rankOfTask(failedTask)]?.node;
  return runResult({
    runId,
    state: fold.state,
    steps: Math.max(0, fold.step),
    end,
    ...(failedNode === undefined ? {} : { failedNode }),
    detached: [],
    notes: [],
  });
}
