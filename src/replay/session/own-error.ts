// What only a replay comes to, because its recording holds no more: live, the same code might have gone another way.
import type { Value } from '../../base/value.ts';
import type { Entry } from '../../journal/entry.ts';

export function hasOwnError(entry: Entry): boolean {
  const error = errorOf(entry);
  return error !== undefined && isOwn(error);
}

function errorOf(entry: Entry): Value | undefined {
  if (entry.kind === 'outcome') return entry.result.status === 'failed' ? entry.result.error : undefined;
  if (entry.kind === 'effect') return entry.outcome.kind === 'error' ? entry.outcome.error : undefined;
  return entry.kind === 'end' && entry.end.status === 'failed' ? entry.end.error : undefined;
}

const ownCodes: ReadonlySet<unknown> = new Set(['effect-missing', 'effect-refused', 'replay-stalled']);

/** Errors that were thrown because of it count too. */
function isOwn(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name, code, cause, errors } = error as { name: string; code?: unknown; cause?: unknown; errors?: unknown };
  if (name === 'RepriseError' && ownCodes.has(code)) return true;
  return isOwn(cause) || (Array.isArray(errors) && errors.some(isOwn));
}
