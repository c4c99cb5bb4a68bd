// The laws of merges, as data. Each looks at one case and says how the merge breaks it.
import { sameValue } from '../../base/equal.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { reducerPromises } from '../../graph/reducer-promise.ts';
import { describeKind } from '../../journal/fold/field-delta.ts';
import { isRecordValue } from '../../journal/record-value.ts';
import { freshCopy, sharingCopier, thawed } from './copies.ts';
import { deltaAsValue, emptyDelta } from './field-merge.ts';
import type { FieldMerge, MergeFunctions, Merged } from './field-merge.ts';
import { inSurroundings, surroundings } from './set-surroundings.ts';

/** What every merge must be, whether it promises anything or not. */
export const alwaysLaws = ['pure', 'deterministic', 'unmutated', 'total'] as const;
/** The names of the laws that `reducerLaws` checks. */
export const lawNames = [...alwaysLaws, ...reducerPromises] as const;
/** A law by its name. The first four hold for every merge; the others only where a reducer promises them. */
export type LawName = (typeof lawNames)[number];

/** What a law looks at. */
export interface LawCase {
  /** The value that the merges begin with. */
  readonly state: Value;
  /** Deltas that are merged into it first, a step each. */
  readonly before: readonly Value[];
  /** The deltas of one step, in rank order. */
  readonly deltas: readonly Value[];
}

/** One of the two results that should have been the same. */
export interface Side {
  readonly how: string;
  readonly value: Value;
}

export interface Broken {
  /** Completes the sentence that begins with the name of the field. */
  readonly what: string;
  readonly sides: readonly Side[];
}

export interface ReducerLaw {
  readonly name: LawName;
  /** How many deltas the step of a case has. */
  readonly deltas: readonly [least: number, most: number];
  /** Whether it asks anything of this merge. `like`: deltas that it takes. */
  readonly applies?: (merge: FieldMerge, like: readonly Value[]) => boolean;
  /** Undefined if the law is kept, or if the case shows nothing about it. */
  readonly broken: (merge: FieldMerge, given: LawCase, like: readonly Value[]) => Broken | undefined;
}

/** Purity first: a merge that keeps something between calls shows it only while values are new to it. */
export const reducerLaws: readonly ReducerLaw[] = [
  { name: 'pure', deltas: [1, 3], broken: impurity },
  { name: 'deterministic', deltas: [1, 3], broken: ambientDependence },
  { name: 'unmutated', deltas: [1, 3], applies: ({ isUserCode }) => isUserCode, broken: mutation },
  { name: 'total', deltas: [1, 3], broken: failure },
  { name: 'order-independent', deltas: [2, 4], broken: orderDependence },
  { name: 'associative', deltas: [2, 2], applies: areValues, broken: groupingDependence },
  { name: 'idempotent', deltas: [1, 1], broken: repetitionDependence },
  {
    name: 'identity',
    deltas: [0, 0],
    applies: (merge, like) => {
      const empty = emptyDelta(merge, like);
      return empty !== undefined && (isPromised(merge, 'identity') || like.some((delta) => isAlike(delta, empty)));
    },
    broken: emptyDependence,
  },
];

function isPromised({ promises }: FieldMerge, name: LawName): boolean {
  return (promises as readonly LawName[]).includes(name);
}

/** Whether deltas could be values. One that promises to be associative says so. */
function areValues(merge: FieldMerge, like: readonly Value[]): boolean {
  return isPromised(merge, 'associative') || like.every((delta) => isAlike(delta, merge.initial));
}

function isAlike(left: Value, right: Value): boolean {
  return describeKind(left) === describeKind(right);
}

/** Calls under a clock and random values of ours, so that a case comes out alike whenever it is tried. */
function calmly<Result>(run: () => Result): Result {
  return inSurroundings(surroundings[0], run);
}

/** The value that the first deltas lead to. Those that the merge does not take leave it as it is. */
function reached(merge: FieldMerge, { state, before }: LawCase): Value {
  let value = state;
  for (const delta of before) {
    const next = merge.merge(value, [delta]);
    if (next.kind === 'value') value = next.value;
  }
  return value;
}

/** What every step of the case comes to. `copy` is made of all that is handed over. */
function stepsOf(
  merge: FieldMerge,
  { state, before, deltas }: LawCase,
  copy: (value: Value) => Value,
): readonly Merged[] {
  const results: Merged[] = [];
  let value = copy(state);
  for (const step of [...before.map((delta) => [delta]), deltas]) {
    const result = merge.merge(copy(value), step.map(copy));
    results.push(result);
    if (result.kind === 'value') value = result.value;
  }
  return results;
}

