import type { Value } from '../base/value.ts';

/** A failure, short: what is in a file need not be an error. */
export function failureText(error: Value): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : 'something that is no error';
}
