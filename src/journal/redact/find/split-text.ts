// Secrets that stand in pieces: a model streams a key a few characters at a time, so no piece looks like one. The pieces are
// looked at as one text, and the mark of a secret is spread over the pieces that held it. Code often passes on only pieces that
// are not empty, so one that held something holds some of the mark, if that is long enough. Together they are what the whole
// text would be, and by itself none looks like a secret or like another mark. A mark that cannot be cut so stands in the first.
// So are the texts of server-sent events and of JSON lines, wherever a stream of them stands, whole or in pieces itself.
import type { Marker } from '../redact-text.ts';
import { hasShape } from '../credential-shape.ts';
import { isMark, marksInText, withoutNumbers } from '../mark.ts';
import { redactDetected, redactText } from '../redact-text.ts';
import { jsonDocuments, leafText } from './json-leaves.ts';
import type { JsonLeaf } from './json-leaves.ts';
import { isDetected } from './detector.ts';

/** One that is longer is not streamed in pieces. */
const joinedLengthMax = 4 * 1024 * 1024;

interface Span {
  readonly start: number;
  readonly end: number;
  readonly mark: string;
  /** It is no mark alone, or what stands around it belongs to it. */
  readonly isWhole?: boolean;
}

/** How a text is looked at. */
type Look = (text: string, marker: Marker) => string;

/** The pieces without the secrets that stand across them. The same list if there are none. */
export function redactSplit(pieces: readonly string[], marker: Marker, look: Look = redactText): readonly string[] {
  if (pieces.length < 2) return pieces;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (length < 8 || length > joinedLengthMax) return pieces;
  // A piece may begin with a secret that a whole one holds, and is the rest of that one all the same.
  const given = withoutKnown(pieces, marker);
  const spans = spansOfEvents(given.join(''), marker);
  return redactCrossing(spans.length === 0 ? given : withoutSpans(given, spans), marker, look);
}

/**
 * The texts of a list without the secrets that stand across them. Unless they look like one text in pieces, only what a user
 * named and what was found elsewhere is looked for: the joint of two texts that have nothing to do with each other may have the
 * look of a credential in one redaction and not in the next.
 */
export function redactList(texts: readonly string[], marker: Marker): readonly string[] {
  if (texts.length < 2) return texts;
  const joined = texts.join('');
  if (hasShape(joined) || isStream(joined)) return redactSplit(texts, marker);
  const isNothingNamed = marker.detect === undefined && marker.known?.isEmpty !== false;
  return isNothingNamed ? texts : redactSplit(texts, marker, redactFound);
}

/** Without what a user's rules find, or what was found elsewhere. */
function redactFound(text: string, marker: Marker): string {
  return marker.finish(redactDetected(text, marker));
}

function withoutKnown(pieces: readonly string[], marker: Marker): readonly string[] {
  const known = marker.wholes;
  if (known === undefined || known.isEmpty) return pieces;
  const spans: Span[] = [];
  known.find(pieces.join(''), (start, end, mark) => void spans.push({ start, end, mark }));
  const across = crossing(pieces, spans);
  return across.length === 0 ? pieces : withoutSpans(pieces, spread(pieces, across, marker));
}

/** The texts that stand in pieces in a stream of events, as those who put them together read them. */
export function textsInEvents(text: string): readonly string[] {
  if (!isStream(text)) return [];
  const leaves = jsonDocuments(text).flatMap((document) => document.leaves);
  return grouped(leaves.filter(isTextLeaf), (path) => path.join('/')).map((group) =>
    group.map(({ value }) => value).join(''),
  );
}

/** A text without the secrets that stand across the events in it, if it is a stream of some. The rest stays byte for byte. */
export function redactEvents(text: string, marker: Marker): string {
  const spans = spansOfEvents(text, marker);
  return spans.length === 0 ? text : (withoutSpans([text], spans)[0] as string);
}

const eventLine = /^data:|^[ \t]*[[{].*[\]}]\r?$/m;

/** Whether a text may hold several events, or lines of JSON. */
function isStream(text: string): boolean {
  return text.includes('\n') && eventLine.test(text);
}

/** A list of texts in JSON. */
const textList = /\[\s{0,64}"(?:[^"\\]|\\.){0,4096}"\s{0,64},\s{0,64}"/;

