// What changed between two canonical values, small if little did. Identical parts are skipped without a look inside.
//   P1. `applyPatch(before, makePatch(before, after))` is the same value as `after`.
//   P2. There is no patch if and only if the two are the same value.
import { sameValue } from '../../base/equal.ts';
import type { Value } from '../../base/value.ts';
import { adopt, canonicalRecord, holdsBytes, setOwn } from '../../base/value.ts';
import type { Patch } from '../entry.ts';
import { damagedState } from './fold-fault.ts';
import type { RecordValue } from '../record-value.ts';
import { isRecordValue } from '../record-value.ts';

export function makePatch(before: Value, after: Value): Patch | undefined {
  if (Object.is(before, after)) return undefined;
  if (isListValue(before) && isListValue(after)) return listPatch(before, after);
  if (isRecordValue(before) && isRecordValue(after)) return recordPatch(before, after);
  return sameValue(before, after) ? undefined : setPatch(after);
}

function isListValue(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function setPatch(value: Value): Patch {
  return Object.freeze({ kind: 'set', value });
}

function listPatch(before: readonly Value[], after: readonly Value[]): Patch | undefined {
  if (after.length < before.length || !before.every((item, index) => sameValue(item, after[index])))
    return setPatch(after);
  if (after.length === before.length) return undefined;
  const items = after.slice(before.length);
  return Object.freeze({ kind: 'append', items: adopt(items, items.some(holdsBytes)) });
}

function recordPatch(before: RecordValue, after: RecordValue): Patch | undefined {
  const changed: Record<string, Patch> = {};
  const keys = Object.keys(after);
  let changedCount = 0;
  let keptCount = 0;
  for (const key of keys) {
    const isNew = !Object.hasOwn(before, key);
    const patch = isNew ? setPatch(after[key]) : makePatch(before[key], after[key]);
    if (!isNew) keptCount += 1;
    if (patch === undefined) continue;
    changedCount += 1;
    setOwn(changed, key, patch);
  }
  const removed = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  if (changedCount === 0 && removed.length === 0) return undefined;
  // Nothing in common: naming what is gone would only make the patch longer.
  if (keptCount === 0) return setPatch(after);
  return Object.freeze({ kind: 'record', changed: Object.freeze(changed), removed: Object.freeze(removed) });
}

/** @throws RepriseError `fixture-damaged` for a patch that was not made for this value: patches come from files too. */
export function applyPatch(before: Value, patch: Patch): Value {
  switch (patch.kind) {
    case 'set':
      return patch.value;
    case 'append':
      if (!isListValue(before)) throw damagedState('a patch appends to something that is not a list');
      return appended(before, patch.items);
    case 'record':
      if (!isRecordValue(before)) throw damagedState('a patch changes fields of something that is not a record');
      return patchedRecord(before, patch);
  }
}

function appended(before: readonly Value[], items: readonly Value[]): Value {
  const next = [...before, ...items];
  return adopt(next, next.some(holdsBytes));
}

function patchedRecord(before: RecordValue, patch: Patch & { readonly kind: 'record' }): Value {
  const next = new Map(Object.entries(before));
  for (const key of patch.removed) {
    if (!next.delete(key)) throw damagedState(`a patch removes "${key}", which is not there`);
  }
  for (const [key, change] of Object.entries(patch.changed)) {
    if (change.kind !== 'set' && !next.has(key)) throw damagedState(`a patch changes "${key}", which is not there`);
    next.set(key, applyPatch(next.get(key), change));
  }
  return canonicalRecord(next);
}
