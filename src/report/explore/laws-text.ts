// The report of the laws of merges, for people.
import type { Value } from '../../base/value.ts';
import { count } from '../text/counts-text.ts';
import { askedWords, sideLines } from './law-words.ts';
import type { LawWord } from './law-words.ts';
import { plainPalette } from '../text/palette.ts';
import type { Palette } from '../text/palette.ts';
import { oneLine, wrapped } from '../text/plain-text.ts';
import { valueCode } from '../text/value-code.ts';
import { valueText } from '../text/value-text.ts';

export interface LawCounterexampleFacts {
  readonly state: Value;
  readonly before: readonly Value[];
  readonly deltas: readonly Value[];
  readonly what: string;
  readonly sides: readonly { readonly how: string; readonly value: Value }[];
  readonly isRecorded: boolean;
}

export interface LawResultFacts {
  readonly law: LawWord;
  readonly asked: 'always' | 'promised' | 'unpromised';
  readonly outcome: 'kept' | 'broken' | 'unchecked';
  readonly cases: number;
  readonly counterexample?: LawCounterexampleFacts;
}

export interface FieldLawFacts {
  readonly field: string;
  readonly kind: string;
  readonly promises: readonly string[];
  readonly source?: 'recorded' | 'schema' | 'kind';
  readonly recorded: { readonly deltas: number; readonly states: number };
  readonly laws: readonly LawResultFacts[];
}

/** The parts of a report of laws that are shown. `reducerLaws` in `reprise/explore` returns such reports. */
export interface LawsFacts {
  readonly graph: string;
  readonly verdict: 'kept' | 'broken' | 'unchecked';
  readonly seed: number;
  readonly numRuns: number;
  readonly runs: number;
  readonly fields: readonly FieldLawFacts[];
}

/** Where a test finds the graph. */
export interface GraphPlace {
  /** As an import names it: `./src/desk.ts`. */
  readonly module: string;
  /** Its name there. */
  readonly exported: string;
}

/**
 * What `lawsText` needs besides the report in order to name commands and use colors. Without options the text is plain,
 * and names no command that shows a fault again.
 */
export interface LawsTextOptions {
  readonly graph?: GraphPlace | undefined;
  /** The command line that makes this report again. */
  readonly reproduce?: string | undefined;
  readonly palette?: Palette;
}

interface Fault {
  readonly field: FieldLawFacts;
  readonly result: LawResultFacts;
  readonly counterexample: LawCounterexampleFacts;
}

/**
 * The report of `reducerLaws` for people: first the laws that are broken, each with its smallest counterexample, then a
 * line for each field.
 */
export function lawsText(report: LawsFacts, options: LawsTextOptions = {}): string {
  const { palette = plainPalette, reproduce } = options;
  const faults = faultsOf(report);
  const lines = [
    palette.strong(headline(report, faults.length)),
    ...faults.flatMap((fault) => ['', ...faultLines(fault, report, options)]),
    ...(faults.length > 0 ? [''] : []),
    ...report.fields.flatMap(fieldLines),
  ];
  if (report.verdict === 'broken' && reproduce !== undefined) lines.push(`reproduce: ${reproduce}`);
  return `${lines.join('\n')}\n`;
}

function faultsOf({ fields }: LawsFacts): readonly Fault[] {
  return fields.flatMap((field) =>
    field.laws.flatMap((result) => {
      const { outcome, asked, counterexample } = result;
      return outcome === 'broken' && asked !== 'unpromised' && counterexample !== undefined
        ? [{ field, result, counterexample }]
        : [];
    }),
  );
}

function headline({ graph, verdict, fields, numRuns, seed, runs }: LawsFacts, faultCount: number): string {
  const asked = fields
    .flatMap(({ laws }) => laws)
    .filter((law) => law.asked !== 'unpromised' && law.outcome !== 'unchecked');
  const effort = `${count(fields.length, 'field')}, ${count(numRuns, 'case')} a law, seed ${seed}, values of ${count(runs, 'recorded run')}`;
  switch (verdict) {
    case 'kept':
      return `${oneLine(graph)}: no fault found in ${count(asked.length, 'law')} (${effort})`;
    case 'broken':
      return `${oneLine(graph)}: ${count(faultCount, 'fault')} in ${count(asked.length, 'law')} (${effort})`;
    case 'unchecked':
      return `${oneLine(graph)}: nothing could be checked of its reducers (${effort})`;
  }
}