/** What changes in the texts of events, where those at the same path of each are the pieces of one, and in lists of texts. */
function spansOfEvents(text: string, marker: Marker): readonly Span[] {
  const mayHoldList = text.includes('[') && textList.test(text);
  const documents = mayHoldList || isStream(text) ? jsonDocuments(text) : [];
  const across = documents.length < 2 ? [] : documents.flatMap(({ leaves }) => leaves);
  const groups = [
    ...grouped(across.filter(isTextLeaf), (path) => path.join('/')).map((group) => ({ group, redact: redactSplit })),
    ...documents.flatMap(({ leaves }) => listsIn(leaves)).map((group) => ({ group, redact: redactList })),
  ];
  const spans: Span[] = [];
  for (const { group, redact } of groups) {
    const pieces = group.map(({ value }) => value as string);
    const redacted = redact(pieces, marker);
    if (redacted === pieces) continue;
    for (const [index, leaf] of group.entries())
      if (redacted[index] !== leaf.value)
        spans.push({ start: leaf.start, end: leaf.end, mark: leafText(text, leaf, redacted[index] as string) });
  }
  return apart(spans.sort((left, right) => left.start - right.start));
}

function listsIn(leaves: readonly JsonLeaf[]): readonly (readonly JsonLeaf[])[] {
  const items = leaves.filter(({ path }) => /^\d+$/.test(path.at(-1) ?? ''));
  return grouped(items, (path) => path.slice(0, -1).join('/')).filter((group) => group.every(isTextLeaf));
}

function isTextLeaf({ value }: JsonLeaf): boolean {
  return typeof value === 'string';
}

