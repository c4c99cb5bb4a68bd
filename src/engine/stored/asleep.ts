// Whether a paused run continues by itself, once its time has come or with what has come for it already.
import { hasBegun } from '../../journal/run/breakpoints.ts';
import { RunFold } from '../../journal/fold/run-fold.ts';
import { signalWaits } from '../../journal/step/question.ts';
import type { RunStore, RunSummary } from '../../port/store.ts';
import { answerableQuestions } from './answers.ts';
import { foldRun } from './fold-run.ts';

/** False where somebody has to do something: answer, send a signal, or resume it past its breakpoint. */
export async function isAsleep(
  store: RunStore,
  { runId, step, entryCount }: RunSummary,
  now: number,
): Promise<boolean> {
  const fold = new RunFold();
  await foldRun(store, runId, fold, { step, count: entryCount });
  // At a breakpoint, which is between two steps.
  if (!hasBegun(fold.openStep)) return false;
  const { messages } = await store.inbox(runId);
  const sent = messages.flatMap(({ message }) => (message.kind === 'signal' ? [message.name] : []));
  // A wait with a time limit ends by itself.
  const isAwaiting = signalWaits(fold.openStep).some(
    ({ name, observed }) => observed.due === undefined && !sent.includes(name),
  );
  return !isAwaiting && (await answerableQuestions(store, runId, now)).length === 0;
}
