// Arbitrary deltas and runs, for properties that users state themselves.
import type { Arbitrary } from 'fast-check';
import { RepriseError } from '../../base/error.ts';
import { filledText } from '../../base/options/option-kind.ts';
import type { OptionKind } from '../../base/options/option-kind.ts';
import { either } from '../../base/options/option-parts.ts';
import { checkArgument, checkOptions, noOptions, optionShape } from '../../base/options/option-shape.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { AnyGraph, InputOf, StateOf } from '../../graph/built-graph.ts';
import type { Run } from '../../graph/types/run-types.ts';
import { factsOf } from '../../journal/entry.ts';
import type { EffectEntry } from '../../journal/entry.ts';
import { isRecordValue } from '../../journal/record-value.ts';
import type { RecordValue } from '../../journal/record-value.ts';
import { loadFastCheck } from '../fast-check.ts';
import type { FastCheck } from '../fast-check.ts';
import { arbitraryOfShape } from './value/arbitrary-value.ts';
import { runDrawn } from './drawn-run.ts';
import { answerKeyIn, isAnswered } from './drawn-world.ts';
import type { DrawnAnswer } from './drawn-world.ts';
import { inputNode, recordedValues, samplesOf, scopeOf } from './value/recorded-values.ts';
import type { RecordedEffect, RecordedRun } from './value/recorded-values.ts';
import { graphKind, recordedRuns } from './reducer-laws.ts';
import { schemaShape } from './value/schema-shape.ts';
import { shapeOf } from './value/value-shape.ts';
import type { ValueShape } from './value/value-shape.ts';

/** Narrows what `arbitraryDelta` draws. Without options it draws deltas of all nodes. */
export interface ArbitraryDeltaOptions {
  /** Only what this node wrote. */
  readonly node?: string;
}

export const arbitraryDeltaOptions = optionShape<ArbitraryDeltaOptions>('arbitraryDelta', { node: filledText });
const runsOrPath: OptionKind = either(filledText, recordedRuns);

/**
 * Arbitrary deltas, for a property of your own: what nodes of recorded runs wrote, changed in places, and made-up ones of
 * the same shape. They shrink, and keep their shape. `from` is the path of a fixture, or a list of paths and journals.
 *
 * ```ts
 * import fc from 'fast-check';
 * import { append, createEngine, fields, graph, memoryStore } from 'reprise';
 * import { arbitraryDelta } from 'reprise/explore';
 *
 * const desk = graph('desk', { state: fields({ findings: append<{ topic: string; pages: number }>() }) })
 *   .node('search', () => ({ delta: { findings: [{ topic: 'storage', pages: 3 }] } }))
 *   .start('search')
 *   .build();
 * const store = memoryStore();
 * await createEngine(desk, { store }).run({}, { runId: 'desk-1' });
 *
 * const deltas = await arbitraryDelta<{ findings: { topic: string; pages: number }[] }>([store.read('desk-1')]);
 * const { counterexample } = fc.check(
 *   fc.property(deltas, ({ findings }) => findings.every(({ pages }) => pages < 100)),
 *   { seed: 1 },
 * );
 * console.log(counterexample?.[0].findings.length); // 1
 * ```
 *
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`, `option-invalid` if nothing was
 *   written there, `peer-missing` without fast-check
 */
export async function arbitraryDelta<Delta = unknown>(
  from: string | readonly RecordedRun[],
  options: ArbitraryDeltaOptions = noOptions,
): Promise<Arbitrary<Delta>> {
  checkArgument('arbitraryDelta', 'from', runsOrPath, from);
  checkOptions(arbitraryDeltaOptions, options);
  const fc = loadFastCheck();
  const recorded = await recordedValues(typeof from === 'string' ? [from] : from);
  const { node: wanted } = options;
  const deltas = [...scopeOf(recorded, []).deltas]
    .filter(({ node }) => (wanted === undefined ? node !== inputNode : node === wanted))
    .map(({ delta }) => delta);
  if (deltas.length === 0)
    throw nothingRecorded(wanted === undefined ? 'any node' : `node "${wanted}"`, 'wrote anything');
  return arbitraryRecord(fc, deltas) as Arbitrary<Delta>;
}

