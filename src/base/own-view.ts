// Copies of byte arrays for each task: they cannot be frozen, so what one task wrote into them another would read.
import { holdsBytes, setOwn } from './value.ts';
import type { Value } from './value.ts';

/**
 * What one task receives: the value itself, or, if there are byte arrays inside (they cannot be frozen), a view in
 * which each of them is a private copy, made when it is first read.
 */
export function ownView(value: Value): Value {
  if (!holdsBytes(value)) return value;
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [ownView(key), ownView(item)]));
  if (value instanceof Set) return new Set([...value].map(ownView));
  if (value instanceof Error) return value;
  const view: object = Array.isArray(value) ? new Array(value.length) : {};
  for (const key of Object.keys(value as object)) {
    const item = (value as { readonly [key: string]: Value })[key];
    if (holdsBytes(item)) defineLazy(view, key, () => ownView(item));
    else setOwn(view, key, item);
  }
  return Object.freeze(view) as Value;
}

function defineLazy(target: object, key: string, read: () => Value): void {
  let copy: { readonly value: Value } | undefined;
  const get = (): Value => {
    copy ??= { value: read() };
    return copy.value;
  };
  Object.defineProperty(target, key, { get, enumerable: true });
}
