// A comparer that skips what cannot have changed says the same as one that looks at everything.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameValue } from '../../../../src/base/equal.ts';
import { canonicalValue } from '../../../../src/base/value.ts';
import type { Value } from '../../../../src/base/value.ts';
import { StateComparer } from '../../../../src/diff/compare/compare-state.ts';
import type { FieldDescription, StateDescription } from '../../../../src/journal/description.ts';
import { foldCommit, initialState } from '../../../../src/journal/fold/fold.ts';
import { makePatch } from '../../../../src/journal/fold/patch.ts';

const optional = { required: false } as const;
const kinds: Readonly<Record<string, FieldDescription>> = {
  log: { kind: 'append', initial: [], ...optional },
  total: { kind: 'sum', initial: 0, ...optional },
  latest: { kind: 'last', initial: 'none', ...optional },
  seen: { kind: 'union', initial: canonicalValue(new Set(), 'set'), ...optional },
  least: { kind: 'min', initial: 10, ...optional },
};
const description: StateDescription = { kind: 'fields', fields: kinds };

function comparing(recorded: StateDescription, replayed: StateDescription): StateComparer {
  return new StateComparer({ graph: { state: recorded } }, { graph: { state: replayed } });
}

const delta = fc
  .record(
    {
      log: fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }),
      total: fc.integer({ min: -1, max: 1 }),
      latest: fc.constantFrom('x', 'y'),
      seen: fc.array(fc.constantFrom('s', 't'), { maxLength: 2 }),
      least: fc.integer({ min: 8, max: 10 }),
    },
    { requiredKeys: [] },
  )
  .map((fields) => canonicalValue(fields, 'delta'));

/** Mostly the same on both sides, so that states part and meet again. */
const steps = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: delta.map((one) => [one, one] as const) },
    { weight: 1, arbitrary: fc.tuple(delta, delta) },
  ),
  { maxLength: 12 },
);

describe('the states of two runs', () => {
  it('are reported where each field begins to differ, and not again until it has been the same', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const comparer = comparing(description, description);
        let [recorded, replayed] = [initialState(description, {}), initialState(description, {})];
        let before = new Set<string>();
        for (const [index, [left, right]] of [[{}, {}] as const, ...list].entries()) {
          if (index > 0) {
            recorded = foldCommit(description, recorded, [left], undefined);
            replayed = foldCommit(description, replayed, [right], undefined);
          }
          const whole = comparing(description, description).edited({ recorded, replayed });
          const now = new Set(whole.map(({ field }) => field));
          const change = (deltas: Value) => ({ deltas: [deltas], patch: undefined });
          const found = comparer.add(change(left), change(right), { recorded, replayed });
          expect(found.map(({ field }) => field)).toEqual([...now].filter((field) => !before.has(field)));
          expect(comparer.isDiffering).toBe(now.size > 0);
          before = now;
        }
      }),
    );
  });

  it('that one function makes are compared by what it made', () => {
    const whole: StateDescription = { kind: 'function', initial: 0 };
    const value = fc.oneof(fc.integer({ min: 0, max: 2 }), fc.record({ a: fc.integer({ min: 0, max: 1 }) }));
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 8 }), (list) => {
        const comparer = comparing(whole, whole);
        let before: { readonly recorded: Value; readonly replayed: Value } = { recorded: 0, replayed: 0 };
        for (const [left, right] of list) {
          const states = { recorded: canonicalValue(left, 'a'), replayed: canonicalValue(right, 'b') };
          const change = (side: 'recorded' | 'replayed') => ({
            deltas: [],
            patch: makePatch(before[side], states[side]),
          });
          comparer.add(change('recorded'), change('replayed'), states);
          expect(comparer.isDiffering).toBe(!sameValue(states.recorded, states.replayed));
          before = states;
        }
      }),
    );
  });

  it('differ from the first step where a field is described otherwise', () => {
    const other: StateDescription = {
      kind: 'fields',
      fields: { ...kinds, total: { kind: 'max', initial: 1, ...optional } },
    };
    const comparer = comparing(description, other);
    const none = { deltas: [], patch: undefined };
    const states = { recorded: initialState(description, {}), replayed: initialState(other, {}) };
    expect(comparer.add(none, none, states)).toEqual([
      { path: 'state.total', field: 'total', recorded: 0, replayed: 1 },
    ]);
  });

  it('do not differ in a field that only one of them has', () => {
    const { total: _total, ...others } = kinds;
    const fewer: StateDescription = { kind: 'fields', fields: others };
    const whole = { recorded: initialState(fewer, {}), replayed: initialState(description, {}) };
    const write = { deltas: [canonicalValue({ total: 1 }, 'delta')], patch: undefined };
    const none = { deltas: [], patch: undefined };
    const comparer = comparing(fewer, description);
    expect(comparer.add(none, none, whole)).toEqual([]);
    expect(comparer.add(none, write, whole)).toEqual([]);
    expect(comparer.edited(whole)).toEqual([]);
    expect(comparer.isDiffering).toBe(false);
  });
});
