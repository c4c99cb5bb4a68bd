// Paths into values, as users write them: `state.notes[].at`. `[]` is any item of a list, `*` any key of a record.
import { compareCodeUnits } from '../../base/compare.ts';
import type { Value } from '../../base/value.ts';
import { canonicalList, canonicalRecord } from '../../base/value.ts';
import { isRecordValue, ownField } from '../../journal/record-value.ts';
import type { Patch } from '../../journal/entry.ts';

export interface ValuePath {
  readonly root: 'state' | 'event' | 'input';
  readonly steps: readonly string[];
}

/** Undefined for what is no path. */
export function valuePath(text: string): ValuePath | undefined {
  const [, root, rest = ''] = /^(state|event|input)((?:\.[^.[\]]+|\[\])*)$/.exec(text) ?? [];
  if (root === undefined) return undefined;
  const steps = rest.match(/\.[^.[\]]+|\[\]/g)?.map((step) => (step === '[]' ? step : step.slice(1))) ?? [];
  return { root: root as ValuePath['root'], steps };
}

/** Decides about two values at a path: which of them the comparison sees. */
export type Settle = (recorded: Value, replayed: Value) => Value;

interface Side {
  readonly has: boolean;
  readonly value: Value;
}

/** The replayed value, settled wherever the path leads. */
export function settledAt(steps: readonly string[], recorded: Value, replayed: Value, settle: Settle): Value {
  const [step, ...rest] = steps;
  if (step === undefined) return settle(recorded, replayed);
  if (step === '[]') {
    if (!Array.isArray(recorded) || !Array.isArray(replayed)) return replayed;
    return canonicalList(
      replayed.map((item, index) => (index < recorded.length ? settledAt(rest, recorded[index], item, settle) : item)),
    );
  }
  if (!isRecordValue(recorded) || !isRecordValue(replayed)) return replayed;
  const keys = [...new Set([...Object.keys(recorded), ...Object.keys(replayed)])];
  return canonicalRecord(
    keys.flatMap((key): readonly (readonly [string, Value])[] => {
      const left: Side = { has: Object.hasOwn(recorded, key), value: ownField(recorded, key) };
      const right: Side = { has: Object.hasOwn(replayed, key), value: ownField(replayed, key) };
      const isMeant = step === '*' || step === key;
      if (!isMeant) return right.has ? [[key, right.value]] : [];
      if (left.has && right.has) return [[key, settledAt(rest, left.value, right.value, settle)]];
      // Only one side has it: what that comes to is decided as a whole.
      const value = rest.length === 0 ? settle(left.value, right.value) : right.value;
      const isThere = rest.length === 0 ? (value === left.value ? left.has : right.has) : right.has;
      return isThere ? [[key, value]] : [];
    }),
  );
}

type RecordPatch = Extract<Patch, { readonly kind: 'record' }>;

/** The same for what a commit changes of a state. */
export function settledPatch(steps: readonly string[], recorded: Patch, replayed: Patch, settle: Settle): Patch {
  const [step, ...rest] = steps;
  if (step === undefined) {
    const value = settle(recorded as unknown as Value, replayed as unknown as Value);
    return value === (recorded as unknown as Value) ? recorded : replayed;
  }
  if (recorded.kind === 'set' && replayed.kind === 'set')
    return { ...replayed, value: settledAt(steps, recorded.value, replayed.value, settle) };
  if (recorded.kind === 'append' && replayed.kind === 'append')
    return { ...replayed, items: settledAt(steps, recorded.items, replayed.items, settle) as readonly Value[] };
  if (recorded.kind !== 'record' || replayed.kind !== 'record') return replayed;
  if (rest.length === 0) return settledKeys(step, recorded, replayed, settle);
  const changed = Object.entries(replayed.changed).map(([key, patch]): readonly [string, Patch] => {
    const partner = Object.hasOwn(recorded.changed, key) ? recorded.changed[key] : undefined;
    if (partner === undefined || (step !== key && step !== '*')) return [key, patch];
    return [key, settledPatch(rest, partner, patch, settle)];
  });
  return { ...replayed, changed: Object.fromEntries(changed) };
}

/** What is done to one key, or to all: set in either, changed within, removed, or left alone. */
function settledKeys(step: string, recorded: RecordPatch, replayed: RecordPatch, settle: Settle): RecordPatch {
  const changed: [string, Patch][] = [];
  const removed: string[] = [];
  const keys = [recorded, replayed].flatMap((patch) => [...Object.keys(patch.changed), ...patch.removed]);
  for (const key of [...new Set(keys)].sort(compareCodeUnits)) {
    const left = changeOf(recorded, key);
    const right = changeOf(replayed, key);
    const taken = step === key || step === '*' ? settledChange(left, right, settle) : right;
    if (taken === 'removed') removed.push(key);
    else if (taken !== undefined) changed.push([key, taken]);
  }
  return { ...replayed, changed: Object.fromEntries(changed), removed };
}

type Change = Patch | 'removed' | undefined;

function changeOf({ changed, removed }: RecordPatch, key: string): Change {
  if (removed.includes(key)) return 'removed';
  return Object.hasOwn(changed, key) ? changed[key] : undefined;
}

function settledChange(left: Change, right: Change, settle: Settle): Change {
  if (typeof left === 'object' && typeof right === 'object' && left.kind === 'set' && right.kind === 'set')
    return { ...right, value: settle(left.value, right.value) };
  const value = settle(left as unknown as Value, right as unknown as Value);
  return value === (left as unknown as Value) ? left : right;
}
