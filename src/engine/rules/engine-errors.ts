// Errors for calls that an engine refuses.
import { RepriseError } from '../../base/error.ts';
import type { RunStatus } from '../../port/store.ts';

export function notResumable(runId: string, why: string, nextStep: string, status?: RunStatus): RepriseError {
  return new RepriseError('run-not-resumable', `run "${runId}" cannot be resumed: ${why}`, {
    nextStep,
    fields: { runId, ...(status === undefined ? {} : { status }) },
  });
}

export function closedError(): RepriseError {
  return new RepriseError('engine-closed', 'this engine is closed', {
    nextStep: 'Create a new one with createEngine.',
  });
}

/** The answers that came along with the refused resume are stored: for the process that drives the run, or the next one. */
export function withAnswersKept(thrown: unknown): unknown {
  if (!(thrown instanceof RepriseError)) return thrown;
  const { code, message, fields, nextStep: own } = thrown;
  const kept = 'Do not answer again: the answer is stored';
  if (code === 'run-owned')
    return new RepriseError(code, message, { nextStep: `${kept}, and that process takes it within a second.`, fields });
  if (code !== 'resume-diverged') return thrown;
  return new RepriseError(code, message, {
    nextStep: `${own} ${kept}, and counts when its question is asked again.`,
    fields,
  });
}

/** There is a run with that id already. */
export function isTaken(thrown: unknown): boolean {
  return thrown instanceof RepriseError && thrown.code === 'run-exists';
}