function grouped(
  leaves: readonly JsonLeaf[],
  nameOf: (path: readonly string[]) => string,
): readonly (readonly JsonLeaf[])[] {
  const groups = new Map<string, JsonLeaf[]>();
  for (const leaf of leaves) {
    const name = nameOf(leaf.path);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [leaf]);
    else group.push(leaf);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

function redactCrossing(pieces: readonly string[], marker: Marker, look: Look): readonly string[] {
  // What is found across texts that do not belong together must not become known. In a request nothing does, and marks of a
  // run are found there as what they stand for.
  const looking = marker.keepsParts === true ? withoutLearning(marker) : marker;
  if (spansIn(pieces, looking, look).length === 0) return pieces;
  const redacted = streamsIn(pieces, marker, look).flatMap((stream) => {
    const spans = stream.length < 2 ? [] : crossing(stream, spansIn(stream, marker, look));
    return spans.length === 0 ? stream : withoutSpans(stream, spread(stream, spans, marker));
  });
  return redacted.some((piece, index) => piece !== pieces[index]) ? redacted : pieces;
}

function withoutLearning({ detect, known, keepsParts }: Marker): Marker {
  return {
    detect,
    known,
    keepsParts,
    mark: (kind, found) => (isMark(found) ? found : `[redacted:${kind}]`),
    finish: (text) => text,
  };
}

/** A piece that begins with a mark, or with a secret of its own, is no rest of the one before it. */
function streamsIn(pieces: readonly string[], marker: Marker, look: Look): readonly (readonly string[])[] {
  const streams: string[][] = [];
  let isOver = true;
  for (const piece of pieces) {
    const isOwn =
      isMark(piece) ||
      piece.search(marksInText) === 0 ||
      spansIn([piece], marker, look, 'as they are').some(({ start }) => start === 0);
    const last = streams.at(-1);
    if (isOver || isOwn || last === undefined) streams.push([piece]);
    else last.push(piece);
    isOver = isComplete(piece, marker);
  }
  return streams;
}

const markAtEnd = new RegExp(`(?:${marksInText.source})$`);

/** Nothing that begins in it continues: it ends with a mark, or is an address and nothing else, as an item of a list is. */
function isComplete(piece: string, { detect }: Marker): boolean {
  if (isMark(piece) || markAtEnd.test(piece)) return true;
  return detect?.detectors.includes('email') === true && isDetected(piece, 'email');
}

/** Where secrets stand in the text of the pieces, which is not changed. As they are: also where their marks stand. */
function spansIn(
  pieces: readonly string[],
  marker: Marker,
  look: Look,
  how: 'encoded too' | 'as they are' = 'encoded too',
): readonly Span[] {
  const text = pieces.join('');
  const found = new Map<string, string>();
  const finder: Marker = {
    ...(marker.detect === undefined ? {} : { detect: marker.detect }),
    keepsParts: marker.keepsParts,
    mark(kind, secret) {
      const mark = marker.mark(kind, secret);
      if (mark !== secret || how === 'as they are') found.set(secret, mark);
      return mark;
    },
    finish: (given) => marker.known?.replaceIn(given) ?? given,
  };
  const redacted = look(text, finder);
  const spans: Span[] = [];
  for (const [secret, mark] of found)
    for (let start = text.indexOf(secret); start >= 0; start = text.indexOf(secret, start + secret.length))
      spans.push({ start, end: start + secret.length, mark });
  marker.known?.find(text, (start, end, mark) => void spans.push({ start, end, mark }));
  if (how === 'encoded too' && spans.length === 0 && redacted !== text) {
    const isAcross = pieces.map((piece) => look(piece, finder)).join('') !== redacted;
    if (isAcross) spans.push(changeBetween(text, redacted));
  }
  return apart(spans.sort((left, right) => left.start - right.start || right.end - left.end));
}

const encoded = /[\w+/=%.-]/;

/** For a secret that stands encoded: the stretch that is encoded again. */
function changeBetween(text: string, redacted: string): Span {
  const shorter = Math.min(text.length, redacted.length);
  let start = 0;
  while (start < shorter && text[start] === redacted[start]) start += 1;
  let rest = 0;
  while (rest < shorter - start && text.at(-1 - rest) === redacted.at(-1 - rest)) rest += 1;
  // No part of it can be decoded by itself alone.
  while (start > 0 && encoded.test(text[start - 1] as string)) start -= 1;
  while (rest > 0 && encoded.test(text[text.length - rest] as string)) rest -= 1;
  return { start, end: text.length - rest, mark: redacted.slice(start, redacted.length - rest), isWhole: true };
}

/** Spans with their marks cut into what stands in each piece. A request is only compared, in the pieces that are asked for. */
function spread(pieces: readonly string[], spans: readonly Span[], marker: Marker): readonly Span[] {
  if (marker.keepsParts !== true) return spans;
  const alone = { ...withoutLearning(marker), known: undefined };
  let first = 0;
  let firstStart = 0;
  let ended = 0;
  return spans.flatMap((span, place) => {
    while (firstStart + (pieces[first] as string).length <= span.start)
      firstStart += (pieces[first++] as string).length;
    const held: Span[] = [];
    let start = firstStart;
    for (let piece = first; start < span.end; start += (pieces[piece++] as string).length) {
      const end = start + (pieces[piece] as string).length;
      if (end > start) held.push({ start: Math.max(start, span.start), end: Math.min(end, span.end), mark: '' });
    }
    const last = held.at(-1) as Span;
    const text = pieces.join('');
    const restEnd = Math.min(spans[place + 1]?.start ?? text.length, start);
    const around = {
      before: text.slice(Math.max(ended, firstStart), span.start),
      after: text.slice(last.end, restEnd),
    };
    ended = span.end;
    const parts = mayBeCut(span) ? partsOf(span.mark, held, around, alone) : undefined;
    return parts === undefined ? [span] : held.map((one, index) => ({ ...one, mark: parts[index] as string }));
  });
}

/** A mark that is numbered in a run and not in a request is looked for whole, and so is one of today's code. */
function mayBeCut({ mark, isWhole = false }: Span): boolean {
  return !isWhole && withoutNumbers(mark) === mark && !/(?:#|%23)0\d*\]/.test(mark);
}

interface Around {
  readonly before: string;
  readonly after: string;
}

function partsOf(
  mark: string,
  held: readonly Span[],
  { before, after }: Around,
  alone: Marker,
): readonly string[] | undefined {
  const [beforeAlone, afterAlone] = [before, after].map((text) => redactText(text, alone));
  // Any part of a number of zeros looks like the mark of a number.
  const isWord = /redacted/i.test(mark);
  for (const lengths of lengthsOf(mark, held)) {
    let start = 0;
    const parts = lengths.map((length) => {
      start += length;
      return mark.slice(start - length, start);
    });
    const [head, ...others] = parts as [string, ...string[]];
    const tail = others.pop() as string;
    const isQuiet =
      redactText(before + head, alone) === beforeAlone + head &&
      redactText(tail + after, alone) === tail + afterAlone &&
      others.every((part) => redactText(part, alone) === part) &&
      parts.every((part) => part.search(marksInText) < 0 && !(isWord && isMark(part)));
    if (isQuiet) return parts;
  }
  return undefined;
}

/** Ways to cut a mark: as the secret was cut, evenly, and then at any place, with a single character in each further piece. */
function* lengthsOf(mark: string, held: readonly Span[]): Generator<readonly number[]> {
  const { length } = mark;
  const count = held.length;
  if (length < count) return;
  const secret = held.map(({ start, end }) => end - start);
  if (secret.reduce((sum, one) => sum + one, 0) === length) yield secret;
  const rest = length % count;
  yield secret.map((_length, place) => Math.floor(length / count) + (place < rest ? 1 : 0));
  const singles = count - 2;
  for (let first = 1; first < length - singles; first += 1)
    yield [first, length - singles - first, ...secret.slice(2).map(() => 1)];
  // What stands before the word, as in a web token, looks like a secret with any beginning of it.
  const within = mark.search(/redacted/i) + 4;
  const last = length - within - (count - 3);
  if (count < 3 || within < 5 || last < 1) return;
  for (let first = 1; first < within; first += 1) yield [first, within - first, last, ...secret.slice(3).map(() => 1)];
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
