// What an update performed for real and came out badly: a provider that is down, a key that is missing, a limit of calls. None of
// that is what anybody expects of the code.
import { errorParts } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { sameValue } from '../base/equal.ts';
import { describeEffect } from '../diff/compare/compare-effects.ts';
import type { RunEnd } from '../journal/entry.ts';
import { errorIdentity } from '../journal/error/error-identity.ts';
import { isRecordValue } from '../journal/record-value.ts';
import type { Performed } from './merged-step.ts';

/** How the run ended, when it was recorded and now; undefined if it was not over. */
export interface Ends {
  readonly recorded: RunEnd | undefined;
  readonly replayed: RunEnd | undefined;
}

/** How an effect failed, or that it was answered with an error status; undefined if it was neither. */
export function failureOf({ type, outcome }: Performed): string | undefined {
  if (outcome.kind === 'error') return errorText(outcome.error);
  const { value } = outcome;
  if (type !== 'http' || !isRecordValue(value) || typeof value.status !== 'number') return undefined;
  return value.status >= 400 ? `status ${value.status}` : undefined;
}

/** Of a failed connection, only the cause says why. */
function errorText(error: Value): string {
  if (!(error instanceof Error)) return 'a value that is not an Error';
  const { message, cause } = errorParts(error);
  const code = codeOf(error) ?? codeOf(cause);
  return code === undefined || message.includes(code) ? message : `${message} (${code})`;
}

function codeOf(error: Value): string | undefined {
  const code = error instanceof Error ? errorParts(error).fields.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/**
 * Why a run that fails now must not be written: it did not fail when it was recorded, or it did for another reason than what
 * failed now. `performed`: what was performed for real.
 */
export function liveFailure({ recorded, replayed }: Ends, performed: readonly Performed[]): string | undefined {
  const asked = performed.filter(({ type }) => type === 'call' || type === 'http');
  const [first] = asked;
  if (replayed?.status !== 'failed' || first === undefined) return undefined;
  const failed = asked.find((effect) => failureOf(effect) !== undefined);
  const hasFailedBefore = recorded?.status === 'failed';
  if (hasFailedBefore && (failed === undefined || isSameFailure(recorded.error, replayed.error))) return undefined;
  if (failed !== undefined) return `${describeEffect(failed)}: ${failureOf(failed)}`;
  return `${errorText(replayed.error)}, after ${describeEffect(first)} was performed`;
}

/**
 * The same where nothing was performed, but a credential was asked for: without one, what the code asks next is not even tried.
 * Whether that failed is not kept, so this is the reason only where the new file would not replay.
 */
export function credentialFailure(
  { recorded, replayed }: Ends,
  asked: { readonly endpoint: string; readonly host: string } | undefined,
): string | undefined {
  if (replayed?.status !== 'failed' || asked === undefined) return undefined;
  if (recorded?.status === 'failed' && isSameFailure(recorded.error, replayed.error)) return undefined;
  return `${errorText(replayed.error)}, after ${asked.host} was asked for a credential (\`outside\`: ${asked.endpoint})`;
}

function isSameFailure(recorded: Value, replayed: Value): boolean {
  return sameValue(errorIdentity(recorded), errorIdentity(replayed));
}
