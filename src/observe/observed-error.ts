// An error as logs and traces show it: its name and its message, with credentials redacted. Everything else it holds
// stays in the journal.
import { errorParts } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { isRecordValue } from '../journal/record-value.ts';
import { redactRequest } from '../journal/redact/redact.ts';

export interface ObservedError {
  readonly type: string;
  readonly message: string;
  /** The stable code of one of Reprise's own errors. */
  readonly code?: string;
  /** The message of its cause. */
  readonly cause?: string;
}

const messageLengthMax = 1_000;

export function observedError(error: Value): ObservedError {
  if (!(error instanceof Error)) return { type: typeof error, message: shown(error) };
  const { name, message, fields, cause } = errorParts(error);
  return {
    type: name,
    message: shown(message),
    ...(typeof fields.code === 'string' ? { code: fields.code } : {}),
    ...(cause === undefined ? {} : { cause: cause instanceof Error ? shown(cause.message) : shown(cause) }),
  };
}

function shown(value: Value): string {
  const redacted = redactRequest(value);
  if (typeof redacted === 'string') return short(redacted);
  return isRecordValue(redacted) && typeof redacted.message === 'string' ? short(redacted.message) : String(redacted);
}

function short(text: string): string {
  return text.length <= messageLengthMax ? text : `${text.slice(0, messageLengthMax)}…`;
}
