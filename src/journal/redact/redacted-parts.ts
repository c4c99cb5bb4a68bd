// Where the parts of a body end once its secrets have been replaced: a mark has another length than what it stands for.
//   P1. There are as many parts as before.
//   P2. A boundary in what was left alone stays there. One inside a secret comes after its mark.
import { marksInText } from './mark.ts';

/** The stretches that redaction left alone, by where they were and where they are now. */
interface Kept {
  readonly before: number;
  readonly after: number;
  readonly length: number;
}

/** The lengths of the parts in the redacted body. */
export function redactedParts(before: Uint8Array, after: Uint8Array, lengths: readonly number[]): readonly number[] {
  const kept = keptStretches(Buffer.from(before), Buffer.from(after));
  let ended = 0;
  let place = 0;
  let next = 0;
  return lengths.map((length) => {
    place += length;
    while (next < kept.length && place > (kept[next] as Kept).before + (kept[next] as Kept).length) next += 1;
    const stretch = kept[next];
    const now = stretch === undefined ? after.byteLength : stretch.after + Math.max(0, place - stretch.before);
    const part = now - ended;
    ended = now;
    return part;
  });
}

const newline = 0x0a;

/** Line by line: redaction leaves the lines of a body alone, as a rule. Else the body is one line. */
function keptStretches(before: Buffer, after: Buffer): readonly Kept[] {
  const old = lineEnds(before);
  const now = lineEnds(after);
  if (old.length !== now.length) return keptInLine(before, after, 0, 0);
  const kept: Kept[] = [];
  let oldStart = 0;
  let nowStart = 0;
  for (const [index, oldEnd] of old.entries()) {
    const nowEnd = now[index] as number;
    kept.push(...keptInLine(before.subarray(oldStart, oldEnd), after.subarray(nowStart, nowEnd), oldStart, nowStart));
    oldStart = oldEnd;
    nowStart = nowEnd;
  }
  return kept;
}

function lineEnds(bytes: Buffer): readonly number[] {
  const ends: number[] = [];
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) ends.push(at + 1);
  if (ends.at(-1) !== bytes.length) ends.push(bytes.length);
  return ends;
}

function keptInLine(before: Buffer, after: Buffer, old: number, now: number): readonly Kept[] {
  if (before.equals(after)) return [{ before: old, after: now, length: before.length }];
  const marked = betweenMarks(before, after) ?? atEnds(before, after);
  return marked.map((stretch) => ({ ...stretch, before: stretch.before + old, after: stretch.after + now }));
}

/** `undefined` if the redacted line is not the same text with marks in it. */
function betweenMarks(before: Buffer, after: Buffer): readonly Kept[] | undefined {
  const kept: Kept[] = [];
  let searched = 0;
  let start = 0;
  for (const match of after.toString('latin1').matchAll(marksInText)) {
    const stretch = after.subarray(start, match.index);
    const found = start === 0 || stretch.byteLength === 0 ? searched : before.indexOf(stretch, searched);
    if (found < 0 || !before.subarray(found, found + stretch.byteLength).equals(stretch)) return undefined;
    kept.push({ before: found, after: start, length: stretch.byteLength });
    searched = found + stretch.byteLength;
    start = match.index + match[0].length;
  }
  const rest = after.subarray(start);
  const last = before.byteLength - rest.byteLength;
  if (start === 0 || last < searched || !before.subarray(last).equals(rest)) return undefined;
  return [...kept, { before: last, after: start, length: rest.byteLength }];
}

/** What both begin and end with. */
function atEnds(before: Buffer, after: Buffer): readonly Kept[] {
  const shorter = Math.min(before.length, after.length);
  let first = 0;
  while (first < shorter && before[first] === after[first]) first += 1;
  let last = 0;
  while (last < shorter - first && before[before.length - 1 - last] === after[after.length - 1 - last]) last += 1;
  return [
    { before: 0, after: 0, length: first },
    { before: before.length - last, after: after.length - last, length: last },
  ];
}
