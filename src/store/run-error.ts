// Errors about runs and leases, worded the same in every store.
import { RepriseError } from '../base/error.ts';

export function runExists(runId: string): RepriseError {
  return new RepriseError('run-exists', `run "${runId}" already exists`, {
    nextStep: "Choose another runId, or pass onExisting: 'attach' to get the result of the existing run.",
    fields: { runId },
  });
}

/** `place` completes the sentence "there is no run in …"; `nextStep` says how to list the runs that do exist. */
export function runUnknown(runId: string, place: string, nextStep: string): RepriseError {
  return new RepriseError('run-unknown', `there is no run "${runId}" in ${place}`, { nextStep, fields: { runId } });
}

export function leaseLost(runId: string): RepriseError {
  return new RepriseError('lease-lost', `run "${runId}" now has another owner, or has ended`, {
    nextStep: 'Leave the run to its new owner. Nothing was written after the lease was lost.',
    fields: { runId },
  });
}

/** The store held more entries of a run once than it holds now. */
export function storeWentBack(runId: string, count: number, place: number): RepriseError {
  const message = `the store went back: of run "${runId}" it holds ${count} entries, and had acknowledged ${place}`;
  return new RepriseError('store-went-back', message, {
    nextStep:
      'See whether it was restored from a copy that is older. The run continues from what is there when it is resumed.',
    fields: { runId, count, place },
  });
}

/** The store has forgotten something else of a run than its last entries. */
function wentBack(runId: string, what: string, fields: Readonly<Record<string, number>> = {}): RepriseError {
  return new RepriseError('store-went-back', `the store went back: of run "${runId}" it has forgotten ${what}`, {
    nextStep:
      'See whether it was restored from a copy that is older. The run continues from what is there when it is resumed.',
    fields: { runId, ...fields },
  });
}

/** `token`: that of the take. */
export function takeIsGone(runId: string, token: number): RepriseError {
  return wentBack(runId, 'that it was taken here', { token });
}

export function partsAreGone(runId: string): RepriseError {
  return wentBack(runId, 'values that were written ahead of their entries');
}

export function messagesAreGone(runId: string, count: number, read: number): RepriseError {
  return wentBack(runId, 'messages that were read here', { count, read });
}

export function runEnded(runId: string, status: string): RepriseError {
  return new RepriseError('run-ended', `run "${runId}" has already ended: it is ${status}`, {
    nextStep: `Inspect it with \`npx reprise show ${runId}\`.`,
    fields: { runId, status },
  });
}

export function runOwned(runId: string): RepriseError {
  return new RepriseError('run-owned', `run "${runId}" is in progress in another process`, {
    nextStep: 'Wait for it, or cancel it. If that process has died, its lease expires within half a minute.',
    fields: { runId },
  });
}

export function storeClosed(place: string): RepriseError {
  return new RepriseError('store-closed', `${place} is closed`, { nextStep: 'Open it again.' });
}
