// What an exploration has found: what goes wrong, what has to come together for it, and which variable carries it.
import type { Divergence, DivergenceKind } from '../../diff/divergence.ts';
import { divergenceSentence, sentenceUnlike } from '../divergence/sentence.ts';
import { count } from '../text/counts-text.ts';
import { differenceLines } from '../text/difference-text.ts';
import { eventText } from '../text/event-text.ts';
import type { Palette } from '../text/palette.ts';
import { below, oneLine, reportWidth, wrapped } from '../text/plain-text.ts';
import type { Finding, NamedHold, SentOtherwise, WrittenVariable } from './explore-facts.ts';

const followsShownMax = 3;
const differencesShownMax = 3;
const writersShownMax = 4;
const carriersShownMax = 3;
const sentShownMax = 3;

/** A finding in one line. */
export function findingText(finding: Finding): string {
  const { deaths = [], faults = [] } = finding;
  return deaths.length + faults.length > 0 ? failingHeadline(finding) : headline(finding);
}

export function findingLines(finding: Finding, palette: Palette): readonly string[] {
  const { rung, shrunk, after, message, divergences, isAsRecorded } = finding;
  const smaller =
    shrunk.runs === 0 ? '' : `, shrunk from ${shrunkText(shrunk.from, finding)} in ${count(shrunk.runs, 'run')}`;
  return [
    ...wrapped(findingText(finding), '  ', reportWidth).map(palette.strong),
    ...conditionTexts(finding).flatMap(below),
    ...(message === undefined ? [] : below(oneLine(message))),
    ...sentLines(finding),
    ...(finding.variables ?? []).flatMap((variable) => below(variableText(variable))),
    ...(isAsRecorded === true ? below('then it comes out as recorded, and first in, first out it does not:') : []),
    ...differences(divergences, 'then', palette, finding),
    ...(rung === 'given'
      ? []
      : below(`found by ${rung === 'saved' ? 'a saved schedule' : `schedule ${after}`}${smaller}`)),
  ];
}

/** What a death had sent again, or not at all. */
function sentLines({ sent = [] }: Finding): readonly string[] {
  const lines = sent.slice(0, sentShownMax).flatMap((each) => below(sentText(each)));
  return sent.length > sentShownMax
    ? [...lines, ...below(`and ${count(sent.length - sentShownMax, 'other request')}`)]
    : lines;
}

function sentText({ event, node, asked, times, usual, keys }: SentOtherwise): string {
  const request = eventText(`${event}/request`, node, asked);
  if (times === 0) return `${request} is not sent`;
  if (usual === 0) return `${request} is sent, and is not when nothing dies`;
  if (times < usual) return `${request} is sent ${times} of ${count(usual, 'time')}`;
  const often = times === 2 && usual === 1 ? 'twice' : `${times} times in place of ${usual}`;
  return `${request} is sent ${often}, with ${keys === 'same' ? 'one idempotency key' : 'DIFFERENT idempotency keys'}`;
}

/** What has to come together for it, each in a line. */
export function conditionTexts(finding: Finding): readonly string[] {
  const { kind, schedule, holds, deaths = [], deathWrites = [], faults = [] } = finding;
  const failing = faults.map(({ event, node, asked, says }) => `when ${eventText(event, node, asked)} ${says}`);
  const dying = deaths.map(
    (death, place) =>
      `${place === 0 ? 'when the process dies' : 'and the next one'}: ${death}${deathWrites[place] ? `, ${deathWrites[place]}` : ''}`,
  );
  const conditions = [...holds.map(holdText), ...dying, ...failing].map((line) => oneLine(line));
  if (conditions.length > 0) return conditions;
  return [
    schedule === 'recorded'
      ? 'when everything comes in the recorded order, and not first in, first out'
      : `when everything comes first in, first out${kind === 'difference' ? ', unlike in the recording' : ''}`,
  ];
}

export function holdText(hold: NamedHold, place: number): string {
  const { event, node, asked, until, untilNode, untilAsked } = hold;
  return `${place === 0 ? 'when' : 'and'} ${eventText(event, node, asked)} comes only after ${eventText(until, untilNode, untilAsked)}`;
}

export function variableText({ name, file, line, scope, class: kind, writers }: WrittenVariable): string {
  const where = file === '' ? scope : `${file}${line === undefined ? '' : `:${line}`}`;
  const who = writers.map(({ at, node }) => (node === '' ? at : `"${oneLine(node)}" (${at})`));
  const more = who.length > writersShownMax ? ` and ${who.length - writersShownMax} more` : '';
  const once = kind === 'settled' ? ', once in a process' : '';
  return `variable \`${oneLine(name)}\` in ${oneLine(where)} is written by ${who.slice(0, writersShownMax).join(', ')}${more}${once}`;
}

