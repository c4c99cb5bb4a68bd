import { describe, expect, it } from 'vitest';
import { canonicalValue } from '../../../src/base/value.ts';
import type { Value } from '../../../src/base/value.ts';
import type { StateDescription } from '../../../src/journal/description.ts';
import type { Patch } from '../../../src/journal/entry.ts';
import { emptyState, foldCommit, initialState } from '../../../src/journal/fold/fold.ts';
import { applyPatch, makePatch } from '../../../src/journal/fold/patch.ts';
import { thrownBy } from '../../support/thrown.ts';

const canonical = (value: unknown): Value => canonicalValue(value, 'value');
const description: StateDescription = {
  kind: 'fields',
  fields: {
    question: { kind: 'last', required: true },
    found: { kind: 'append', required: false, initial: canonical([]) },
    score: { kind: 'reduce', required: false, initial: 0 },
    mode: { kind: 'last', required: false, initial: 'a', onConflict: 'highest-rank' },
  },
};

describe('the state of a journal', () => {
  it('begins with the initial values and the input', () => {
    expect(emptyState(description)).toEqual({ question: undefined, found: [], score: 0, mode: 'a' });
    expect(initialState(description, canonical({ question: 'why' }))).toEqual({
      question: 'why',
      found: [],
      score: 0,
      mode: 'a',
    });
  });

  it('follows from the deltas, and from the patch where user code decided', () => {
    const before = initialState(description, canonical({ question: 'why' }));
    const deltas = [
      { found: [1], score: 5, mode: 'b' },
      { found: [2], mode: 'c' },
    ].map(canonical);
    const patch: Patch = { kind: 'record', changed: { score: { kind: 'set', value: 25 } }, removed: [] };
    expect(foldCommit(description, before, deltas, patch)).toEqual({
      question: 'why',
      found: [1, 2],
      score: 25,
      mode: 'c',
    });
  });

  it('is the patch alone where one function merges it', () => {
    const whole: StateDescription = { kind: 'function', initial: canonical({ n: 1 }) };
    const patch: Patch = { kind: 'set', value: canonical({ n: 2 }) };
    expect(initialState(whole, 'any')).toEqual({ n: 1 });
    expect(foldCommit(whole, canonical({ n: 1 }), ['any'], patch)).toEqual({ n: 2 });
  });

  it.each<[string, () => unknown]>([
    [
      'a delta that names no field',
      () => foldCommit(description, emptyState(description), [canonical({ other: 1 })], undefined),
    ],
    ['a delta that is no record', () => foldCommit(description, emptyState(description), [canonical([])], undefined)],
    ['a state that is no record', () => foldCommit(description, 5, [], undefined)],
    ['an append to no list', () => applyPatch(5, { kind: 'append', items: [] })],
    ['a change in no record', () => applyPatch(canonical([]), { kind: 'record', changed: {}, removed: [] })],
    [
      'a removal of what is not there',
      () => applyPatch(canonical({}), { kind: 'record', changed: {}, removed: ['toString'] }),
    ],
    [
      'a change of what is not there',
      () => applyPatch(canonical({}), { kind: 'record', changed: { a: { kind: 'append', items: [] } }, removed: [] }),
    ],
  ])('refuses %s', (_what, call) => {
    expect(thrownBy(call).code).toBe('fixture-damaged');
  });
});

describe('a patch is small', () => {
  const shared = canonical({ deep: { list: Array.from({ length: 1_000 }, (_unused, index) => ({ index })) } }) as {
    deep: { list: Value[] };
  };

  it('where a list grew', () => {
    const list = [...shared.deep.list, canonical({ index: 1_000 })];
    expect(makePatch(shared as never, canonical({ deep: { list } }))).toEqual({
      kind: 'record',
      changed: {
        deep: { kind: 'record', changed: { list: { kind: 'append', items: [{ index: 1_000 }] } }, removed: [] },
      },
      removed: [],
    });
  });

  it('where a key came or went', () => {
    expect(makePatch(canonical({ a: 1, b: 2 }), canonical({ b: 2, c: 3 }))).toEqual({
      kind: 'record',
      changed: { c: { kind: 'set', value: 3 } },
      removed: ['a'],
    });
  });
});
