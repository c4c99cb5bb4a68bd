import { classOf, ownPartsOf } from './error-class.ts';
import type { Value } from './value.ts';

/**
 * Whether two canonical values are equal. It answers as a comparison of their canonical texts would, without making
 * them.
 */
export function sameValue(left: Value, right: Value): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left)) return Array.isArray(right) && sameList(left, right);
  if (isPlain(left) && isPlain(right)) return sameRecord(left as Fields, right as Fields);
  if (left instanceof Date) return right instanceof Date && Object.is(left.getTime(), right.getTime());
  if (left instanceof Uint8Array) return right instanceof Uint8Array && Buffer.compare(left, right) === 0;
  if (left instanceof Map) return right instanceof Map && sameList([...left].flat(), [...right].flat());
  if (left instanceof Set) return right instanceof Set && sameList([...left], [...right]);
  if (left instanceof Error) return right instanceof Error && sameError(left, right);
  if (Array.isArray(right) || right instanceof Date || right instanceof Uint8Array) return false;
  if (right instanceof Map || right instanceof Set || right instanceof Error) return false;
  return sameRecord(left as Fields, right as Fields);
}

type Fields = { readonly [key: string]: Value };

/** Most values are: then nothing else has to be asked of them. */
function isPlain(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype;
}

function sameList(left: readonly Value[], right: readonly Value[]): boolean {
  return left.length === right.length && left.every((item, index) => sameValue(item, right[index]));
}

function sameError(left: Error, right: Error): boolean {
  const className = classOf(left);
  return (
    className === classOf(right) &&
    left.name === right.name &&
    left.message === right.message &&
    sameValue(left.cause as Value, right.cause as Value) &&
    ownPartsOf(className).every((part) =>
      sameValue((left as unknown as Fields)[part], (right as unknown as Fields)[part]),
    ) &&
    sameRecord(left as unknown as Fields, right as unknown as Fields)
  );
}

function sameRecord(left: Fields, right: Fields): boolean {
  const keys = Object.keys(left);
  const others = Object.keys(right);
  if (keys.length !== others.length) return false;
  for (let place = 0; place < keys.length; place += 1) {
    const key = keys[place] as string;
    // As a rule both have their keys in canonical order.
    if (others[place] !== key && !Object.hasOwn(right, key)) return false;
    const [one, other] = [left[key], right[key]];
    if (!Object.is(one, other) && !sameValue(one, other)) return false;
  }
  return true;
}
