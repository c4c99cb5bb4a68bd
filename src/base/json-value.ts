import { inOrder, nameItself } from './compare.ts';
import { isTooLong, tooDeep, tooLong, valueDepthMax } from './value-fault.ts';
import { adopt, setOwn } from './value.ts';
import type { Value } from './value.ts';

/**
 * The canonical value of what `JSON.parse` has made just now. Nobody else holds any of it, so it is frozen as it stands.
 * It equals the canonical copy.
 *
 * @throws RepriseError `value-too-deep`, `value-too-large` for a number beyond what a value may hold
 */
export function adoptJson(parsed: unknown, path: string): Value {
  return adopted(parsed as Value, path, 0);
}

function adopted(value: Value, path: string, depth: number): Value {
  if (typeof value === 'bigint' && isTooLong(value)) throw tooLong(path);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > valueDepthMax) throw tooDeep(path);
  if (!Array.isArray(value)) return adoptedRecord(value as Record<string, Value>, path, depth);
  const list = value as Value[];
  for (let index = 0; index < list.length; index += 1) list[index] = adopted(list[index], path, depth + 1);
  return adopt(list, false);
}

function adoptedRecord(given: Record<string, Value>, path: string, depth: number): Value {
  const names = Object.keys(given);
  const record = isInOrder(names) ? given : {};
  for (const name of record === given ? names : inOrder(names, nameItself)) {
    const item = given[name];
    const own = adopted(item, path, depth + 1);
    if (record !== given || own !== item) setOwn(record, name, own);
  }
  return adopt(record, false);
}

function isInOrder(names: readonly string[]): boolean {
  for (let index = 1; index < names.length; index += 1)
    if ((names[index - 1] as string) > (names[index] as string)) return false;
  return true;
}
