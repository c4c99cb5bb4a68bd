// Compares the states of two runs after each step of one scope. It compares field by field, because fields are merged
// separately and so diverge separately.
//   S1. A field is reported when it begins to differ, and not again while it still differs.
//   S2. A field that only one of the graphs has is not compared: the change of the graph says it all.
//   S3. A field that was equal before and got equal writes is equal after, and is not compared. So a step costs what
//       its writes cost, not what the whole state would.
import { compareCodeUnits } from '../../base/compare.ts';
import { sameValue } from '../../base/equal.ts';
import type { Value } from '../../base/value.ts';
import type { FieldDescription, StateDescription } from '../../journal/description.ts';
import type { Patch } from '../../journal/entry.ts';
import { isRecordValue, ownField } from '../../journal/record-value.ts';
import type { ValueDifference } from '../value/value-difference.ts';
import { firstDifference, keyPath } from '../value/value-difference.ts';

/** What a step did to the state of one run. */
export interface StateChange {
  readonly deltas: readonly Value[];
  readonly patch: Patch | undefined;
}

/** The states of both runs after a step. They are computed only if read. */
export interface States {
  readonly recorded: Value;
  readonly replayed: Value;
}

/** `field` is '' if the state has no fields. */
export interface StateDifference extends ValueDifference {
  readonly field: string;
}

const wholeState = '';

/** Whose state it is. A run that is resumed with a newer version of its graph has another description from then on. */
export interface Described {
  readonly graph: { readonly state: StateDescription };
}

export class StateComparer {
  readonly #left: Described;
  readonly #right: Described;
  /** Fields that differ; for lists, with the index of the first item that differs. */
  readonly #differing = new Map<string, number | undefined>();
  #isFirst = true;
  /** The descriptions that were compared last. */
  #described:
    | { readonly left: StateDescription; readonly right: StateDescription; readonly isSame: boolean }
    | undefined;

  constructor(recorded: Described, replayed: Described) {
    this.#left = recorded;
    this.#right = replayed;
  }

