// Where two values differ first, in the order of keys and items.
import { sameValue } from '../base/equal.ts';
import type { Value } from '../base/value.ts';
import { compareCodeUnits } from '../base/compare.ts';

export interface ValueDifference {
  readonly path: string;
  readonly recorded: Value;
  readonly replayed: Value;
}

type Fields = { readonly [key: string]: Value };

/** The first place below `path` where the two values differ; undefined if they are the same. */
export function firstDifference(recorded: Value, replayed: Value, path: string): ValueDifference | undefined {
  if (sameValue(recorded, replayed)) return undefined;
  if (Array.isArray(recorded) && Array.isArray(replayed)) return listDifference(recorded, replayed, path);
  if (isRecord(recorded) && isRecord(replayed)) return recordDifference(recorded, replayed, path);
  if (typeof recorded === 'string' && typeof replayed === 'string' && fitsRedacted(recorded, replayed))
    return undefined;
  return { path, recorded, replayed };
}

function listDifference(
  recorded: readonly Value[],
  replayed: readonly Value[],
  path: string,
): ValueDifference | undefined {
  const shared = Math.min(recorded.length, replayed.length);
  for (let index = 0; index < shared; index += 1) {
    const found = firstDifference(recorded[index], replayed[index], `${path}[${index}]`);
    if (found !== undefined) return found;
  }
  if (recorded.length === replayed.length) return undefined;
  // One list goes on where the other ends.
  return { path: `${path}[${shared}]`, recorded: recorded[shared], replayed: replayed[shared] };
}

function recordDifference(recorded: Fields, replayed: Fields, path: string): ValueDifference | undefined {
  const keys = [...new Set([...Object.keys(recorded), ...Object.keys(replayed)])].sort(compareCodeUnits);
  for (const key of keys) {
    const below = `${path}${keyPath(key)}`;
    if (!Object.hasOwn(recorded, key) || !Object.hasOwn(replayed, key))
      return { path: below, recorded: own(recorded, key), replayed: own(replayed, key) };
    const found = firstDifference(recorded[key], replayed[key], below);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A mark stands for a secret that the fixture does not hold: whatever is in its place is not compared. */
export function fitsRedacted(recorded: string, replayed: string): boolean {
  if (!recorded.includes('[redacted:')) return false;
  const pieces = recorded.split(/\[redacted:[a-z-]+(?:#\d+)?\]/);
  let from = 0;
  for (const [index, piece] of pieces.entries()) {
    const found = index === pieces.length - 1 ? replayed.length - piece.length : replayed.indexOf(piece, from);
    if (found < from || !replayed.startsWith(piece, found) || (index === 0 && found !== 0)) return false;
    from = found + piece.length;
  }
  return true;
}

function own(record: Fields, key: string): Value {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

export function keyPath(key: string): string {
  return /^[A-Za-z_$][\w$-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function isRecord(value: Value): value is Fields {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
