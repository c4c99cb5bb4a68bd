// A recorded answer in the form in which its client got it: the body in its coding, under headers that fit it.
import type { Pairs } from './answer-record.ts';
import { encodeParts } from './body-encoding.ts';
import type { RecordedAnswer, RecordedHead } from './recorded-answer.ts';

export type Framed = { readonly headers: Pairs; readonly parts: readonly Uint8Array[] };

/** The body as the client got it, in its coding, and the headers that fit it. */
export function asSent(head: RecordedHead, { parts, end }: RecordedAnswer): Framed {
  const { headers, encoding } = head;
  if (head.isPartial)
    return { headers: [...headers, ['connection', 'close'], ['transfer-encoding', 'chunked']], parts };
  if (encoding === '') return { headers: decodedHeaders(head), parts };
  const isWhole = end.kind === 'complete';
  const again = encodeParts(parts, encoding, isWhole) ?? parts;
  const length = again.reduce((sum, part) => sum + part.byteLength, 0);
  const named = headers.map(([name, value]): readonly [string, string] =>
    // A body that broke off was longer than what there is of it.
    isNamed(name, 'content-length') ? [name, String(isWhole ? length : length + Number(value))] : [name, value],
  );
  return { headers: named, parts: again };
}

/** A `fetch` that recorded this got the body decoded, under headers that say otherwise. */
function decodedHeaders({ headers, isDecoded }: RecordedHead): Pairs {
  if (!isDecoded) return headers;
  const fitting = headers.filter(
    ([name]) => !['content-encoding', 'content-length', 'transfer-encoding'].includes(name.toLowerCase()),
  );
  return [...fitting, ['transfer-encoding', 'chunked']];
}

export function isNamed(name: string, wanted: string): boolean {
  return name.length === wanted.length && name.toLowerCase() === wanted;
}
