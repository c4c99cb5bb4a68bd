// The answer to a message of JSON-RPC names the message that it answers. A client that counts from elsewhere than in the
// recording would not know it, so the recorded answer gets the number that is asked with now.
import { isPlainObject } from '../../base/value.ts';

export interface AnsweredBody {
  readonly body: string;
  /** The byte lengths in which it arrived. */
  readonly parts: readonly number[];
}

/** The id of a single message, as JSON. Undefined for any other request. */
export function askedId(request: Uint8Array | string | undefined): string | undefined {
  if (request === undefined || request.length === 0) return undefined;
  const text = typeof request === 'string' ? request : Buffer.from(request).toString();
  if (!text.slice(0, beginningLength).includes('"jsonrpc"') && !text.slice(-beginningLength).includes('"jsonrpc"'))
    return undefined;
  const message = parsed(text);
  return message !== undefined && 'method' in message && 'id' in message ? JSON.stringify(message.id) : undefined;
}

/** Clients write the version first or last. */
const beginningLength = 4_000;

/** A body of JSON, or of events that hold it. The parts grow and shrink with what is replaced in them. */
export function answerWithId({ body, parts }: AnsweredBody, id: string): AnsweredBody {
  // One character a byte: parts are counted in bytes.
  const bytes = Buffer.from(body).toString('latin1');
  const written = Buffer.from(id).toString('latin1');
  let answer = '';
  let end = 0;
  const bounds = boundsOf(parts);
  const moved = [...bounds];
  for (const [from, to] of idsIn(bytes)) {
    if (bytes.slice(from, to) === written) continue;
    answer += bytes.slice(end, from) + written;
    end = to;
    const by = written.length - (to - from);
    for (const [index, bound] of bounds.entries())
      if (bound > from) moved[index] = Math.max(moved[index] as number, (moved[index] as number) + to - bound) + by;
  }
  if (end === 0) return { body, parts };
  answer += bytes.slice(end);
  return { body: Buffer.from(answer, 'latin1').toString(), parts: lengthsOf(moved) };
}

/** Where the ids of responses stand. */
function* idsIn(bytes: string): Generator<readonly [number, number], void> {
  if (/^\s*\{/.test(bytes)) {
    yield* idOf(bytes, 0);
    return;
  }
  for (const { index, 0: line, 1: mark = '' } of bytes.matchAll(/^(data: ?)\{.*$/gm))
    yield* idOf(line.slice(mark.length), index + mark.length);
}

function* idOf(text: string, offset: number): Generator<readonly [number, number], void> {
  const message = parsed(text);
  if (message === undefined || !('id' in message) || 'method' in message) return;
  let depth = 0;
  for (const { index, 0: token, 1: id } of text.matchAll(
    /[{[]|[}\]]|"id"\s*:\s*("(?:[^"\\]|\\.)*"|[-\w.+]+)|"(?:[^"\\]|\\.)*"/g,
  )) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (depth === 1 && id !== undefined) {
      const end = offset + index + token.length;
      yield [end - id.length, end];
      return;
    }
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && isPlainObject(value) && 'jsonrpc' in value
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

function boundsOf(parts: readonly number[]): readonly number[] {
  let end = 0;
  return parts.map((length) => {
    end += length;
    return end;
  });
}

function lengthsOf(bounds: readonly number[]): readonly number[] {
  return bounds.map((bound, index) => bound - (bounds[index - 1] ?? 0));
}
