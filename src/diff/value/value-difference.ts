// Finds where two values differ, in the order of keys and items.
//   V1. Equal parts are not searched.
//   V2. Of a redacted text or key, only what lies under its marks is not compared (redacted-text.ts).
import { canonicalTextOf } from '../../base/canonical-json.ts';
import { compareCodeUnits } from '../../base/compare.ts';
import { sameValue } from '../../base/equal.ts';
import { errorParts } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { Entry } from '../../journal/entry.ts';
import { markedClass } from '../../journal/error/error-identity.ts';
import { isRecordValue, ownField } from '../../journal/record-value.ts';
import type { RecordValue } from '../../journal/record-value.ts';
import { sameBesideMarks, sameNumber } from './redacted-text.ts';
import type { MarkJudge } from './redacted-text.ts';

export interface ValueDifference {
  readonly path: string;
  readonly recorded: Value;
  readonly replayed: Value;
}

/** The first difference at or below `path`; undefined if the values are equal. */
export function firstDifference(
  recorded: Value,
  replayed: Value,
  path: string,
  judge?: MarkJudge,
): ValueDifference | undefined {
  for (const found of differencesIn(recorded, replayed, path, judge)) return found;
  return undefined;
}

const alsoMax = 5;

/** The first difference, and where else the two differ. */
export function differenceAndMore(
  recorded: Value,
  replayed: Value,
  path: string,
): (ValueDifference & { readonly also?: readonly string[] }) | undefined {
  const [first, ...others] = differences(recorded, replayed, path, alsoMax + 1);
  if (first === undefined || others.length === 0) return first;
  return { ...first, also: others.map((other) => other.path) };
}

/** Whether there is no difference. Looks at all of both, so that the judge has seen all that they have in common. */
export function isSameThroughout(recorded: Value, replayed: Value, judge: MarkJudge): boolean {
  let isSame = true;
  for (const _found of differencesIn(recorded, replayed, '', judge)) isSame = false;
  return isSame;
}

/** The first `max` differences at or below `path`. */
export function differences(recorded: Value, replayed: Value, path: string, max: number): readonly ValueDifference[] {
  const list: ValueDifference[] = [];
  if (max <= 0) return list;
  for (const found of differencesIn(recorded, replayed, path)) {
    list.push(found);
    if (list.length === max) break;
  }
  return list;
}

/** Whether two entries are the same apart from what was observed, and from what lies under redaction marks. */
export function sameEntryBesideMarks(
  { observed: _before, ...recorded }: Entry,
  { observed: _now, ...replayed }: Entry,
): boolean {
  return firstDifference(recorded as Value, replayed as Value, '') === undefined;
}

function* differencesIn(recorded: Value, replayed: Value, path: string, judge?: MarkJudge): Generator<ValueDifference> {
  if (sameValue(recorded, replayed)) return;
  if (Array.isArray(recorded) && Array.isArray(replayed)) yield* inLists(recorded, replayed, path, judge);
  else if (recorded instanceof Set && replayed instanceof Set)
    yield* inLists([...recorded], [...replayed], path, judge);
  else if (recorded instanceof Map && replayed instanceof Map) yield* inMaps(recorded, replayed, path, judge);
  else if (recorded instanceof Error && replayed instanceof Error)
    yield* inRecords(errorRecord(recorded), errorRecord(replayed), path, judge);
  else if (isRecordValue(recorded) && isRecordValue(replayed)) yield* inRecords(recorded, replayed, path, judge);
  else if (!isRedacted(recorded, replayed, judge)) yield { path, recorded, replayed };
}

function isRedacted(recorded: Value, replayed: Value, judge?: MarkJudge): boolean {
  if (typeof replayed === 'string') {
    if (typeof recorded === 'string') return sameBesideMarks(recorded, replayed, judge);
    return (typeof recorded === 'number' || typeof recorded === 'bigint') && sameNumber(recorded, replayed, judge);
  }
  if (!(recorded instanceof Uint8Array && replayed instanceof Uint8Array)) return false;
  return sameBesideMarks(latin1(recorded), latin1(replayed), judge);
}

