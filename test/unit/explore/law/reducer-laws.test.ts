// What `reducerLaws` looks at, besides the reducers that test/finder plants.
import { describe, expect, it } from 'vitest';
import 'reprise/vitest';
import { z } from 'zod';
import {
  append,
  createEngine,
  fields,
  graph,
  last,
  max,
  memoryStore,
  merge,
  min,
  reduce,
  reducer,
  sum,
  text,
  union,
  upsert,
} from '../../../../src/index.ts';
import type { AnyGraph } from '../../../../src/index.ts';
import { checkLaw, reducerLaws } from '../../../../src/explore/index.ts';
import type { Entry, FieldLaws, LawsReport, RecordedRun } from '../../../../src/explore/index.ts';
import { canonicalValue } from '../../../../src/base/value.ts';
import type { Value } from '../../../../src/base/value.ts';
import { fieldMergeOf, fieldMerges } from '../../../../src/explore/law/field-merge.ts';
import type { FieldMerge } from '../../../../src/explore/law/field-merge.ts';
import { fieldValues } from '../../../../src/explore/law/value/law-values.ts';
import { plainCases } from '../../../../src/explore/law/value/plain-values.ts';
import { reducerLaws as laws } from '../../../../src/explore/law/reducer-law.ts';
import type { ReducerLaw } from '../../../../src/explore/law/reducer-law.ts';
import { collected } from '../../../../src/explore/store/law-entries.ts';
import { lawsText } from '../../../../src/report/index.ts';
import { RepriseError } from '../../../../src/index.ts';

async function recorded(made: AnyGraph, input: object = {}): Promise<readonly RecordedRun[]> {
  const store = memoryStore();
  const engine = createEngine(made, { store });
  await engine.run(input as never, { runId: 'run-1' });
  await engine.close();
  return [store.read('run-1')];
}

async function rejectedWith(work: Promise<unknown>): Promise<RepriseError> {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof RepriseError) return thrown;
  throw new Error('nothing was thrown');
}

const fieldOf = ({ fields: all }: LawsReport, name: string): FieldLaws =>
  all.find(({ field }) => field === name) as FieldLaws;
const outcomes = ({ laws }: FieldLaws): Readonly<Record<string, string>> =>
  Object.fromEntries(laws.map(({ law, outcome }) => [law, outcome]));

const everyField = graph('every', {
  state: fields({
    last: last<unknown>(null),
    highest: last<unknown>(null, { onConflict: 'highest-rank' }),
    text: text(),
    append: append<unknown>(),
    sum: sum(),
    min: min(),
    max: max(),
    union: union<unknown>(),
    merge: merge<Record<string, unknown>>(),
    merged: merge<Record<string, unknown>>({}, { onConflict: 'highest-rank' }),
    upsert: upsert<{ id: string }>('id'),
  }),
})
  .node('a', () => {})
  .start('a')
  .build();

describe('built-in fields', () => {
  it.each(Array.from({ length: 20 }, (_, index) => index))('keep what they promise, with seed %i', async (seed) => {
    const report = await reducerLaws(everyField, { seed, numRuns: 30 });
    expect({ seed, verdict: report.verdict }).toEqual({ seed, verdict: 'kept' });
    expect(report.fields.every(({ source, laws }) => source === 'kind' && laws.length >= 5)).toBe(true);
  });

  it('promise exactly what holds for them', async () => {
    const report = await reducerLaws(everyField);
    const heldUnpromised = report.fields.flatMap(({ field, laws }) =>
      laws.filter(({ asked, outcome }) => asked === 'unpromised' && outcome === 'kept').map(({ law }) => [field, law]),
    );
    expect(heldUnpromised).toEqual([]);
  });

  it.each([
    ['max', 'order-independent', (_: Value, deltas: readonly Value[]) => deltas.at(-1)],
    [
      'append',
      'associative',
      (value: Value, [first]: readonly Value[]) => [...(first as Value[])].reverse().concat(value),
    ],
    [
      'union',
      'idempotent',
      (value: Value, [first]: readonly Value[]) => new Set([...(value as Set<Value>), [...(first as Value[])]]),
    ],
    [
      'sum',
      'identity',
      (value: Value, [first]: readonly Value[]) => Math.max(1, (value as number) + (first as number)),
    ],
  ] as const)('are caught: a %s that is not %s', (name, lawName, merged) => {
    const merge: FieldMerge = {
      ...fieldMergeOf(everyField, name),
      merge: (before, deltas) => ({ kind: 'value', value: canonicalValue(merged(before, deltas), 'value') }),
    };
    const law = laws.find((one) => one.name === lawName) as ReducerLaw;
    const { shapes } = fieldValues(merge, { runCount: 0, inputs: [], scopes: new Map(), effects: [] });
    const cases = [...plainCases(merge.initial, shapes, law.deltas)];
    expect(cases.some((given) => law.broken(merge, given, [[]]) !== undefined)).toBe(true);
    expect(cases.every((given) => law.broken(fieldMergeOf(everyField, name), given, [[]]) === undefined)).toBe(true);
  });
});

