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

/** Another process drives the run. It takes the answers that came along with the refused resume. */
export function withAnswersKept(thrown: unknown): unknown {
  if (!(thrown instanceof RepriseError) || thrown.code !== 'run-owned') return thrown;
  const { code, message, fields } = thrown;
  const nextStep = 'Do not answer again: the answer is stored, and that process takes it within a second.';
  return new RepriseError(code, message, { nextStep, fields });
}

/** There is a run with that id already. */
export function isTaken(thrown: unknown): boolean {
  return thrown instanceof RepriseError && thrown.code === 'run-exists';
}
