// What every store says of runs and leases, in the same words.
import { RepriseError } from '../base/error.ts';

export function runExists(runId: string): RepriseError {
  return new RepriseError('run-exists', `there is a run "${runId}" already`, {
    nextStep: "Choose another runId, or pass onExisting: 'attach' to get its result.",
    fields: { runId },
  });
}

/** `place`: what the run is not in, as the end of a sentence; `nextStep`: how to find the runs that are there. */
export function runUnknown(runId: string, place: string, nextStep: string): RepriseError {
  return new RepriseError('run-unknown', `there is no run "${runId}" in ${place}`, { nextStep, fields: { runId } });
}

export function leaseLost(runId: string): RepriseError {
  return new RepriseError('lease-lost', `run "${runId}" has another owner now, or has ended`, {
    nextStep: 'Leave the run to its owner: this one has written nothing since.',
    fields: { runId },
  });
}

export function runEnded(runId: string, status: string): RepriseError {
  return new RepriseError('run-ended', `run "${runId}" is ${status}: there is nothing to go on with`, {
    nextStep: `See it with \`reprise show ${runId}\`.`,
    fields: { runId, status },
  });
}

export function runOwned(runId: string): RepriseError {
  return new RepriseError('run-owned', `run "${runId}" is being driven by another process`, {
    nextStep: 'Wait for it, or cancel it. If that process has died, the run is free half a minute later.',
    fields: { runId },
  });
}

export function storeClosed(place: string): RepriseError {
  return new RepriseError('store-closed', `${place} is closed`, { nextStep: 'Open it again.' });
}