describe('values', () => {
  const withAction = (): AnyGraph =>
    graph('actions', {
      state: fields({
        open: reduce((list: readonly string[], action: { readonly add: string }) => [...list, action.add.trim()], []),
      }),
    })
      .node('write', () => ({ delta: { open: { add: ' one ' } } }))
      .start('write')
      .build();

  it('are recorded ones and their like, and without any nothing is checked', async () => {
    const made = withAction();
    const without = await reducerLaws(made);
    expect(without).toMatchObject({ verdict: 'unchecked', runs: 0 });
    expect(without.fields[0]).toMatchObject({ laws: [], recorded: { deltas: 0, states: 0 } });
    const report = await reducerLaws(made, { from: await recorded(made) });
    expect(report).toMatchObject({ verdict: 'kept', runs: 1 });
    expect(report.fields[0]).toMatchObject({ source: 'recorded', recorded: { deltas: 1, states: 2 } });
  });

  it('of a failed step count as well', async () => {
    const made = graph('failing', {
      state: fields({ list: reduce((value: string[], item: string) => [...value.splice(0), item], [] as string[]) }),
    })
      .node('write', () => ({ delta: { list: 'one' } }))
      .start('write')
      .build();
    const report = await reducerLaws(made, { from: await recorded(made) });
    expect(report).toMatchObject({ verdict: 'broken' });
    expect(outcomes(fieldOf(report, 'list'))).toMatchObject({ unmutated: 'broken', total: 'unchecked' });
  });

  it('are those of the schema where the deltas have its shape', async () => {
    const made = graph('schema', {
      state: fields({ tags: append<{ name: string; weight: number }>(), mood: last<'good' | 'bad'>('good') }),
      schema: {
        state: z.object({
          tags: z.array(z.object({ name: z.string(), weight: z.number().min(0).max(1) })),
          mood: z.enum(['good', 'bad']),
        }),
      },
    })
      .node('a', () => {})
      .start('a')
      .build();
    const report = await reducerLaws(made);
    expect(report.fields.map(({ source }) => source)).toEqual(['schema', 'schema']);
    const order = fieldOf(report, 'tags').laws.find(({ law }) => law === 'order-independent');
    const [first] = order?.counterexample?.deltas.filter((delta) => (delta as readonly object[]).length > 0) ?? [];
    expect(Object.keys((first as readonly object[])[0] as object)).toEqual(['name', 'weight']);
  });

  it('of inner graphs are told apart from those around them', async () => {
    const inner = graph('inner', {
      state: fields({ found: reduce((list: readonly string[], item: string) => [...list, item], []) }),
    })
      .node('look', () => ({ delta: { found: 'inside' } }))
      .start('look')
      .build();
    const outer = graph('outer', {
      state: fields({ found: reduce((sum_: number, count: { readonly by: number }) => sum_ + count.by, 0) }),
    })
      .subgraph('research', inner, { input: () => ({}), output: ({ found }) => ({ found: { by: found.length } }) })
      .start('research')
      .build();
    const report = await reducerLaws(outer, { from: await recorded(outer) });
    expect(report.verdict).toBe('kept');
    expect(report.fields.map(({ field, recorded: { deltas } }) => [field, deltas])).toEqual([
      ['found', 1],
      ['research/found', 1],
    ]);
    expect(() => checkLaw(outer, 'research/found', 'order-independent', { state: [], deltas: ['a', 'b'] })).toThrow(
      /field "research\/found" must be order-independent/,
    );
  });

  it('of a state that one function merges are whole states', async () => {
    const made = graph('whole', {
      state: reducer(
        (state: { readonly log: readonly string[] }, delta: { readonly line: string }) => ({
          log: [...state.log, delta.line],
        }),
        { log: [] },
      ),
    })
      .node('a', () => ({ delta: { line: 'one' } }))
      .start('a')
      .build();
    const report = await reducerLaws(made, { from: await recorded(made, { line: 'zero' }) });
    expect(report.fields).toMatchObject([{ field: 'state', kind: 'state', recorded: { deltas: 2, states: 2 } }]);
    expect(outcomes(report.fields[0] as FieldLaws)).toMatchObject({ pure: 'kept', 'order-independent': 'broken' });
  });

  it('come from runs of the same graph only', async () => {
    const other = withAction();
    const error = await rejectedWith(reducerLaws(everyField, { from: await recorded(other) }));
    expect(error.code).toBe('fixture-other-graph');
  });
});

