// An answer read back from the journal: what a resumed run or a replay gets instead of asking again.
import { RepriseError } from '../../base/error.ts';
import type { Value } from '../../base/value.ts';
import type { BodyPace } from '../../port/attempt.ts';

export interface RecordedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, in the parts in which it originally arrived. */
  readonly parts: readonly Uint8Array[];
  /** When each part may be given, and the end. */
  readonly pace?: BodyPace;
  /** What follows the last part. `open`: nothing that was recorded. */
  readonly end: { readonly kind: 'complete' | 'open' } | { readonly kind: 'error'; readonly error: Error };
}

/** An exchange that had no answer yet when its attempt had ended, as it is recorded. */
export const unanswered: Value = Object.freeze({ ended: 'open' });

export function isUnanswered(value: Value): boolean {
  return (
    typeof value === 'object' && value !== null && 'ended' in value && !('status' in value) && value.ended === 'open'
  );
}

/** A recorded answer without its body, which is not canonical where it arrived after its attempt had ended. */
export function headOf(value: Value): Value {
  return { ...(value as { readonly [key: string]: Value }), body: '' };
}

export const statusesWithoutBody: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);

/** @throws RepriseError `store-unreadable` for a value that is not a recorded answer */
export function readRecordedAnswer(value: Value, lengths: readonly number[] | undefined): RecordedAnswer {
  const given = (typeof value === 'object' && value !== null ? value : {}) as { readonly [key: string]: Value };
  const { status, headers, body, ended, error } = given;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  if (typeof status !== 'number' || !(bytes instanceof Uint8Array) || typeof headers !== 'object' || headers === null) {
    throw new RepriseError('store-unreadable', 'a recorded HTTP answer has no status, headers or body', {
      nextStep: 'Start a new run: the journal of this one is damaged.',
    });
  }
  return {
    status,
    headers: headers as unknown as Readonly<Record<string, string>>,
    parts: splitParts(bytes, lengths),
    end:
      ended === 'complete' || ended === 'open'
        ? { kind: ended }
        : { kind: 'error', error: ended === 'broken' ? thrownError(error) : readFurtherError() },
  };
}

/** The lengths are only observed: if they do not add up to the body, it comes in one part. */
function splitParts(bytes: Uint8Array, lengths: readonly number[] | undefined): readonly Uint8Array[] {
  const total = lengths?.reduce((sum, length) => sum + length, 0);
  const used = lengths !== undefined && total === bytes.byteLength ? lengths : [bytes.byteLength];
  let offset = 0;
  const parts: Uint8Array[] = [];
  for (const length of used) {
    // Each part is a copy: the node may keep, change or transfer it.
    if (length > 0) parts.push(new Uint8Array(bytes.subarray(offset, offset + length)));
    offset += length;
  }
  return parts;
}

function readFurtherError(): RepriseError {
  return new RepriseError(
    'resume-diverged',
    'the node reads further than it did before: the rest of the answer was not recorded',
    { nextStep: 'Resume with the code that started the run.' },
  );
}

/** A recorded error as it was thrown: not frozen, because clients set fields on the errors they catch. */
export function thrownError(recorded: Value): Error {
  if (!(recorded instanceof Error)) return new TypeError('terminated');
  const cause = recorded.cause instanceof Error ? thrownError(recorded.cause) : recorded.cause;
  const options = cause === undefined ? undefined : { cause };
  const error =
    recorded.name === 'TypeError' ? new TypeError(recorded.message, options) : new Error(recorded.message, options);
  for (const key of Object.keys(recorded)) {
    const value = (recorded as unknown as Readonly<Record<string, unknown>>)[key];
    Object.defineProperty(error, key, { value, enumerable: true, configurable: true, writable: true });
  }
  if (error.name !== recorded.name) {
    Object.defineProperty(error, 'name', { value: recorded.name, configurable: true, writable: true });
  }
  return error;
}
