import { RepriseError } from '../../base/error.ts';
import { RunFold } from '../../journal/fold/run-fold.ts';
import { awaitedSignals } from '../../journal/step/question.ts';
import type { Question } from '../../journal/step/question.ts';
import { rankOfTask } from '../../journal/key.ts';
import type { RunStatus, RunStore, RunSummary } from '../../port/store.ts';
import { answerableQuestions } from './answers.ts';
import { foldRun } from './fold-run.ts';
import { runResult } from '../rules/run-result.ts';
import type { AnyRun } from '../../graph/types/run-types.ts';
import type { ResultParts } from '../rules/run-result.ts';

/** Reads the result of a run that no process drives from its journal: ended, paused or interrupted. */
export async function finishedRun(
  store: RunStore,
  { runId, status, step, entryCount, wakeAt }: RunSummary,
  now: number,
): Promise<AnyRun> {
  const fold = new RunFold();
  await foldRun(store, runId, fold, { step, count: entryCount });
  if (fold.run === undefined) {
    throw new RepriseError('run-unknown', `the journal of run "${runId}" has no \`run\` entry`, {
      nextStep: 'List the runs of the store with `npx reprise list`.',
    });
  }
  const questions = status === 'paused' ? await answerableQuestions(store, runId, now) : [];
  const end = fold.end ?? restOf(fold, { status, questions, wakeAt });
  const failedTask = end.status === 'failed' ? end.task : undefined;
  const failedNode = failedTask === undefined ? undefined : fold.frontier[rankOfTask(failedTask)]?.node;
  return runResult({
    runId,
    state: fold.state,
    steps: Math.max(0, fold.step),
    end,
    ...(failedNode === undefined ? {} : { failedNode }),
    detached: fold.end === undefined ? [] : fold.detached,
    notes: [],
  });
}

interface Rest {
  readonly status: RunStatus;
  readonly questions: readonly Question[];
  readonly wakeAt: number | undefined;
}

function restOf(fold: RunFold, { status, questions, wakeAt }: Rest): ResultParts['end'] {
  if (status !== 'paused') return { status: 'interrupted' };
  const signals = awaitedSignals(fold.openStep);
  return {
    status,
    questions,
    ...(signals.length === 0 ? {} : { signals }),
    ...(wakeAt === undefined ? {} : { wakeAt }),
  };
}
