import { describe, expect, it } from 'vitest';
import { canonicalValue } from '../../../../src/base/value.ts';
import type { Value } from '../../../../src/base/value.ts';
import { append, last, merge, reduce, sum, text, union, upsert } from '../../../../src/graph/field.ts';
import type { FieldMap } from '../../../../src/graph/types/field-types.ts';
import type { Write } from '../../../../src/graph/merge/field-writes.ts';
import { checkDelta, mergeStep, patchOf } from '../../../../src/graph/merge/merge-step.ts';
import type { StateSpec } from '../../../../src/graph/spec.ts';
import { fields, reducer } from '../../../../src/graph/state.ts';
import { emptyState } from '../../../../src/journal/fold/fold.ts';
import { thrownBy } from '../../../support/thrown.ts';

function specOf(map: FieldMap): StateSpec {
  return fields(map)['~state'];
}

function startOf(spec: StateSpec): Value {
  if (spec.kind === 'function') return spec.initial;
  const described = [...spec.fields].map(([name, field]) => [name, field.description] as const);
  return emptyState({ kind: 'fields', fields: Object.fromEntries(described) });
}

/** One write for each delta: tasks 3.0, 3.1, … of nodes a, b, … */
function writesOf(...deltas: readonly unknown[]): readonly Write[] {
  return deltas.map((delta, rank) => ({
    task: `3.${rank}`,
    node: String.fromCodePoint(97 + rank),
    delta: canonicalValue(delta, 'delta'),
  }));
}

function merged(map: FieldMap, ...deltas: readonly unknown[]): unknown {
  const spec = specOf(map);
  return mergeStep(spec, startOf(spec), writesOf(...deltas)).state;
}

describe('the deltas of a step', () => {
  it('merge in rank order', () => {
    expect(
      merged({ list: append<string>(), total: sum() }, { list: ['a'], total: 1 }, { list: ['b', 'c'], total: 2 }),
    ).toEqual({
      list: ['a', 'b', 'c'],
      total: 3,
    });
    expect(
      merged({ records: upsert('id') }, { records: [{ id: 1, at: 'a' }] }, { records: [{ id: 1, at: 'b' }] }),
    ).toEqual({
      records: [{ id: 1, at: 'b' }],
    });
    expect(merged({ tags: union<string>() }, { tags: ['b', 'a'] }, { tags: new Set(['a', 'c']) })).toEqual({
      tags: new Set(['b', 'a', 'c']),
    });
  });

  it('leave a field alone that they do not name, and write one that they set to undefined', () => {
    expect(merged({ a: last<unknown>(1), b: last<unknown>(2) }, { a: undefined })).toEqual({ a: undefined, b: 2 });
  });

  it('cost one copy of a list, however many tasks append to it', () => {
    const spec = specOf({ list: append<number>() });
    const writes = writesOf(...Array.from({ length: 20_000 }, (_unused, index) => ({ list: [index] })));
    const { state } = mergeStep(spec, startOf(spec), writes);
    expect((state as { readonly list: readonly number[] }).list.length).toBe(20_000);
  }, 5_000);
});

describe('a conflict', () => {
  it('names both tasks, the field and both values, the values being equal or not', () => {
    const error = thrownBy(() => merged({ answer: last('none') }, { answer: 'yes' }, {}, { answer: 'yes' }));
    expect(error.code).toBe('conflict');
    expect(error.message).toBe('tasks 3.0 ("a") and 3.2 ("c") of one step both wrote field "answer": "yes" and "yes"');
    expect(error.fields).toEqual({ field: 'answer', tasks: ['3.0', '3.2'], nodes: ['a', 'c'], values: ['yes', 'yes'] });
  });

  it('shows the beginning of a long value', () => {
    const error = thrownBy(() => merged({ answer: text() }, { answer: 'x'.repeat(1_000) }, { answer: '' }));
    expect(error.message.length).toBeLessThan(200);
    expect(error.message).toContain('…');
  });

  it('of an object is one per key', () => {
    const map = { settings: merge<Record<string, number>>() };
    expect(merged(map, { settings: { a: 1 } }, { settings: { b: 2 } })).toEqual({ settings: { a: 1, b: 2 } });
    const error = thrownBy(() => merged(map, { settings: { a: 1 } }, { settings: { b: 2, a: 3 } }));
    expect(error.message).toContain('key "a" of field "settings"');
    expect(error.fields).toMatchObject({ field: 'settings', key: 'a', values: [1, 3] });
  });

  it('is that of the first field by name', () => {
    const map = { b: last(0), a: last(0) };
    expect(thrownBy(() => merged(map, { b: 1, a: 1 }, { b: 1, a: 1 })).fields.field).toBe('a');
  });

  it('is settled as the field says', () => {
    const byRank = {
      a: last(0, { onConflict: 'highest-rank' }),
      m: merge<Record<string, number>>({}, { onConflict: 'highest-rank' }),
    };
    expect(merged(byRank, { a: 1, m: { x: 1 } }, { a: 2, m: { x: 2, y: 2 } }, { a: 3 })).toEqual({
      a: 3,
      m: { x: 2, y: 2 },
    });
    const byFunction = {
      a: last(0, { onConflict: (values) => Math.max(...values) }),
      m: merge<Record<string, string>>({}, { onConflict: (values, key) => `${key}:${values.join('+')}` }),
    };
    expect(merged(byFunction, { a: 3, m: { x: '1' } }, { a: 2, m: { x: '2', y: '3' } })).toEqual({
      a: 3,
      m: { x: 'x:1+2', y: '3' },
    });
  });

  it('is undefined for a state with one function', () => {
    const spec = reducer((state: { n: number }, delta: number) => ({ n: state.n * 10 + delta }), { n: 0 })['~state'];
    expect(mergeStep(spec, startOf(spec), writesOf(1, 2, 3)).state).toEqual({ n: 123 });
  });
});

