// Where the parts of a body end once its secrets have been replaced: a mark has another length than what it stands for.

const mark = /\[redacted:[a-z-]+(?:#\d+)?\]/g;

/** The stretches that redaction left alone, by where they were and where they are now. */
interface Kept {
  readonly before: number;
  readonly after: number;
  readonly length: number;
}

/**
 * The lengths of the parts in the redacted body. A boundary inside a secret comes after its mark. `undefined` if the
 * redacted body is not the same text with marks in it.
 */
export function redactedParts(
  before: Uint8Array,
  after: Uint8Array,
  lengths: readonly number[],
): readonly number[] | undefined {
  const kept = keptStretches(Buffer.from(before), Buffer.from(after));
  if (kept === undefined) return undefined;
  let ended = 0;
  let place = 0;
  return lengths.map((length) => {
    place += length;
    const next = placeAfter(kept, place, after.byteLength);
    const part = next - ended;
    ended = next;
    return part;
  });
}

function keptStretches(before: Buffer, after: Buffer): readonly Kept[] | undefined {
  const kept: Kept[] = [];
  let searched = 0;
  let start = 0;
  const add = (end: number): boolean => {
    const stretch = after.subarray(start, end);
    const found = stretch.byteLength === 0 ? searched : before.indexOf(stretch, searched);
    if (found < 0) return false;
    kept.push({ before: found, after: start, length: stretch.byteLength });
    searched = found + stretch.byteLength;
    return true;
  };
  for (const match of after.toString('latin1').matchAll(mark)) {
    if (!add(match.index)) return undefined;
    start = match.index + match[0].length;
  }
  return add(after.byteLength) ? kept : undefined;
}

function placeAfter(kept: readonly Kept[], place: number, end: number): number {
  const next = kept.find((stretch) => place <= stretch.before + stretch.length);
  return next === undefined ? end : next.after + Math.max(0, place - next.before);
}