function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}

function* inLists(
  recorded: readonly Value[],
  replayed: readonly Value[],
  path: string,
  judge?: MarkJudge,
): Generator<ValueDifference> {
  const length = Math.max(recorded.length, replayed.length);
  for (let index = 0; index < length; index += 1) {
    const below = `${path}[${index}]`;
    // One list is longer. Its items count even if they are `undefined`.
    if (index >= recorded.length || index >= replayed.length)
      yield { path: below, recorded: recorded[index], replayed: replayed[index] };
    else yield* differencesIn(recorded[index], replayed[index], below, judge);
  }
}

function* inRecords(
  recorded: RecordValue,
  replayed: RecordValue,
  path: string,
  judge?: MarkJudge,
): Generator<ValueDifference> {
  const pairs = pairedKeys(Object.keys(recorded), Object.keys(replayed), judge);
  for (const [key, partner] of [...pairs].sort(([one], [other]) => compareCodeUnits(one, other))) {
    const below = `${path}${keyPath(key)}`;
    const left = ownField(recorded, key);
    const right = ownField(replayed, partner);
    if (!Object.hasOwn(recorded, key) || !Object.hasOwn(replayed, partner))
      yield { path: below, recorded: left, replayed: right };
    else yield* differencesIn(left, right, below, judge);
  }
}

/** The keys of both sides, each recorded one with its partner: itself, or a redacted key that is the same beside marks. */
function pairedKeys(
  recorded: readonly string[],
  replayed: readonly string[],
  judge?: MarkJudge,
): ReadonlyMap<string, string> {
  const pairs = new Map([...recorded, ...replayed].map((key) => [key, key]));
  if (![...recorded, ...replayed].some((key) => key.includes('[redacted:'))) return pairs;
  const left = new Set(recorded);
  const free = new Set(replayed.filter((key) => !left.has(key)));
  const right = new Set(replayed);
  for (const key of recorded) {
    if (right.has(key)) continue;
    const partner = [...free].find((candidate) => sameBesideMarks(key, candidate, judge));
    if (partner === undefined) continue;
    free.delete(partner);
    pairs.delete(partner);
    pairs.set(key, partner);
  }
  return pairs;
}

function* inMaps(
  recorded: ReadonlyMap<Value, Value>,
  replayed: ReadonlyMap<Value, Value>,
  path: string,
  judge?: MarkJudge,
): Generator<ValueDifference> {
  const left = entriesByText(recorded);
  const right = entriesByText(replayed);
  let isFound = false;
  const pairs = pairedKeys([...left.keys()], [...right.keys()], judge);
  for (const [text, partner] of pairs) {
    const below = `${path}.get(${text})`;
    const one = left.get(text);
    const other = right.get(partner);
    const found =
      one === undefined || other === undefined
        ? [{ path: below, recorded: one?.value, replayed: other?.value }]
        : differencesIn(one.value, other.value, below, judge);
    for (const difference of found) {
      isFound = true;
      yield difference;
    }
  }
  // The same entries, in a different order.
  const inOrder = [...left.keys()].map((text) => pairs.get(text) ?? text);
  const isReordered = canonicalTextOf(inOrder) !== canonicalTextOf([...right.keys()]);
  if (!isFound && isReordered)
    yield { path: `${path}.keys()`, recorded: [...recorded.keys()], replayed: [...replayed.keys()] };
}

function entriesByText(map: ReadonlyMap<Value, Value>): ReadonlyMap<string, { readonly value: Value }> {
  return new Map([...map].map(([key, value]) => [canonicalTextOf(key), { value }]));
}

function errorRecord(error: Error): RecordValue {
  const { name, message, fields, own, cause } = errorParts(error);
  return {
    ...(fields as RecordValue),
    ...(own as RecordValue),
    name,
    message,
    ...markedClass(error),
    ...(cause === undefined ? {} : { cause }),
  };
}

/** A key as part of a path. */
export function keyPath(key: string): string {
  return /^[A-Za-z_$][\w$-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
