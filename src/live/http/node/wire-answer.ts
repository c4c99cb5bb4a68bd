// A recorded answer in HTTP/1.1, as its server would send it: node:http then reads it as it would read the original.
import type { InterimAnswer } from '../../../journal/answer-facts.ts';
import { hasBody } from '../answer/recorded-answer.ts';
import type { RecordedAnswer } from '../answer/recorded-answer.ts';
import type { Pairs } from '../answer/answer-record.ts';
import { asSent, isInChunks, isNamed } from '../answer/sent-form.ts';

/** Bytes that arrive together, the last of them, how the connection ends, or that nothing more comes of it. */
export type WirePart =
  | Uint8Array
  /** An answer before the answer: the client may wait for it before it writes the rest of its request. */
  | { readonly interim: Uint8Array }
  | { readonly last: Uint8Array }
  /** The client is told that nothing comes. */
  | 'idle'
  | 'end'
  | 'early end'
  | 'silence'
  | { readonly error: Error };

export function wireAnswer(answer: RecordedAnswer, method: string): readonly WirePart[] {
  const { head, end } = answer;
  if (head === undefined) return [endOf(answer)];
  const idle = Array.from({ length: answer.idleCount ?? 0 }, (): WirePart => 'idle');
  const interim = [...idle, ...head.interim.map((early): WirePart => ({ interim: headBytes(early) }))];
  if (!hasBody(method, head.status)) return [...interim, headBytes(head), endOf(answer)];
  const { headers, parts } = asSent(head, answer);
  const framing = framingOf(headers);
  if (framing === 'chunked') {
    const chunks = parts.map(chunk);
    const last = lastChunk(end.kind === 'complete' ? end.trailers : []);
    const part = answer.endsWithPart === true ? chunks.pop() : undefined;
    const ending: readonly WirePart[] =
      part !== undefined ? [Buffer.concat([part, last])] : end.kind === 'complete' ? [{ last }] : [];
    return [...interim, headBytes({ ...head, headers }), ...chunks, ...ending, endOf(answer)];
  }
  return [...interim, headBytes({ ...head, headers }), ...parts, endOf(answer)];
}

function endOf({ end }: RecordedAnswer): WirePart {
  if (end.kind === 'silent') return 'silence';
  if (end.kind === 'complete') return 'end';
  return end.error === undefined ? 'early end' : { error: end.error };
}

function framingOf(headers: Pairs): 'chunked' | 'plain' {
  const isChunked = headers.some(([name, value]) => isNamed(name, 'transfer-encoding') && isInChunks(value));
  return isChunked ? 'chunked' : 'plain';
}

function headBytes({ status, statusText, headers }: InterimAnswer): Uint8Array {
  const lines = [`HTTP/1.1 ${status} ${statusText}`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function chunk(part: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${part.byteLength.toString(16)}\r\n`), part, Buffer.from('\r\n')]);
}

function lastChunk(trailers: Pairs): Uint8Array {
  return Buffer.from(`0\r\n${trailers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`, 'latin1');
}
