// How alike two values are, from 0 to 1.
import { sameValue } from './equal.ts';
import type { Value } from './value.ts';

/** What is not the same counts less than this, however alike. */
export const alikeMax = 0.9;
const depthMax = 32;
/** Longer lists are compared up to here. */
const comparedMax = 1_000;

export function likeness(left: Value, right: Value, depth = 0): number {
  if (sameValue(left, right)) return 1;
  if (depth >= depthMax) return 0;
  if (typeof left === 'string' && typeof right === 'string') return textLikeness(left, right);
  if (typeof left === 'number' && typeof right === 'number') return alikeMax / (1 + Math.abs(left - right));
  if (Array.isArray(left) && Array.isArray(right)) return listLikeness(left, right, depth);
  if (isRecord(left) && isRecord(right)) return recordLikeness(left, right, depth);
  return 0;
}

/** By how far both begin alike, and end alike. */
function textLikeness(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  let before = 0;
  while (before < length && left[before] === right[before]) before += 1;
  let after = 0;
  while (after < length - before && left[left.length - 1 - after] === right[right.length - 1 - after]) after += 1;
  return (alikeMax * (before + after)) / Math.max(left.length, right.length);
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
