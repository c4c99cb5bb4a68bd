// Calls the user's pure functions during a merge. They get frozen canonical values, and what they return becomes a
// canonical value.
import { messageOf, RepriseError } from '../../base/error.ts';
import type { Value } from '../../base/value.ts';
import { canonicalValue } from '../../base/value.ts';

export interface MergeCall {
  /** What is called: `the reducer of field "total"`. */
  readonly what: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** @throws RepriseError `reducer-failed` if the function throws, or returns something that a journal cannot hold. */
export function callReducer({ what, fields }: MergeCall, reduce: () => unknown): Value {
  let given: unknown;
  try {
    given = reduce();
  } catch (cause) {
    throw failed(`${what} threw an error: ${messageOf(cause)}`, fields, cause);
  }
  if (typeof (given as { then?: unknown } | undefined | null)?.then === 'function') {
    // Nobody awaits it: without this its rejection would end the process.
    Promise.resolve(given).catch(() => undefined);
    throw failed(`${what} gave back a promise, but a merge waits for nobody`, fields);
  }
  try {
    return canonicalValue(given, `what ${what} gave back`);
  } catch (cause) {
    throw failed(messageOf(cause), fields, cause);
  }
}

function failed(message: string, fields: Readonly<Record<string, unknown>>, cause?: unknown): RepriseError {
  return new RepriseError('reducer-failed', message, {
    nextStep: 'A reducer is a pure function: it gets frozen values and returns plain data.',
    fields,
    ...(cause === undefined ? {} : { cause }),
  });
}