describe('a report', () => {
  const made = (): AnyGraph =>
    graph('desk', {
      state: fields({
        findings: append<string>(),
        cost: reduce((total: number, delta: number) => total + delta, 0, { promises: ['order-independent'] }),
        chosen: last<number>(0, { onConflict: (values) => values[0] ?? 0 }),
      }),
    })
      .node('write', () => ({ delta: { findings: ['a', 'b'], cost: 1.25, chosen: 3 } }))
      .start('write')
      .build();

  it('says what is broken and what is only worth knowing', async () => {
    const desk = made();
    const report = await reducerLaws(desk, { from: await recorded(desk) });
    const printed = lawsText(report, {
      reproduce: 'npx reprise laws src/desk.ts#desk',
      graph: { module: './src/desk.ts', exported: 'desk' },
    });
    expect(printed).toContain('field "cost" (reduce) promises to be order-independent, but it depends on the order');
    expect(printed).toContain("import { desk } from './src/desk.ts';");
    expect(printed).toMatch(/checkLaw\(desk, 'cost', 'order-independent', \{ state: 0, deltas: \[[\d., ]+\] \}\);/);
    expect(printed).toMatch(/findings \(append\): order-dependent \(merged in rank order, so still deterministic\)/);
    expect(printed).toMatch(/chosen \(last\): .*order-dependent/);
    expect(printed.trimEnd().split('\n').at(-1)).toBe('reproduce: npx reprise laws src/desk.ts#desk');
  });

  it('is the same for the same seed', async () => {
    const desk = made();
    const from = await recorded(desk);
    const entries = await collected(from[0] as AsyncIterable<Entry>);
    const report = await reducerLaws(desk, { from: [entries], seed: 7 });
    expect(await reducerLaws(desk, { from: [entries], seed: 7 })).toEqual(report);
  });

  it('is what toKeepLaws shows', async () => {
    const desk = made();
    const from = await recorded(desk);
    await expect(expect(desk).toKeepLaws({ from })).rejects.toThrow(/promises to be order-independent/);
    await expect(everyField).toKeepLaws();
    await expect(expect('a text').toKeepLaws()).rejects.toThrow(/was not given a graph/);
  });

  it('names what is wrong with its options', async () => {
    const error = await rejectedWith(reducerLaws(everyField, { numRuns: 0 }));
    expect(error.message).toContain('numRuns');
    expect((await rejectedWith(reducerLaws({} as never))).code).toBe('option-invalid');
    expect(() => checkLaw(everyField, 'appendd', 'pure', { state: [], deltas: [[]] })).toThrow(
      expect.objectContaining({ code: 'option-invalid', nextStep: 'Did you mean "append"?' }),
    );
  });
});

it('every merge of a graph is looked at', () => {
  const { state } = everyField.spec.description;
  const names = state.kind === 'fields' ? Object.keys(state.fields) : [];
  expect(
    fieldMerges(everyField.spec)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(names.sort());
});