  get #recorded(): StateDescription {
    return this.#left.graph.state;
  }

  get #replayed(): StateDescription {
    return this.#right.graph.state;
  }

  get isDiffering(): boolean {
    return this.#differing.size > 0;
  }

  /** The fields that begin to differ with this step. */
  add(recorded: StateChange, replayed: StateChange, states: States): readonly StateDifference[] {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (this.#recorded.kind === 'function' || this.#replayed.kind === 'function') {
      const isSame = !isFirst && !this.isDiffering && samePatch(recorded.patch, replayed.patch);
      return isSame ? [] : this.#addWhole(states);
    }
    // What a replay did as it was recorded was found to be the same before, and is the same object.
    if (!isFirst && !this.isDiffering && this.#isSameState && isSameChange(recorded, replayed)) return [];
    const names = isFirst
      ? Object.keys(this.#recorded.fields)
      : [...new Set([...writtenFields(recorded), ...writtenFields(replayed)])];
    return names
      .sort(compareCodeUnits)
      .filter((name) => this.#isShared(name))
      .filter((name) => isFirst || this.#mayHaveChanged(name, recorded, replayed))
      .flatMap((name) => this.#compareField(name, states.recorded, states.replayed));
  }

  /** Whether both are described alike. */
  get #isSameState(): boolean {
    const [left, right] = [this.#recorded, this.#replayed];
    if (this.#described?.left !== left || this.#described.right !== right)
      this.#described = { left, right, isSame: sameValue(left as unknown as Value, right as unknown as Value) };
    return this.#described.isSame;
  }

  #isShared(name: string): boolean {
    return fieldOf(this.#recorded, name) !== undefined && fieldOf(this.#replayed, name) !== undefined;
  }

  /** For states that are not described by fields: nothing is known of how they came about. */
  #addWhole({ recorded, replayed }: States): readonly StateDifference[] {
    const isByField = isRecordValue(recorded) && isRecordValue(replayed);
    const names = isByField ? new Set([...Object.keys(recorded), ...Object.keys(replayed)]) : new Set([wholeState]);
    for (const name of this.#differing.keys()) if (!names.has(name)) this.#differing.delete(name);
    if (!isByField) return this.#compare(wholeState, 'state', recorded, replayed);
    return [...names].sort(compareCodeUnits).flatMap((name) => this.#compareField(name, recorded, replayed));
  }

  /** The fields that begin to differ, whatever was written: the state was changed from outside. */
  edited(states: States): readonly StateDifference[] {
    if (this.#recorded.kind === 'function' || this.#replayed.kind === 'function') return this.#addWhole(states);
    return Object.keys(this.#recorded.fields)
      .sort(compareCodeUnits)
      .filter((name) => this.#isShared(name))
      .flatMap((name) => this.#compareField(name, states.recorded, states.replayed));
  }

  /** Whether a field may have begun to differ, or have become equal again. */
  #mayHaveChanged(name: string, recorded: StateChange, replayed: StateChange): boolean {
    const field = fieldOf(this.#recorded, name);
    if (!sameValue(field as Value, fieldOf(this.#replayed, name) as Value)) return true;
    if (!this.#differing.has(name)) return !isSameWrite(name, recorded, replayed);
    // Two lists that differ still differ after as many items are appended to each.
    return field?.kind !== 'append' || itemCount(name, recorded.deltas) !== itemCount(name, replayed.deltas);
  }

  #compareField(name: string, left: Value, right: Value): readonly StateDifference[] {
    if (!isRecordValue(left) || !isRecordValue(right)) return [];
    return this.#compare(name, `state${keyPath(name)}`, ownField(left, name), ownField(right, name));
  }

  #compare(field: string, path: string, left: Value, right: Value): readonly StateDifference[] {
    const item = this.#differing.get(field);
    // If a list still differs at the known item, the rest need not be read again.
    if (item !== undefined && differsAt(item, left, right)) return [];
    const found = firstDifference(left, right, path);
    if (found === undefined) {
      this.#differing.delete(field);
      return [];
    }
    const wasDiffering = this.#differing.has(field);
    this.#differing.set(field, differingItem(left, right));
    return wasDiffering ? [] : [{ ...found, field }];
  }
}

function fieldOf(state: StateDescription, name: string): FieldDescription | undefined {
  return state.kind === 'fields' && Object.hasOwn(state.fields, name) ? state.fields[name] : undefined;
}

function isSameWrite(name: string, recorded: StateChange, replayed: StateChange): boolean {
  return (
    sameValue(writesTo(name, recorded.deltas), writesTo(name, replayed.deltas)) &&
    sameValue(patchOf(name, recorded.patch), patchOf(name, replayed.patch))
  );
}

function isSameChange(recorded: StateChange, replayed: StateChange): boolean {
  return (
    recorded.deltas.length === replayed.deltas.length &&
    recorded.deltas.every((delta, place) => delta === replayed.deltas[place]) &&
    samePatch(recorded.patch, replayed.patch)
  );
}

function samePatch(recorded: Patch | undefined, replayed: Patch | undefined): boolean {
  return sameValue(recorded as unknown as Value, replayed as unknown as Value);
}

function itemCount(name: string, deltas: readonly Value[]): number {
  return writesTo(name, deltas).reduce<number>((sum, items) => sum + (Array.isArray(items) ? items.length : 0), 0);
}

function writtenFields({ deltas, patch }: StateChange): readonly string[] {
  const names = deltas.flatMap((delta) => (isRecordValue(delta) ? Object.keys(delta) : []));
  if (patch === undefined) return names;
  if (patch.kind === 'record') return [...names, ...Object.keys(patch.changed), ...patch.removed];
  return patch.kind === 'set' && isRecordValue(patch.value) ? [...names, ...Object.keys(patch.value)] : names;
}

function writesTo(name: string, deltas: readonly Value[]): readonly Value[] {
  return deltas.flatMap((delta) => (isRecordValue(delta) && Object.hasOwn(delta, name) ? [delta[name]] : []));
}

/** The part of a patch that concerns one field; the whole patch if it replaces the whole state. */
function patchOf(name: string, patch: Patch | undefined): Value {
  if (patch?.kind !== 'record') return patch as unknown as Value;
  if (patch.removed.includes(name)) return 'removed';
  return Object.hasOwn(patch.changed, name) ? (patch.changed[name] as unknown as Value) : undefined;
}

function differingItem(left: Value, right: Value): number | undefined {
  if (!Array.isArray(left) || !Array.isArray(right)) return undefined;
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) if (!sameValue(left[index], right[index])) return index;
  return undefined;
}

function differsAt(item: number, left: Value, right: Value): boolean {
  if (!Array.isArray(left) || !Array.isArray(right)) return false;
  return item < left.length && item < right.length && !sameValue(left[item], right[item]);
}
