// Checks every merge of a graph against the laws.
import { wholeNumber } from '../../base/options/option-kind.ts';
import type { OptionKind } from '../../base/options/option-kind.ts';
import { listOf } from '../../base/options/option-parts.ts';
import { checkArgument, checkOptions, noOptions, optionShape } from '../../base/options/option-shape.ts';
import { sameValue } from '../../base/equal.ts';
import { canonicalList, canonicalValue } from '../../base/value.ts';
import type { AnyGraph } from '../../graph/built-graph.ts';
import { installAmbientReads } from '../../live/ambient/ambient-reads.ts';
import { liveEventLoop } from '../../live/event-loop/event-loop.ts';
import { lawBroken } from './broken-law.ts';
import { loadFastCheck } from '../fast-check.ts';
import type { FastCheck } from '../fast-check.ts';
import { emptyDelta, fieldMergeOf, fieldMerges } from './field-merge.ts';
import type { FieldMerge } from './field-merge.ts';
import { arbitraryCase, fieldValues } from './value/law-values.ts';
import type { FieldValues } from './value/law-values.ts';
import type { FieldLaws, LawResult, LawsReport } from './laws-report.ts';
import { plainCases } from './value/plain-values.ts';
import { recordedValues } from './value/recorded-values.ts';
import type { RecordedRun, RecordedValues } from './value/recorded-values.ts';
import { smallestCase } from './smallest-case.ts';
import { alwaysLaws, reducerLaws as laws } from './reducer-law.ts';
import type { LawCase, LawName, ReducerLaw } from './reducer-law.ts';

/**
 * What `reducerLaws` tries reducers with. With recorded runs it tries what your nodes write, and not only made-up
 * values.
 */
export interface ReducerLawOptions {
  /** Recorded runs whose deltas and states are tried: paths of fixtures, or journals such as `store.read('desk-1')`. */
  readonly from?: readonly RecordedRun[];
  /** Selects the cases; 1 by default. The same seed gives the same report. */
  readonly seed?: number;
  /** How many cases each law tries; 100 by default. */
  readonly numRuns?: number;
}

export const recordedRun: OptionKind = {
  wanted: 'the path of a fixture or a journal',
  fits: (value) =>
    typeof value === 'string' ||
    (typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)),
};
export const recordedRuns = listOf(recordedRun, 'paths of fixtures or journals');

export const reducerLawOptions = optionShape<ReducerLawOptions>('reducerLaws', {
  from: recordedRuns,
  seed: wholeNumber({}),
  numRuns: wholeNumber({ least: 1 }),
});

export const graphKind: OptionKind = {
  wanted: 'a graph, which `.build()` returns',
  fits: (value) => typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'graph',
};

/** Laws without which no other says anything. */
const basicLaws: ReadonlySet<LawName> = new Set(['unmutated', 'pure', 'deterministic']);

/**
 * Checks how each field of the state is merged: that the merge changes nothing in place, is pure and deterministic, and
 * takes every delta; and whatever the field promises, by its kind or by `promises` of `reduce`. What it does not promise
 * is found out and reported as well. The values are recorded ones, changed and made up to their likeness, and those that
 * the schema of the state allows. What breaks a law is shrunk to a smallest case.
 *
 * ```ts
 * import { fields, graph, reduce } from 'reprise';
 * import { reducerLaws } from 'reprise/explore';
 * import { createEngine, memoryStore } from 'reprise';
 *
 * const cost = reduce((sum: number, delta: number) => sum + delta, 0, { promises: ['order-independent'] });
 * const desk = graph('desk', { state: fields({ cost }) })
 *   .node('ask', () => ({ delta: { cost: 0.25 } }))
 *   .start('ask')
 *   .build();
 *
 * const store = memoryStore();
 * await createEngine(desk, { store }).run({}, { runId: 'desk-1' });
 * const { verdict, fields: [checked] } = await reducerLaws(desk, { from: [store.read('desk-1')] });
 * const broken = checked?.laws.find(({ outcome }) => outcome === 'broken');
 * console.log(verdict, broken?.law, broken?.counterexample?.deltas.join(' ')); // broken order-independent 0.1 1 0.1
 * ```
 *
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`, `fixture-other-graph`,
 *   `option-invalid`, `peer-missing` without fast-check
 */
export async function reducerLaws(graph: AnyGraph, options: ReducerLawOptions = noOptions): Promise<LawsReport> {
  checkArgument('reducerLaws', 'graph', graphKind, graph);
  checkOptions(reducerLawOptions, options);
  const { from = [], seed = 1, numRuns = 100 } = options;
  const fc = loadFastCheck();
  const recorded = await recordedValues(from, graph.name);
  const fields: FieldLaws[] = [];
  for (const merge of fieldMerges(graph.spec)) {
    fields.push(calmed(() => lawsOfField(fc, merge, recorded, { seed, numRuns })));
    await new Promise<void>((resolve) => liveEventLoop.next(resolve));
  }
  return { graph: graph.name, verdict: verdictOf(fields, graph), seed, numRuns, runs: recorded.runCount, fields };
}

/** With the clocks and random values of the process in our hands. */
function calmed<Result>(run: () => Result): Result {
  const restore = installAmbientReads();
  try {
    return run();
  } finally {
    restore();
  }
}

function verdictOf(fields: readonly FieldLaws[], graph: AnyGraph): LawsReport['verdict'] {
  const isBroken = fields.some(({ laws: results }) => results.some(isFault));
  if (isBroken) return 'broken';
  const own = new Set(
    fieldMerges(graph.spec)
      .filter(({ isUserCode }) => isUserCode)
      .map(({ name }) => name),
  );
  const isUnchecked = own.size > 0 && fields.every(({ field, source }) => !own.has(field) || source === undefined);
  return isUnchecked ? 'unchecked' : 'kept';
}