/** What each record has of its own keys stays together; the shape of a value is that of all under its key. */
function arbitraryRecord(fc: FastCheck, values: readonly Value[]): Arbitrary<Value> {
  const records = values.filter(isRecordValue);
  if (records.length < values.length) return arbitraryLike(fc, values) as Arbitrary<Value>;
  const byKeys = new Map<string, RecordValue[]>();
  for (const record of records) {
    const keys = JSON.stringify(Object.keys(record));
    byKeys.set(keys, [...(byKeys.get(keys) ?? []), record]);
  }
  const shapes = new Map<string, ValueShape>();
  for (const key of new Set(records.flatMap((record) => Object.keys(record)))) {
    const shape = shapeOf(records.filter((record) => Object.hasOwn(record, key)).map((record) => record[key]));
    if (shape !== undefined) shapes.set(key, shape);
  }
  const arbitraries = [...byKeys.values()].map((group) => {
    const fields = Object.keys(group[0] as RecordValue).map(
      (key) => [key, { shape: shapes.get(key) as ValueShape, isOptional: false }] as const,
    );
    return arbitraryOfShape(fc, { kind: 'record', fields: new Map(fields) }, samplesOf(group));
  });
  return fc.oneof(...arbitraries);
}

function arbitraryLike(fc: FastCheck, values: readonly Value[]): Arbitrary<Value> | undefined {
  const shape = shapeOf(values);
  return shape === undefined ? undefined : arbitraryOfShape(fc, shape, samplesOf(values));
}

/**
 * What `arbitraryRun` learns from. Without recorded runs the input comes from its schema, and effects have no answers.
 */
export interface ArbitraryRunOptions {
  /** Recorded runs, whose inputs and answers are drawn from: paths of fixtures, or journals such as `store.read('desk-1')`. */
  readonly from?: readonly RecordedRun[];
}

export const arbitraryRunOptions = optionShape<ArbitraryRunOptions>('arbitraryRun', { from: recordedRuns });

/** A run that has not happened yet. */
export interface DrawnRun<Input, State> {
  readonly input: Input;
  /** What effects are answered with, by node and by what they ask for: `plan: call search`, `ask: http POST https://…`. */
  readonly answers: { readonly [asked: string]: readonly DrawnAnswer[] };
  /** Runs it offline, without waiting. Each call runs it again, in the same way. */
  readonly run: () => Promise<Run<State>>;
}

/**
 * Arbitrary runs of a graph, for a property of your own: inputs that its schema allows or that are like recorded ones,
 * and answers of effects that are like recorded ones. They shrink. Nothing goes out, and nothing takes time. An effect
 * without a recorded answer fails with `effect-missing`.
 *
 * ```ts
 * import fc from 'fast-check';
 * import { createEngine, fields, graph, last, memoryStore, text } from 'reprise';
 * import { arbitraryRun } from 'reprise/explore';
 *
 * const desk = graph('desk', { state: fields({ question: last<string>(), answer: text() }) })
 *   .node('ask', async (state, { effect }) => {
 *     const found = await effect('search', state.question, () => ({ title: 'Storage', pages: [3, 4] }));
 *     return { delta: { answer: `${found.title}, from page ${found.pages[0]?.toFixed()}` } };
 *   })
 *   .start('ask')
 *   .build();
 * const store = memoryStore();
 * await createEngine(desk, { store }).run({ question: 'why?' }, { runId: 'desk-1' });
 *
 * const runs = await arbitraryRun(desk, { from: [store.read('desk-1')] });
 * const ends = fc.asyncProperty(runs, async ({ run }) => !(await run()).state.answer.includes('undefined'));
 * const { counterexample } = await fc.check(ends, { seed: 1 });
 * const [first] = counterexample?.[0].answers['ask: call search'] ?? [];
 * console.log(JSON.stringify(first?.outcome)); // {"kind":"value","value":{"pages":[],"title":""}}
 * ```
 *
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`, `fixture-other-graph`,
 *   `option-invalid` if nothing is known about its input, `peer-missing` without fast-check
 */
