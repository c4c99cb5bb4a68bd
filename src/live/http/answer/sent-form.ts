// A recorded answer in the form in which its client got it: the body in its coding, under headers that fit it.
import type { Pairs } from './answer-record.ts';
import { encodeParts } from '../body/body-encoding.ts';
import type { RecordedAnswer, RecordedHead } from './recorded-answer.ts';

export type Framed = { readonly headers: Pairs; readonly parts: readonly Uint8Array[] };

/** The body as the client got it, in its coding, and the headers that fit it. */
export function asSent(head: RecordedHead, { parts, end }: RecordedAnswer): Framed {
  const { headers, encoding } = head;
  if (head.isPartial)
    return { headers: [...headers, ['connection', 'close'], ['transfer-encoding', 'chunked']], parts };
  const isWhole = end.kind === 'complete';
  if (encoding === '') {
    const length = lengthOf(parts);
    const fits = (given: number): boolean => (isWhole ? given === length || length === 0 : given > length);
    // Credentials in a body are replaced, so it may be longer or shorter than that of the server.
    return {
      headers: withLength(decodedHeaders(head), (given) => (fits(given) ? given : length + Number(!isWhole))),
      parts,
    };
  }
  const again = encodeParts(parts, encoding, isWhole) ?? parts;
  const length = lengthOf(again);
  // A body that broke off was longer than what there is of it.
  return { headers: withLength(headers, (given) => (isWhole ? length : length + given)), parts: again };
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.byteLength, 0);
}

function withLength(headers: Pairs, change: (given: number) => number): Pairs {
  return headers.map(([name, value]) =>
    isNamed(name, 'content-length') ? [name, String(change(Number(value)))] : [name, value],
  );
}

/** A `fetch` that recorded this got the body decoded, under headers that say otherwise. */
function decodedHeaders({ headers, isDecoded }: RecordedHead): Pairs {
  if (!isDecoded) return headers;
  const fitting = headers.filter(
    ([name]) => !['content-encoding', 'content-length', 'transfer-encoding'].includes(name.toLowerCase()),
  );
  return [...fitting, ['transfer-encoding', 'chunked']];
}

export function isInChunks(coding: string | undefined): boolean {
  return coding !== undefined && /\bchunked\s*$/i.test(coding);
}

export function isNamed(name: string, wanted: string): boolean {
  return name.length === wanted.length && name.toLowerCase() === wanted;
}
