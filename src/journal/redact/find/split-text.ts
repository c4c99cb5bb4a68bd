// Secrets that stand in pieces: a model streams a key a few characters at a time, so no piece looks like one. The pieces are
// looked at as one text; the first piece of a secret gets its mark, and the others lose their part of it. No piece vanishes.
import type { Marker } from '../redact-text.ts';
import { redactText } from '../redact-text.ts';

/** One that is longer is not streamed in pieces. */
const joinedLengthMax = 4 * 1024 * 1024;

interface Span {
  readonly start: number;
  readonly end: number;
  readonly mark: string;
}

/** The pieces without the secrets that stand across them. The same list if there are none. */
export function redactSplit(pieces: readonly string[], marker: Marker): readonly string[] {
  if (pieces.length < 2) return pieces;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (length < 8 || length > joinedLengthMax) return pieces;
  if (crossing(pieces, spansIn(pieces.join(''), marker)).length === 0) return pieces;
  let isChanged = false;
  const redacted = streamsIn(pieces, marker).flatMap((stream) => {
    const spans = crossing(stream, spansIn(stream.join(''), marker));
    isChanged ||= spans.length > 0;
    return spans.length === 0 ? stream : withoutSpans(stream, spans);
  });
  return isChanged ? redacted : pieces;
}

/** A piece that begins with a secret of its own is no rest of the one before it. */
function streamsIn(pieces: readonly string[], marker: Marker): readonly (readonly string[])[] {
  const streams: string[][] = [];
  for (const piece of pieces) {
    const isOwn = spansIn(piece, marker).some(({ start }) => start === 0);
    const last = streams.at(-1);
    if (isOwn || last === undefined) streams.push([piece]);
    else last.push(piece);
  }
  return streams;
}

/** Where secrets stand in a text that is not changed. */
function spansIn(text: string, marker: Marker): readonly Span[] {
  const found = new Map<string, string>();
  const finder: Marker = {
    ...(marker.detect === undefined ? {} : { detect: marker.detect }),
    mark(kind, secret) {
      const mark = marker.mark(kind, secret);
      if (mark !== secret) found.set(secret, mark);
      return mark;
    },
    finish: (given) => given,
  };
  const redacted = redactText(text, finder);
  const spans: Span[] = [];
  for (const [secret, mark] of found)
    for (let start = text.indexOf(secret); start >= 0; start = text.indexOf(secret, start + secret.length))
      spans.push({ start, end: start + secret.length, mark });
  marker.known?.find(text, (start, end, mark) => void spans.push({ start, end, mark }));
  if (spans.length === 0 && redacted !== text) spans.push(changeBetween(text, redacted));
  return apart(spans.sort((left, right) => left.start - right.start || right.end - left.end));
}

/** For a secret that stands encoded: the stretch that is encoded again. */
function changeBetween(text: string, redacted: string): Span {
  const shorter = Math.min(text.length, redacted.length);
  let start = 0;
  while (start < shorter && text[start] === redacted[start]) start += 1;
  let rest = 0;
  while (rest < shorter - start && text.at(-1 - rest) === redacted.at(-1 - rest)) rest += 1;
  return { start, end: text.length - rest, mark: redacted.slice(start, redacted.length - rest) };
}

/** Without those that begin inside another. */
function apart(spans: readonly Span[]): readonly Span[] {
  let ended = 0;
  return spans.filter(({ start, end }) => {
    if (start < ended) return false;
    ended = end;
    return true;
  });
}

/** Those that do not stand in one piece: the others are found there. */
function crossing(pieces: readonly string[], spans: readonly Span[]): readonly Span[] {
  const found: Span[] = [];
  let piece = 0;
  let end = pieces[0]?.length ?? 0;
  for (const span of spans) {
    while (span.start >= end && piece < pieces.length - 1) {
      piece += 1;
      end += pieces[piece]?.length ?? 0;
    }
    if (span.end > end) found.push(span);
  }
  return found;
}

function withoutSpans(pieces: readonly string[], spans: readonly Span[]): readonly string[] {
  let next = 0;
  let offset = 0;
  return pieces.map((piece) => {
    const start = offset;
    const end = start + piece.length;
    offset = end;
    let changed = '';
    let copied = start;
    while (next < spans.length) {
      const span = spans[next] as Span;
      if (span.start >= end) break;
      changed += piece.slice(copied - start, Math.max(span.start, copied) - start);
      if (span.start >= start) changed += span.mark;
      copied = Math.min(span.end, end);
      if (span.end > end) break;
      next += 1;
    }
    return changed + piece.slice(copied - start);
  });
}
