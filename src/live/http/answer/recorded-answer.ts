// An answer read back from the journal: what a resumed run or a replay gets instead of asking again.
import { STATUS_CODES } from 'node:http';
import { RepriseError } from '../../../base/error.ts';
import type { Value } from '../../../base/value.ts';
import type { InterimAnswer } from '../../../journal/answer-facts.ts';
import type { EffectOutcome, OutcomeFacts } from '../../../journal/entry.ts';
import type { AnswerPace } from '../body/answer-pace.ts';
import type { Pairs } from './answer-record.ts';
import { thrownError } from './recorded-error.ts';

export interface RecordedHead {
  readonly status: number;
  readonly statusText: string;
  /** All that were recorded, as they arrived. */
  readonly headers: Pairs;
  readonly interim: readonly InterimAnswer[];
  /** Only the compared headers are known: nothing else was kept. */
  readonly isPartial: boolean;
  /** The address that answered, relative to the one that was asked. */
  readonly url: string | undefined;
  readonly redirected: boolean;
  readonly type: string;
  /** The coding in which the client got the body, whose parts are decoded here; '' if it got them like this. */
  readonly encoding: string;
  /** The client got the body decoded, although the headers name a coding. */
  readonly isDecoded: boolean;
}

export interface RecordedAnswer {
  /** `undefined` if no answer came. */
  readonly head: RecordedHead | undefined;
  /** It came, or failed, over a connection that an agent had kept. Clients decide by it whether to ask again. */
  readonly isReused?: boolean;
  /** How often its client is told before that the connection is idle. */
  readonly idleCount?: number;
  /** The body, in the parts in which it originally arrived. */
  readonly parts: readonly Uint8Array[];
  /** In chunks, whose last part comes together with the end. */
  readonly endsWithPart?: boolean;
  /** Which parts, and whether the end, came apart from what was before: first and count of each run. */
  readonly apart?: readonly (readonly [number, number])[];
  /** When each part may be given, and the end. */
  readonly pace?: AnswerPace;
  /** What follows the last part. */
  readonly end:
    | { readonly kind: 'complete'; readonly trailers: Pairs }
    /** Without an error, the connection ended too early. */
    | { readonly kind: 'broken'; readonly error: Error | undefined }
    /** The client had stopped waiting, or its node had returned: nothing more was recorded. */
    | { readonly kind: 'silent' };
}

/** An exchange that had no answer yet when its attempt had ended, as it is recorded. */
export const unanswered: Value = Object.freeze({ ended: 'open' });

/** A recorded answer without its body, which is not canonical where it arrived after its attempt had ended. */
export function headOf(value: Value): Value {
  return { ...(value as { readonly [key: string]: Value }), body: '' };
}

export const silence: RecordedAnswer = Object.freeze({ head: undefined, parts: [], end: { kind: 'silent' } as const });

/** Its connection ended before an answer began. */
const lost: RecordedAnswer = Object.freeze({
  head: undefined,
  parts: [],
  end: { kind: 'broken', error: undefined } as const,
});

const bodilessStatuses: ReadonlySet<number> = new Set([101, 204, 205, 304]);

/** Whether there is a body, even an empty one, in the answer to a request with this method. */
export function hasBody(method: string, status: number): boolean {
  return method !== 'HEAD' && !bodilessStatuses.has(status);
}

/** @throws RepriseError `store-unreadable` for a value that is not a recorded answer */
export function readRecordedAnswer(outcome: EffectOutcome, facts: OutcomeFacts | undefined): RecordedAnswer {
  if (outcome.kind === 'error') {
    const end = { kind: 'broken', error: thrownError(outcome.error) } as const;
    return { head: undefined, parts: [], end, ...(facts?.answer?.reused === true ? { isReused: true } : {}) };
  }
  const { status, headers, body, ended, error } = fieldsOf(outcome.value);
  if (status === undefined && (ended === 'cancelled' || ended === 'open')) return silence;
  if (status === undefined && ended === 'broken') return lost;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  if (typeof status !== 'number' || !(bytes instanceof Uint8Array) || typeof headers !== 'object' || headers === null) {
    throw new RepriseError('store-unreadable', 'a recorded HTTP answer has no status, headers or body', {
      nextStep: 'Start a new run: the journal of this one is damaged.',
    });
  }
  const head = recordedHead(status, headers as unknown as Readonly<Record<string, string>>, facts);
  return {
    head,
    parts: splitParts(bytes, facts?.parts, head.encoding !== ''),
    end: recordedEnd(ended, error, facts?.answer?.trailers ?? []),
    idleCount: Math.min(facts?.answer?.idle ?? 0, idleCountMax),
    ...(facts?.answer?.reused === true ? { isReused: true } : {}),
    ...(facts?.answer?.endsWithPart === true ? { endsWithPart: true } : {}),
    ...(facts?.answer?.apart === undefined ? {} : { apart: facts.answer.apart }),
  };
}

/** A journal may say anything. */
const idleCountMax = 1000;

function fieldsOf(value: Value): { readonly [key: string]: Value } {
  return (typeof value === 'object' && value !== null ? value : {}) as { readonly [key: string]: Value };
}

function recordedHead(
  status: number,
  compared: Readonly<Record<string, string>>,
  facts: OutcomeFacts | undefined,
): RecordedHead {
  const { answer } = facts ?? {};
  const namesCoding = answer?.headers.some(([name]) => name.toLowerCase() === 'content-encoding') === true;
  return {
    status,
    statusText: answer === undefined ? (STATUS_CODES[status] ?? '') : (answer.statusText ?? ''),
    headers: answer?.headers ?? Object.entries(compared),
    interim: answer?.interim ?? [],
    isPartial: answer === undefined,
    url: answer?.url,
    redirected: answer?.redirected === true,
    type: answer?.type ?? 'basic',
    encoding: answer?.encoding ?? '',
    isDecoded: namesCoding && answer?.encoding === undefined && compared['content-encoding'] === undefined,
  };
}

function recordedEnd(ended: Value, error: Value, trailers: Pairs): RecordedAnswer['end'] {
  if (ended === 'complete') return { kind: 'complete', trailers };
  if (ended === 'cancelled' || ended === 'open') return { kind: 'silent' };
  return { kind: 'broken', error: error === undefined || isEarlyEnd(error) ? undefined : thrownError(error) };
}

/** How node:http reports a connection that ended too early: version 1 recorded the report. */
function isEarlyEnd(error: Value): boolean {
  return (
    error instanceof Error &&
    error.message === 'aborted' &&
    (error as { readonly code?: unknown }).code === 'ECONNRESET'
  );
}

/** The lengths are only observed: if they do not add up to the body, it comes in one part. */
function splitParts(
  bytes: Uint8Array,
  lengths: readonly number[] | undefined,
  keepsEmpty: boolean,
): readonly Uint8Array[] {
  const total = lengths?.reduce((sum, length) => sum + length, 0);
  const used = lengths !== undefined && total === bytes.byteLength ? lengths : [bytes.byteLength];
  let offset = 0;
  const parts: Uint8Array[] = [];
  for (const length of used) {
    // Each part is a copy: the node may keep, change or transfer it.
    if (length > 0 || keepsEmpty) parts.push(new Uint8Array(bytes.subarray(offset, offset + length)));
    offset += length;
  }
  return parts;
}