function sameMerged(left: Merged, right: Merged): boolean {
  if (left.kind === 'value') return right.kind === 'value' && sameValue(left.value, right.value);
  if (left.kind === 'refused') return right.kind === 'refused' && left.code === right.code;
  return right.kind === 'threw' && left.message === right.message;
}

function shown(how: string, merged: Merged): Side {
  if (merged.kind === 'value') return { how, value: merged.value };
  return {
    how: `${how}, it ${merged.kind === 'refused' ? `refused with ${merged.code}` : `threw ${merged.message}`}`,
    value: undefined,
  };
}

/** Undefined where both are the same. A merge that throws is not total, and shows nothing about other laws. */
function difference(
  what: string,
  left: readonly [string, Merged],
  right: readonly [string, Merged],
): Broken | undefined {
  if (left[1].kind === 'threw' || right[1].kind === 'threw' || sameMerged(left[1], right[1])) return undefined;
  return { what, sides: [shown(...left), shown(...right)] };
}

function mutation(merge: FieldMerge, given: LawCase): Broken | undefined {
  let found: Broken | undefined;
  const watch = (name: string, call: (...given: never[]) => unknown): never => {
    const watched = (...args: Value[]): unknown => {
      const copies = args.map(thawed);
      const result = call(...(copies as never[]));
      for (const [place, arg] of args.entries()) {
        const after = valueOrUndefined(copies[place]);
        if (found !== undefined || sameValue(after, arg)) continue;
        const what = `${name === 'reduce' && place === 0 ? 'its value' : name === 'reduce' ? 'its delta' : 'what it is given'}`;
        found = {
          what: `changes ${what} in place`,
          sides: [
            { how: 'before the call', value: arg },
            { how: 'after it', value: after },
          ],
        };
      }
      return result;
    };
    return watched as never;
  };
  const functions = Object.fromEntries(
    Object.entries(merge.functions).map(([name, call]) => [name, watch(name, call as never)]),
  ) as MergeFunctions;
  calmly(() =>
    stepsOf({ ...merge, merge: (before, deltas) => merge.merge(before, deltas, functions) }, given, freshCopy),
  );
  return found;
}

function valueOrUndefined(given: unknown): Value {
  try {
    return canonicalValue(given, 'value');
  } catch {
    return undefined;
  }
}

function impurity(merge: FieldMerge, given: LawCase): Broken | undefined {
  const [steps, broken] = repeatedly(merge, given);
  if (broken !== undefined) return broken;
  // The same deltas in another place: what was kept of the first place may be taken for it.
  const last = steps.findLast(({ kind }) => kind === 'value');
  const state = last?.kind === 'value' ? last.value : given.state;
  const [, mixedUp] = repeatedly(merge, { state, before: [], deltas: given.deltas.toReversed() });
  return mixedUp ?? dependenceOnIdentity(merge, given, steps);
}

function repeatedly(merge: FieldMerge, given: LawCase): readonly [readonly Merged[], Broken | undefined] {
  const run = (): readonly Merged[] => calmly(() => stepsOf(merge, given, sharingCopier()));
  const steps = run();
  const what = 'gives another result when the same is merged again: it keeps something between calls';
  return [steps, firstDifference(what, ['the first time', steps], ['the second time', run()])];
}

function dependenceOnIdentity(merge: FieldMerge, given: LawCase, shared: readonly Merged[]): Broken | undefined {
  return firstDifference(
    'depends on which equal values are one object, and a resumed run has copies',
    ['with equal values as one object', shared],
    ['with copies', calmly(() => stepsOf(merge, given, freshCopy))],
  );
}

/** Unlike `difference`, it counts as one to throw in one run and not in the other. */
function firstDifference(
  what: string,
  [how, steps]: readonly [string, readonly Merged[]],
  [otherHow, others]: readonly [string, readonly Merged[]],
): Broken | undefined {
  const place = steps.findIndex((step, index) => !sameMerged(step, others[index] as Merged));
  if (place < 0) return undefined;
  return { what, sides: [shown(how, steps[place] as Merged), shown(otherHow, others[place] as Merged)] };
}

