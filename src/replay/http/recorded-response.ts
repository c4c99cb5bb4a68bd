// A recorded HTTP answer as a Response: status, headers, and the body in the parts in which it once arrived.
import { RepriseError } from '../../base/error.ts';
import type { Value } from '../../base/value.ts';

interface RecordedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  readonly ended: 'complete' | 'cancelled' | 'broken';
  readonly error?: Error;
}

const statusesWithoutBody = new Set([101, 103, 204, 205, 304]);

/** @throws RepriseError `fixture-damaged` for a value that no recorder writes */
export function recordedResponse(value: Value, parts: readonly number[] | undefined): Response {
  const answer = readAnswer(value);
  const bytes = typeof answer.body === 'string' ? new TextEncoder().encode(answer.body) : answer.body;
  const body = statusesWithoutBody.has(answer.status) ? null : bodyStream(bytes, partsOf(bytes, parts), answer);
  return new Response(body, { status: answer.status, headers: { ...answer.headers } });
}

/** The parts are a hint: where they do not add up to the body (it was redacted, say) the body comes in one. */
function partsOf(bytes: Uint8Array, parts: readonly number[] | undefined): readonly number[] {
  const total = parts?.reduce((sum, part) => sum + part, 0);
  if (parts === undefined || total !== bytes.byteLength) return bytes.byteLength === 0 ? [] : [bytes.byteLength];
  return parts.filter((part) => part > 0);
}

function bodyStream(bytes: Uint8Array, parts: readonly number[], answer: RecordedAnswer): ReadableStream<Uint8Array> {
  let offset = 0;
  let next = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const part = parts[next];
        if (part !== undefined) {
          controller.enqueue(new Uint8Array(bytes.subarray(offset, offset + part)));
          offset += part;
          next += 1;
        } else if (answer.ended === 'complete') controller.close();
        else controller.error(answer.ended === 'broken' ? thrownError(answer.error) : readFurtherError());
      },
    },
    { highWaterMark: 0 },
  );
}

function readFurtherError(): RepriseError {
  return new RepriseError('effect-missing', 'the node reads on where the recorded one stopped reading: the rest of the body was not recorded', {
    nextStep: 'Record the run again with the new code.',
  });
}

/** A recorded error is frozen; clients set fields on what they catch, so they get one of their own. */
export function thrownError(recorded: Error | undefined): Error {
  if (recorded === undefined) return new TypeError('terminated');
  const cause = recorded.cause instanceof Error ? thrownError(recorded.cause) : recorded.cause;
  const Kind = recorded.name === 'TypeError' ? TypeError : Error;
  const error = new Kind(recorded.message, cause === undefined ? undefined : { cause });
  if (recorded.name !== error.name) Object.defineProperty(error, 'name', { value: recorded.name, configurable: true, writable: true });
  for (const key of Object.keys(recorded)) {
    if (key !== 'name') Object.defineProperty(error, key, { value: (recorded as unknown as Record<string, unknown>)[key], enumerable: true, configurable: true, writable: true });
  }
  return error;
}

function readAnswer(value: Value): RecordedAnswer {
  const given = (typeof value === 'object' && value !== null ? value : {}) as { readonly [key: string]: Value };
  const { status, headers, body, ended, error } = given;
  const hasBody = typeof body === 'string' || body instanceof Uint8Array;
  const hasStatus = typeof status === 'number' && Number.isInteger(status) && status >= 200 && status <= 599;
  const hasEnded = ended === 'complete' || ended === 'cancelled' || ended === 'broken';
  const hasHeaders = typeof headers === 'object' && headers !== null && Object.values(headers).every((item) => typeof item === 'string');
  if (!hasBody || !hasStatus || !hasEnded || !hasHeaders) {
    throw new RepriseError('fixture-damaged', 'a recorded HTTP answer lacks its status, headers or body', { nextStep: 'Record the run again.' });
  }
  return { status, headers: headers as unknown as Readonly<Record<string, string>>, body, ended, ...(error instanceof Error ? { error } : {}) };
}