describe('a reducer of the user', () => {
  const failing = (merge: (value: unknown, delta: unknown) => unknown) => () =>
    merged({ total: reduce(merge, null) }, { total: 1 });

  it('that throws is named with its task, and its error is the cause', () => {
    const cause = new Error('no');
    const error = thrownBy(
      failing(() => {
        throw cause;
      }),
    );
    expect(error.code).toBe('reducer-failed');
    expect(error.message).toBe('the reducer of field "total" threw an error: no');
    expect(error.fields).toEqual({ field: 'total', task: '3.0', node: 'a' });
    expect(error.cause).toBe(cause);
  });

  it('cannot give back what a journal cannot hold', () => {
    expect(thrownBy(failing(() => () => 1)).code).toBe('reducer-failed');
    expect(thrownBy(failing(() => Promise.reject(new Error('later')))).message).toContain('a promise');
  });

  it('cannot change what it is given, bytes included', () => {
    const spec = specOf({
      data: reduce(
        (value: { bytes: Uint8Array }, _delta: number) => {
          value.bytes[0] = 9;
          return { bytes: new Uint8Array([1]) };
        },
        { bytes: new Uint8Array([7]) },
      ),
      list: reduce((value: number[], delta: number) => {
        value.push(delta);
        return value;
      }, []),
    });
    const before = startOf(spec);
    mergeStep(spec, before, writesOf({ data: 1 }));
    expect(before).toMatchObject({ data: { bytes: new Uint8Array([7]) } });
    expect(thrownBy(() => mergeStep(spec, before, writesOf({ list: 1 }))).code).toBe('reducer-failed');
  });

  it('gets what it gave back before, made canonical', () => {
    const seen: unknown[] = [];
    const keep = (value: object, delta: number) => {
      seen.push(value);
      return { z: delta, a: delta };
    };
    merged({ total: reduce(keep, {}) }, { total: 1 }, { total: 2 });
    expect(Object.keys(seen[1] as object)).toEqual(['a', 'z']);
    expect(Object.isFrozen(seen[1])).toBe(true);
  });
});

describe('a delta that does not fit', () => {
  const spec = specOf({
    tokens: sum(),
    list: append(),
    tags: union(),
    settings: merge(),
    records: upsert('id'),
    answer: text(),
  });
  const refusal = (delta: unknown) => thrownBy(() => checkDelta(spec, canonicalValue(delta, 'delta'), 'plan'));

  it('is the failure of its node', () => {
    const error = refusal({ tokens: '1' });
    expect(error.code).toBe('node-output-invalid');
    expect(error.message).toBe(
      'node "plan" returned a delta that does not fit: delta.tokens is a text, and a field made by sum() takes a number',
    );
    expect(error.fields).toEqual({ node: 'plan', path: 'delta.tokens' });
  });

  it.each([
    [{ list: 'a' }, 'delta.list'],
    [{ tags: { a: 1 } }, 'delta.tags'],
    [{ settings: [1] }, 'delta.settings'],
    [{ settings: new Map() }, 'delta.settings'],
    [{ records: [{ id: 1 }, 2] }, 'delta.records[1]'],
    [{ records: [{ id: 1 }, {}] }, 'delta.records[1].id'],
    [{ answer: null }, 'delta.answer'],
    [{ tokens: null }, 'delta.tokens'],
    [[], 'delta'],
    [null, 'delta'],
  ])('is told with its path: %j', (delta, path) => {
    expect(refusal(delta).fields).toMatchObject({ path });
  });

  it('names the nearest field', () => {
    expect(refusal({ anwser: 'x' }).message).toBe(
      'the delta of node "plan" names "anwser", which is no field of this graph',
    );
    expect(refusal({ anwser: 'x' }).nextStep).toBe('Did you mean "answer"?');
    expect(refusal({ constructor: 'x' }).nextStep).toContain('"tokens"');
  });
});

describe('what a commit says beyond its deltas', () => {
  it('is nothing where only fields of Reprise were written', () => {
    const spec = specOf({ list: append(), total: reduce((value: number, delta: number) => value + delta, 0) });
    const before = startOf(spec);
    const writes = writesOf({ list: [1] });
    const { state } = mergeStep(spec, before, writes);
    expect(
      patchOf(
        spec,
        before,
        writes.map((write) => write.delta),
        state,
      ),
    ).toBeUndefined();
  });

  it('is what user code decided, and what changed of it', () => {
    const spec = specOf({
      list: append(),
      history: reduce((value: readonly number[], delta: number) => [...value, delta], [1, 2]),
    });
    const before = startOf(spec);
    const writes = writesOf({ list: [1], history: 3 });
    const { state } = mergeStep(spec, before, writes);
    expect(
      patchOf(
        spec,
        before,
        writes.map((write) => write.delta),
        state,
      ),
    ).toEqual({
      kind: 'record',
      changed: { history: { kind: 'append', items: [3] } },
      removed: [],
    });
  });
});