/** `becomes`: what is said of those that are not shown. `finding`: whose they are, and what is known of them. */
export function differences(
  divergences: readonly Divergence[],
  becomes: string,
  palette: Palette,
  finding: DifferingFrom = { isFromRecorded: true },
): readonly string[] {
  const unanswered = new Set(finding.unanswered);
  const roots = divergences.filter(({ follows }) => follows === undefined);
  const rest = divergences.filter(
    (divergence) => divergence.follows !== undefined && !unanswered.has(rootOf(divergence, divergences).address ?? ''),
  );
  const lines = roots.slice(0, differencesShownMax).flatMap((divergence) => [
    ...below(sentenceOf(divergence, finding)),
    ...differenceLines(divergence.recorded, divergence.replayed).map(({ side, text }) => {
      const shown = text.replace(/^recorded {2}/, 'was   ').replace(/^replayed {2}/, 'is    ');
      return side === undefined ? `    ${shown}` : palette[side](`    ${shown}`);
    }),
  ]);
  const more = roots.length - differencesShownMax;
  if (more > 0) lines.push(`  ${becomes} differs besides in ${count(more, 'place')}`);
  if (unanswered.size > 0) lines.push(...below(unansweredText(unanswered.size)));
  for (const follow of rest.slice(0, followsShownMax)) lines.push(...below(`so ${divergenceSentence(follow)}`));
  return lines;
}

/** What a run of today's code is held against is another one, which may have asked for less than the recording holds. */
function sentenceOf(divergence: Divergence, { isFromRecorded, unanswered = [], deaths = [] }: DifferingFrom): string {
  const isRecorded = isFromRecorded === true || unanswered.includes(divergence.address ?? '');
  const usually = deaths.length > 0 ? 'when nothing dies' : 'first in, first out';
  return sentenceUnlike(divergence, isRecorded ? undefined : usually);
}

type DifferingFrom = Pick<Finding, 'unanswered' | 'isFromRecorded' | 'deaths'>;

function rootOf(divergence: Divergence, divergences: readonly Divergence[]): Divergence {
  const before = divergence.follows === undefined ? undefined : divergences[divergence.follows];
  return before === undefined ? divergence : rootOf(before, divergences);
}

function unansweredText(requests: number): string {
  const what = requests === 1 ? 'that request' : 'these requests';
  return `what the run comes to then is not known: the recording holds no answer to ${what}`;
}

/** What an order does, where this begins, and the variable that carries it. */
function headline({ kind, divergences: [first], variables = [], by }: Finding): string {
  const what =
    kind === 'difference'
      ? `FOUND an order that changes ${first === undefined ? 'the result' : changedText(first)}`
      : kind === 'stuck'
        ? 'FOUND an order in which the run never ends'
        : `FOUND an order ${broken[kind]}`;
  if (by === 'clock') return `${what}, by what it read of the clock`;
  return `${what}${carriedText({ variables })}`;
}

function carriedText({ variables = [] }: Pick<Finding, 'variables'>): string {
  if (variables.length === 0) return '';
  const named = variables.slice(0, carriersShownMax).map(({ name, file }, place) => {
    const isOfNext = variables[place + 1]?.file === file && place + 1 < carriersShownMax;
    return `\`${oneLine(name)}\`${file === '' || isOfNext ? '' : ` in ${oneLine(file)}`}`;
  });
  const more = variables.length - named.length;
  return `, by way of ${listed(more === 0 ? named : [...named, `${more} more`])}`;
}

function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

const changedPart: Readonly<Partial<Record<DivergenceKind, string>>> = {
  request: 'what is requested by',
  'missing effect': 'what is requested by',
  'unused effect': 'what is requested by',
  output: 'the output of',
  route: 'the route of',
  chunk: 'the stream of',
  event: 'the events of',
};

function changedText({ kind, node, step }: Divergence): string {
  const part = changedPart[kind];
  if (kind === 'state') return `the state after step ${step}`;
  if (node === undefined) return 'the result';
  return `${part ?? 'the end of'} "${oneLine(node)}" in step ${step}`;
}

const broken: Readonly<Record<Exclude<Finding['kind'], 'difference' | 'stuck'>, string>> = {
  invariant: 'that breaks the invariant',
  'double effect': 'after which a call happens twice',
  journal: 'after which the journal of the run breaks a law',
};

const together: Readonly<Record<Finding['kind'], string>> = {
  ...broken,
  difference: 'that changes the result',
  stuck: 'after which the run does not come to its end',
};

/** What goes wrong besides the order. */
function failingHeadline(finding: Finding): string {
  const { kind, holds, deaths = [], faults = [] } = finding;
  const causes = [
    ...(holds.length > 0 ? ['an order'] : []),
    ...(deaths.length > 0 ? ['a crash'] : []),
    ...(faults.length > 0 ? ['a failure'] : []),
  ];
  const last = causes.pop() ?? '';
  const all = causes.length === 0 ? last : `${causes.join(', ')} and ${last}, together something`;
  return `FOUND ${all} ${together[kind]}${carriedText(finding)}`;
}

function shrunkText(from: number, { holds, deaths = [], faults = [] }: Finding): string {
  const failures = deaths.length + faults.length;
  if (failures === 0) return `${count(from, 'hold')} to ${holds.length}`;
  return `${count(from, 'thing')} that had to come together to ${holds.length + failures}`;
}