export async function arbitraryRun<G extends AnyGraph>(
  graph: G,
  options: ArbitraryRunOptions = noOptions,
): Promise<Arbitrary<DrawnRun<InputOf<G>, StateOf<G>>>> {
  checkArgument('arbitraryRun', 'graph', graphKind, graph);
  checkOptions(arbitraryRunOptions, options);
  const fc = loadFastCheck();
  const { inputs, effects } = await recordedValues(options.from ?? [], graph.name);
  const answers = arbitraryAnswers(fc, effects);
  return fc.record({ input: arbitraryInput(fc, graph, inputs), answers }).map(({ input, answers: drawn }) => ({
    input: input as InputOf<G>,
    answers: drawn,
    run: () => runDrawn(graph, input, new Map(Object.entries(drawn))) as Promise<Run<StateOf<G>>>,
  }));
}

function arbitraryInput(fc: FastCheck, graph: AnyGraph, recorded: readonly Value[]): Arbitrary<Value> {
  const { inputSchema, state } = graph.spec;
  const shape = inputSchema === undefined ? undefined : schemaShape(inputSchema, 'input');
  if (shape !== undefined) return arbitraryOfShape(fc, shape, []);
  if (recorded.length > 0) return arbitraryRecord(fc, recorded);
  const isNeeded =
    state.kind === 'function' || [...state.fields.values()].some(({ description }) => description.required);
  if (isNeeded) throw nothingRecorded(`graph "${graph.name}"`, 'got an input');
  return fc.constant(canonicalValue({}, 'input'));
}

function arbitraryAnswers(
  fc: FastCheck,
  effects: readonly RecordedEffect[],
): Arbitrary<{ readonly [asked: string]: readonly DrawnAnswer[] }> {
  const byKey = new Map<string, EffectEntry[]>();
  for (const { node, effect } of effects) {
    if (!isAnswered(effect)) continue;
    const key = answerKeyIn(node, effect);
    byKey.set(key, [...(byKey.get(key) ?? []), effect]);
  }
  const lists = [...byKey].map(
    ([key, entries]) => [key, fc.array(arbitraryAnswer(fc, entries), { minLength: 1, maxLength: 3 })] as const,
  );
  return fc.record(Object.fromEntries(lists));
}

/** An exchange has a form of its own, so its recorded answers are kept as they are. So are errors. */
function arbitraryAnswer(fc: FastCheck, effects: readonly EffectEntry[]): Arbitrary<DrawnAnswer> {
  const recorded = effects.map((effect): DrawnAnswer => ({ outcome: effect.outcome, facts: factsOf(effect) }));
  const kept = recorded.filter(
    (_, place) => effects[place]?.type === 'http' || effects[place]?.outcome.kind === 'error',
  );
  const values = effects.flatMap(({ type, outcome }) =>
    type !== 'http' && outcome.kind === 'value' ? [outcome.value] : [],
  );
  const made = arbitraryLike(fc, values)?.map((value): DrawnAnswer => ({ outcome: { kind: 'value', value } }));
  return fc.oneof(...(made === undefined ? [] : [made]), ...(kept.length === 0 ? [] : [fc.constantFrom(...kept)]));
}

function nothingRecorded(what: string, did: string): RepriseError {
  return new RepriseError('option-invalid', `no recorded run says what it is like where ${what} ${did}`, {
    nextStep: 'Name a recorded run in `from` in which this happened.',
    fields: { option: 'from' },
  });
}