/** What is broken although nothing promised it is only worth knowing. */
export function isFault({ asked, outcome }: LawResult): boolean {
  return outcome === 'broken' && asked !== 'unpromised';
}

interface Effort {
  readonly seed: number;
  readonly numRuns: number;
}

function lawsOfField(fc: FastCheck, merge: FieldMerge, recorded: RecordedValues, effort: Effort): FieldLaws {
  const values = fieldValues(merge, recorded);
  const { name: field, kind, promises } = merge;
  const { source, deltas, states } = values;
  const results: LawResult[] = [];
  if (source !== undefined) {
    for (const law of laws) {
      if (law.applies?.(merge, likeOf(fc, values, effort)) === false) continue;
      const isBlocked = results.some((result) => basicLaws.has(result.law) && result.outcome === 'broken');
      results.push(
        isBlocked
          ? { law: law.name, asked: askedOf(law.name, merge), outcome: 'unchecked', cases: 0 }
          : resultOf(fc, law, merge, values, effort),
      );
    }
  }
  return {
    field,
    kind,
    promises,
    ...(source === undefined ? {} : { source }),
    recorded: { deltas: deltas.length, states: states.length - 1 },
    laws: results,
  };
}

function askedOf(law: LawName, { promises }: FieldMerge): LawResult['asked'] {
  if ((alwaysLaws as readonly LawName[]).includes(law)) return 'always';
  return (promises as readonly LawName[]).includes(law) ? 'promised' : 'unpromised';
}

/** Deltas whose kind is that of all. */
function likeOf(fc: FastCheck, values: FieldValues, { seed }: Effort): FieldValues['deltas'] {
  if (values.deltas.length > 0) return values.deltas;
  return fc.sample(arbitraryCase(fc, values, [1, 1]), { seed, numRuns: 10 }).flatMap(({ deltas }) => deltas);
}

function resultOf(fc: FastCheck, law: ReducerLaw, merge: FieldMerge, values: FieldValues, effort: Effort): LawResult {
  const like = likeOf(fc, values, effort);
  const isKept = (given: LawCase): boolean => law.broken(merge, given, like) === undefined;
  const { cases, broken: first } = firstBroken(fc, law, merge, values, isKept, effort);
  const base = { law: law.name, asked: askedOf(law.name, merge), cases };
  if (first === undefined) return { ...base, outcome: 'kept' };
  const found = smallestCase(first, { initial: merge.initial, least: law.deltas[0], shapes: values.shapes }, isKept);
  const given = law.name === 'identity' ? { ...found, deltas: [emptyDelta(merge, like)] } : found;
  const broken = law.broken(merge, given, like) ?? {
    what: 'breaks it only sometimes: it keeps something between calls',
    sides: [],
  };
  const isRecorded = [...given.before, ...given.deltas].every((delta) =>
    values.deltas.some((known) => sameValue(known, delta)),
  );
  return { ...base, outcome: 'broken', counterexample: { ...given, ...broken, isRecorded } };
}

interface Search {
  readonly cases: number;
  readonly broken: LawCase | undefined;
}

function firstBroken(
  fc: FastCheck,
  law: ReducerLaw,
  merge: FieldMerge,
  values: FieldValues,
  isKept: (given: LawCase) => boolean,
  effort: Effort,
): Search {
  let cases = 0;
  for (const given of plainCases(merge.initial, values.shapes, law.deltas)) {
    cases += 1;
    if (!isKept(given)) return { cases, broken: given };
  }
  const property = fc.property(arbitraryCase(fc, values, law.deltas), isKept);
  const { failed, counterexample, numRuns } = fc.check(property, effort);
  return { cases: cases + numRuns, broken: failed ? (counterexample as readonly [LawCase])[0] : undefined };
}

/** A case for `checkLaw`, as plain values. `before` may be left out. */
export interface LawExample {
  readonly state: unknown;
  readonly before?: readonly unknown[];
  readonly deltas: readonly unknown[];
}

/**
 * Checks one law of one field with one case, such as a counterexample that `reducerLaws` found. For a test that keeps a
 * fault from coming back.
 *
 * ```ts
 * import { append, fields, graph } from 'reprise';
 * import { checkLaw } from 'reprise/explore';
 *
 * const desk = graph('desk', { state: fields({ findings: append<string>() }) })
 *   .node('ask', () => ({ delta: { findings: ['a'] } }))
 *   .start('ask')
 *   .build();
 *
 * checkLaw(desk, 'findings', 'associative', { state: [], deltas: [['a'], ['b']] });
 * try {
 *   checkLaw(desk, 'findings', 'order-independent', { state: [], deltas: [['a'], ['b']] });
 * } catch (thrown) {
 *   console.log((thrown as Error).message.split('\n')[0]); // field "findings" must be order-independent, but it depends on the order of its deltas: the first two are swapped
 * }
 * ```
 *
 * @throws AssertionError if the case breaks the law; RepriseError `option-invalid`
 */
export function checkLaw(graph: AnyGraph, field: string, law: LawName, example: LawExample): void {
  checkArgument('checkLaw', 'graph', graphKind, graph);
  const merge = fieldMergeOf(graph, field);
  const { broken } = laws.find(({ name }) => name === law) as ReducerLaw;
  const given = exampleOf(example);
  const found = calmed(() => broken(merge, given, given.deltas));
  if (found !== undefined) throw lawBroken(field, law, found);
}

function exampleOf({ state, before = [], deltas }: LawExample): LawCase {
  const copied = (list: readonly unknown[]): LawCase['deltas'] =>
    canonicalList(list.map((one) => canonicalValue(one, 'delta')));
  return { state: canonicalValue(state, 'state'), before: copied(before), deltas: copied(deltas) };
}
