import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeValue, decodeValue } from '../../../src/base/encode.ts';
import { sameValue } from '../../../src/base/equal.ts';
import { RepriseError } from '../../../src/base/error.ts';
import { canonicalValue, isCanonical } from '../../../src/base/value.ts';
import type { Value } from '../../../src/base/value.ts';
import { graph } from '../../../src/graph/build/builder.ts';
import { append, last, max, merge, min, reduce, sum, text, union, upsert } from '../../../src/graph/field.ts';
import type { Write } from '../../../src/graph/merge/field-writes.ts';
import { mergeStep, patchOf } from '../../../src/graph/merge/merge-step.ts';
import type { GraphSpec } from '../../../src/graph/spec.ts';
import { fields, reducer } from '../../../src/graph/state.ts';
import type { GraphDescription } from '../../../src/journal/description.ts';
import type { Patch } from '../../../src/journal/entry.ts';
import { emptyState, foldCommit, initialState } from '../../../src/journal/fold/fold.ts';
import { smallValues, values } from '../../support/values.ts';

interface Item {
  readonly id: unknown;
  readonly at: number;
}

const everyField = graph('every', {
  state: fields({
    last: last<unknown>(null),
    highest: last<unknown>(null, { onConflict: 'highest-rank' }),
    chosen: last<unknown>(null, { onConflict: (given) => given[0] }),
    text: text(),
    append: append<unknown>(),
    sum: sum(),
    min: min(),
    max: max(),
    union: union<unknown>(),
    merge: merge<Record<string, unknown>>(),
    merged: merge<Record<string, unknown>>({}, { onConflict: (given, key) => [key, ...given] }),
    upsert: upsert<Item>('id'),
    keyed: upsert<Item>((item) => item.id),
    reduce: reduce((list: readonly unknown[], delta: unknown) => [...list, delta].slice(-3), []),
  }),
})
  .node('a', () => {})
  .start('a')
  .build().spec;

const wholeState = graph('whole', {
  state: reducer((state: { readonly seen: readonly unknown[] }, delta: unknown) => ({ seen: [...state.seen, delta] }), {
    seen: [],
  }),
})
  .node('a', () => {})
  .start('a')
  .build().spec;

const items = fc.array(fc.record({ id: smallValues.filter((id) => id !== undefined), at: fc.integer() }), {
  maxLength: 3,
});
const partial = fc.dictionary(fc.constantFrom('a', 'b', 'constructor'), smallValues);
const list = fc.array(smallValues, { maxLength: 3 });
const delta = fc
  .record(
    {
      last: values,
      highest: smallValues,
      chosen: smallValues,
      text: fc.string(),
      append: fc.array(values, { maxLength: 3 }),
      sum: fc.double(),
      min: fc.integer(),
      max: fc.integer(),
      union: fc.oneof(
        list,
        list.map((given) => new Set(given)),
      ),
      merge: partial,
      merged: partial,
      upsert: items,
      keyed: items,
      reduce: values,
    },
    { requiredKeys: [] },
  )
  .map((given) => canonicalValue(given, 'delta'));

const stepsOf = (deltas: fc.Arbitrary<Value>): fc.Arbitrary<Write[][]> =>
  fc
    .array(fc.array(deltas, { maxLength: 3 }), { maxLength: 6 })
    .map((steps) =>
      steps.map((step, index) =>
        step.map((given, rank) => ({ task: `${index + 1}.${rank}`, node: 'a', delta: given })),
      ),
    );

/** A description and a patch, as a reader gets them from a file. */
const written = <Kind>(value: Kind): Kind =>
  decodeValue(JSON.parse(JSON.stringify(encodeValue(value as Value)))) as Kind;

function expectFoldEqualsMerge(spec: GraphSpec, input: Value, steps: readonly (readonly Write[])[]): number {
  const description: GraphDescription = written(spec.description);
  let engine = mergeStep(spec.state, emptyState(description.state), [{ task: '0', node: 'input', delta: input }]).state;
  const first = patchOf(spec.state, emptyState(description.state), [input], engine);
  let reader = initialState(description.state, input, first === undefined ? undefined : written<Patch>(first));
  expect(sameValue(reader, engine)).toBe(true);
  let mergedCount = 0;
  for (const writes of steps) {
    const after = mergeOrConflict(spec, engine, writes);
    if (after === undefined) continue;
    mergedCount += 1;
    const deltas = writes.map((write) => write.delta);
    const patch = patchOf(spec.state, engine, deltas, after);
    reader = foldCommit(
      description.state,
      reader,
      written(deltas),
      patch === undefined ? undefined : written<Patch>(patch),
    );
    engine = after;
    expect(isCanonical(engine)).toBe(true);
    expect(sameValue(reader, engine)).toBe(true);
  }
  return mergedCount;
}

/** A step with a conflict is never committed, so a reader never sees it. */
function mergeOrConflict(spec: GraphSpec, before: Value, writes: readonly Write[]): Value | undefined {
  try {
    return mergeStep(spec.state, before, writes).state;
  } catch (thrown) {
    if (thrown instanceof RepriseError && thrown.code === 'conflict') return undefined;
    throw thrown;
  }
}

describe('folding a journal without user code gives the state that the engine had', () => {
  it('for every kind of field', () => {
    let mergedCount = 0;
    fc.assert(
      fc.property(delta, stepsOf(delta), (input, steps) => {
        mergedCount += expectFoldEqualsMerge(everyField, input, steps);
      }),
      { numRuns: 300 },
    );
    expect(mergedCount).toBeGreaterThan(100);
  });

  it('for a state with one function', () => {
    fc.assert(
      fc.property(values, stepsOf(values), (input, steps) => {
        expectFoldEqualsMerge(wholeState, input, steps);
      }),
    );
  });
});

describe('merging a step', () => {
  it('is pure: merging again, before or after other steps, gives the same', () => {
    fc.assert(
      fc.property(delta, stepsOf(delta), (input, steps) => {
        const state = mergeStep(everyField.state, emptyState(everyField.description.state), [
          { task: '0', node: 'input', delta: input },
        ]).state;
        const once = steps.map((writes) => mergeOrConflict(everyField, state, writes));
        const again = [...steps].reverse().map((writes) => mergeOrConflict(everyField, state, writes));
        expect(once.every((value, index) => sameValue(value, again[steps.length - 1 - index]))).toBe(true);
      }),
    );
  });

  it('shares unwritten parts with the previous state', () => {
    fc.assert(
      fc.property(delta, stepsOf(delta), (input, [writes = []]) => {
        const before = mergeStep(everyField.state, emptyState(everyField.description.state), [
          { task: '0', node: 'input', delta: input },
        ]).state as { readonly [key: string]: Value };
        const after = mergeOrConflict(everyField, before, writes) as { readonly [key: string]: Value } | undefined;
        fc.pre(after !== undefined);
        const touched = new Set(writes.flatMap((write) => Object.keys(write.delta as object)));
        const untouched = Object.keys(before).filter((name) => !touched.has(name));
        expect(untouched.every((name) => Object.is(before[name], after[name]))).toBe(true);
      }),
    );
  });
});
