import { errorParts } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { firstUserFrame } from '../../journal/error/stacks.ts';

/** A short text for a failure, as Node prints one, and where it came from. */
export function failureText(error: Value): string {
  const frame = error instanceof Error ? firstUserFrame(error) : undefined;
  return `${errorText(error)}${frame === undefined ? '' : `, ${frame}`}`;
}

/** The text alone. A value from a file need not be an error. */
export function errorText(error: Value): string {
  if (!(error instanceof Error)) return 'a value that is not an Error';
  const { name, message, fields } = errorParts(error);
  const { code } = fields;
  const isCoded = typeof code === 'string' || typeof code === 'number';
  return `${name}${isCoded ? ` [${code}]` : ''}: ${message}`;
}
