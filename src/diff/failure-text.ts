import type { Value } from '../base/value.ts';

/** A short text for a failure. A value from a file need not be an error. */
export function failureText(error: Value): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : 'a value that is not an Error';
}
