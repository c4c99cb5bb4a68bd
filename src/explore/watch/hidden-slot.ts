// What no property of a value shows. That of maps and sets is read by the methods of the language itself: the inspector takes
// several calls for each entry.
import { AsyncLocalStorage } from 'node:async_hooks';
import { isMap, isSet } from 'node:util/types';

/** One slot that no property shows, such as `#count` or `[[Entries]]`. */
export interface HiddenSlot {
  readonly name: string;
  readonly value: unknown;
}

/** As the language has them: a program may put its own in their place. */
const forEachInMap: (this: ReadonlyMap<unknown, unknown>, each: (item: unknown, key: unknown) => void) => void =
  Map.prototype.forEach;
const forEachInSet: (this: ReadonlySet<unknown>, each: (item: unknown) => void) => void = Set.prototype.forEach;

/** Undefined for anything else, and for one of a class of its own, which may hold more. */
export function entriesOf(value: object): readonly HiddenSlot[] | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  const entries: HiddenSlot[] = [];
  if (prototype === Map.prototype && isMap(value))
    forEachInMap.call(value, (item, key) => {
      entries.push({ name: 'key', value: key }, { name: 'value', value: item });
    });
  else if (prototype === Set.prototype && isSet(value))
    forEachInSet.call(value, (item) => {
      entries.push({ name: 'value', value: item });
    });
  else return undefined;
  return entries;
}

const none: readonly HiddenSlot[] = [];
const { getStore } = AsyncLocalStorage.prototype;

/** What was entered for all that follows, if it holds at the place of the look too. */
export function toldByNode(value: object): readonly HiddenSlot[] {
  return value instanceof AsyncLocalStorage ? [{ name: 'store', value: getStore.call(value) }] : none;
}