const madeUp = '  no recorded run wrote this: if no node can, refuse it with an error that has a `code` of your own';

function faultLines(
  { field, result, counterexample }: Fault,
  { graph }: LawsFacts,
  options: LawsTextOptions,
): readonly string[] {
  const { state, before, deltas, what, sides } = counterexample;
  const must = result.asked === 'promised' ? 'promises to' : 'must';
  return [
    ...wrapped(
      `field "${oneLine(field.field)}" (${field.kind}) ${must} ${askedWords(result.law)}, but it ${oneLine(what)}`,
      '  ',
    ),
    `  state: ${valueText(state)}`,
    ...(before.length === 0 ? [] : [`  after: ${before.map((delta) => valueText(delta)).join(', ')}`]),
    `  deltas: ${deltas.map((delta) => valueText(delta)).join(', ')}`,
    ...sideLines(sides),
    ...(result.law === 'total' && !counterexample.isRecorded ? wrapped(madeUp, '  ') : []),
    '  as a test:',
    ...testCode(field.field, result.law, counterexample, graph, options.graph)
      .split('\n')
      .map((line) => (line === '' ? '' : `    ${line}`)),
  ];
}

/** A test of vitest that fails as long as the law is broken. */
export function testCode(
  field: string,
  law: LawWord,
  { state, before, deltas }: LawCounterexampleFacts,
  graph: string,
  place: GraphPlace = { module: './path/to/its/module.ts', exported: identifierOf(graph) },
): string {
  const isDefault = place.exported === 'default';
  const name = isDefault ? identifierOf(graph) : place.exported;
  const example = [
    `state: ${valueCode(state)}`,
    ...(before.length === 0 ? [] : [`before: ${valueCode(before)}`]),
    `deltas: ${valueCode(deltas)}`,
  ].join(', ');
  return [
    "import { checkLaw } from 'reprise/explore';",
    "import { it } from 'vitest';",
    `import ${isDefault ? name : `{ ${name} }`} from ${valueCode(place.module)};`,
    '',
    `it(${valueCode(`${field} of ${graph} must ${askedWords(law)}`)}, () => {`,
    `  checkLaw(${name}, ${valueCode(field)}, ${valueCode(law)}, { ${example} });`,
    '});',
  ].join('\n');
}

function identifierOf(name: string): string {
  const identifier = name.replaceAll(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => (next ?? '').toUpperCase());
  return /^[A-Za-z]/.test(identifier) ? identifier : 'graph';
}

/** What is worth knowing of a field that has no fault to show. What no case has refuted is not proved. */
function fieldLines({ field, kind, source, laws }: FieldLawFacts): readonly string[] {
  const about = `${oneLine(field)} (${kind}): `;
  if (source === undefined) return wrapped(`${about}not checked: no recorded run writes it`, '  ');
  const found = laws.filter(({ asked }) => asked === 'unpromised');
  const promised = laws.filter(({ asked }) => asked === 'promised');
  const faults = laws.filter(({ asked, outcome }) => asked !== 'unpromised' && outcome === 'broken');
  const parts = [
    ...listed('BROKEN ', faults, 'broken'),
    ...orderWords(found),
    ...listed('not ', withoutOrder(found), 'broken'),
    ...listed('nothing found against what it promises: ', promised, 'kept'),
    ...listed('nothing found, without a promise, against: ', found, 'kept'),
    ...(laws.some(({ outcome }) => outcome === 'unchecked') ? ['nothing else is checked until that is mended'] : []),
  ];
  return wrapped(`${about}${parts.join('; ') || 'pure, deterministic, takes every delta'}`, '  ');
}

function orderWords(found: readonly LawResultFacts[]): readonly string[] {
  const isDependent = found.some(({ law, outcome }) => law === 'order-independent' && outcome === 'broken');
  return isDependent ? ['order-dependent (merged in rank order, so still deterministic)'] : [];
}

/** Whether the order matters is worth words of its own. */
function withoutOrder(found: readonly LawResultFacts[]): readonly LawResultFacts[] {
  return found.filter(({ law, outcome }) => law !== 'order-independent' || outcome === 'kept');
}

function listed(words: string, found: readonly LawResultFacts[], outcome: 'kept' | 'broken'): readonly string[] {
  const names = found.filter((one) => one.outcome === outcome).map(({ law }) => law);
  return names.length === 0 ? [] : [words + names.join(', ')];
}
