// How much of what was recorded of a step a run has repeated, from 0 to 1. It tells a search which of two wrong orders is
// the better one to begin from: a list that was right up to its third item says that the order was right until then.
import { sameValue } from '../../base/equal.ts';
import type { Value } from '../../base/value.ts';
import type { EffectRef, Entry } from '../../journal/entry.ts';
import { entryIdentity, sameEntry } from '../../journal/entry-identity.ts';
import type { AttemptKey } from '../../journal/key.ts';

/** What is not the same counts less than this, however alike. */
const alikeMax = 0.9;
const depthMax = 32;
/** Longer lists, and more effects of one name, are compared up to here. */
const comparedMax = 1_000;

/** `missing`: what was asked for in vain, which is in no journal. */
export function stepLikeness(
  recorded: readonly Entry[],
  run: readonly Entry[],
  missing: ReadonlyMap<AttemptKey, readonly EffectRef[]>,
): number {
  const byKey = Map.groupBy(run, groupOf);
  let sum = 0;
  for (const entry of recorded) {
    const asked =
      entry.kind === 'effect' ? (missing.get(entry.at) ?? []).filter(({ name }) => name === entry.name) : [];
    sum += entryLikeness(entry, byKey.get(groupOf(entry)) ?? [], asked);
  }
  return recorded.length === 0 ? 1 : sum / recorded.length;
}

/** What stands for the same thing in both runs. What differs in an effect may be what it asks for. */
function groupOf(entry: Entry): string {
  return entry.kind === 'effect' ? `effect ${entry.at} ${entry.name}` : entryIdentity(entry);
}

function entryLikeness(recorded: Entry, candidates: readonly Entry[], asked: readonly EffectRef[]): number {
  if (candidates.some((entry) => sameEntry(entry, recorded))) return 1;
  const whole = partsOf(recorded);
  let best = 0;
  for (const entry of candidates.slice(0, comparedMax)) best = Math.max(best, likeness(whole, partsOf(entry)));
  if (recorded.kind === 'effect')
    for (const { request } of asked.slice(0, comparedMax))
      best = Math.max(best, likeness(recorded.request, request) * alikeMax);
  return best;
}

function partsOf(entry: Entry): Value {
  const { observed: _, ...parts } = entry as Entry & { readonly observed?: unknown };
  return parts as unknown as Value;
}

export function likeness(left: Value, right: Value, depth = 0): number {
  if (sameValue(left, right)) return 1;
  if (depth >= depthMax) return 0;
  if (typeof left === 'string' && typeof right === 'string') return textLikeness(left, right);
  if (typeof left === 'number' && typeof right === 'number') return alikeMax / (1 + Math.abs(left - right));
  if (Array.isArray(left) && Array.isArray(right)) return listLikeness(left, right, depth);
  if (isRecord(left) && isRecord(right)) return recordLikeness(left, right, depth);
  return 0;
}

/** By how far both begin alike. */
function textLikeness(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  let same = 0;
  while (same < length && left[same] === right[same]) same += 1;
  return (alikeMax * same) / Math.max(left.length, right.length);
}

function listLikeness(left: readonly Value[], right: readonly Value[], depth: number): number {
  const [length, shared] = [Math.max(left.length, right.length), Math.min(left.length, right.length)];
  let sum = 0;
  for (let place = 0; place < Math.min(shared, comparedMax); place += 1)
    sum += likeness(left[place], right[place], depth + 1);
  return (alikeMax * sum) / Math.min(length, comparedMax);
}

function recordLikeness(left: Fields, right: Fields, depth: number): number {
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  let sum = 0;
  for (const key of keys)
    if (Object.hasOwn(left, key) && Object.hasOwn(right, key)) sum += likeness(left[key], right[key], depth + 1);
  return (alikeMax * sum) / Math.max(1, keys.size);
}

type Fields = { readonly [key: string]: Value };

function isRecord(value: Value): value is Fields {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