function ambientDependence(merge: FieldMerge, given: LawCase): Broken | undefined {
  const sources = new Set<string>();
  const runs = surroundings.map((one) =>
    inSurroundings(
      one,
      () => stepsOf(merge, given, freshCopy),
      (source) => sources.add(source),
    ),
  );
  const [first = [], ...others] = runs;
  for (const other of others) {
    const found = firstDifference(
      `depends on ${[...sources].sort().join(', ') || 'something besides its arguments'}`,
      ['with one clock and one sequence of random values', first],
      ['with others', other],
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

function failure(merge: FieldMerge, given: LawCase): Broken | undefined {
  return calmly(() => {
    let value = given.state;
    for (const step of [...given.before.map((delta) => [delta]), given.deltas]) {
      const result = merge.merge(value, step);
      const sides = [
        { how: 'the value', value },
        {
          how: step.length === 1 ? 'the delta' : 'the deltas',
          value: step.length === 1 ? step[0] : canonicalValue(step, 'deltas'),
        },
      ];
      if (result.kind === 'threw') return { what: `throws ${result.message}`, sides };
      if (result.kind !== 'value') continue;
      if (result.value === undefined && value !== undefined && !step.includes(undefined))
        return { what: 'gives back nothing', sides };
      if (holdsNaN(result.value) && ![value, ...step].some(holdsNaN))
        return {
          what: 'gives NaN, for values that hold none',
          sides: [...sides, { how: 'the result', value: result.value }],
        };
      value = result.value;
    }
    return undefined;
  });
}

function holdsNaN(value: Value): boolean {
  if (typeof value === 'number') return Number.isNaN(value);
  if (Array.isArray(value)) return value.some(holdsNaN);
  if (value instanceof Map) return [...value].some(([key, item]) => holdsNaN(key) || holdsNaN(item));
  if (value instanceof Set) return [...value].some(holdsNaN);
  return isRecordValue(value) && Object.values(value).some(holdsNaN);
}

/** Any order can be reached by swapping neighbours, so swaps of neighbours show every dependence on it. */
function orderDependence(merge: FieldMerge, given: LawCase): Broken | undefined {
  return calmly(() => {
    const value = reached(merge, given);
    const { deltas } = given;
    const inOrder = merge.merge(value, deltas);
    for (let place = 0; place + 1 < deltas.length; place += 1) {
      const swapped = deltas.with(place, deltas[place + 1]).with(place + 1, deltas[place]);
      const what = `depends on the order of its deltas: ${place === 0 ? 'the first two' : `those at ${place} and ${place + 1}`} are swapped`;
      const found = difference(what, ['in this order', inOrder], ['swapped', merge.merge(value, swapped)]);
      if (found !== undefined) return found;
    }
    return undefined;
  });
}

function groupingDependence(merge: FieldMerge, given: LawCase): Broken | undefined {
  return calmly(() => {
    const value = reached(merge, given);
    const [first, second] = given.deltas;
    const one = merge.merge(value, [first]);
    const pair = merge.merge(deltaAsValue(merge, first), [second]);
    if (pair.kind === 'threw') {
      const sides = [
        { how: 'the delta that was merged', value: second },
        { how: 'into the delta', value: first },
      ];
      return { what: `throws ${pair.message} if a delta takes the place of the value`, sides };
    }
    if (one.kind !== 'value' || pair.kind !== 'value') return undefined;
    if (!merge.fits(pair.value)) return undefined;
    return difference(
      'depends on how its deltas are grouped',
      ['one after the other', merge.merge(one.value, [second])],
      ['merged with each other first', merge.merge(value, [pair.value])],
    );
  });
}

function repetitionDependence(merge: FieldMerge, given: LawCase): Broken | undefined {
  return calmly(() => {
    const once = merge.merge(reached(merge, given), given.deltas);
    if (once.kind !== 'value') return undefined;
    const twice = merge.merge(once.value, given.deltas);
    return difference('changes again when a delta is merged again', ['once', once], ['twice', twice]);
  });
}

function emptyDependence(merge: FieldMerge, given: LawCase, like: readonly Value[]): Broken | undefined {
  return calmly(() => {
    const value = reached(merge, given);
    // In a counterexample the empty delta is the one that is named.
    const [empty = emptyDelta(merge, like)] = given.deltas;
    const after = merge.merge(value, [empty]);
    return difference('changes with an empty delta', ['before', { kind: 'value', value }], ['after', after]);
  });
}
