// The recorded answer to a message of JSON-RPC, with the number that its client gives the message now.
import { answerWithId, askedId } from '../../../journal/http/json-rpc-answer.ts';
import type { RecordedAnswer, RecordedHead } from './recorded-answer.ts';

export function withAskedId(answer: RecordedAnswer, asked: Uint8Array | string | undefined): RecordedAnswer {
  const { head, parts } = answer;
  if (head === undefined || parts.length === 0) return answer;
  const id = askedId(asked);
  if (id === undefined) return answer;
  const recorded = Buffer.concat(parts);
  const given = answerWithId({ body: recorded.toString(), parts: parts.map(({ byteLength }) => byteLength) }, id);
  const bytes = Buffer.from(given.body);
  if (bytes.equals(recorded)) return answer;
  let end = 0;
  const moved = given.parts.map((length) => {
    end += length;
    // A stream takes the memory of what it is given.
    return new Uint8Array(bytes.subarray(end - length, end));
  });
  return { ...answer, head: withLength(head, bytes.byteLength), parts: moved };
}

function withLength(head: RecordedHead, byteLength: number): RecordedHead {
  const headers = head.headers.map(([name, value]): readonly [string, string] => [
    name,
    name.toLowerCase() === 'content-length' ? `${byteLength}` : value,
  ]);
  return { ...head, headers };
}
