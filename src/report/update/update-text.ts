// Updates of fixtures, for people.
import type { Value } from '../../base/value.ts';
import { isRecordValue } from '../../journal/record-value.ts';
import { count } from '../text/counts-text.ts';
import { oneLine, wrapped } from '../text/plain-text.ts';
import type { ChangeGroup, ChangeKind, MissingEffect, UpdatedFixture, UpdateSummary } from './update-facts.ts';
import { valueText } from '../text/value-text.ts';

/** One fixture, in a line. */
export function updateText(update: UpdatedFixture): string {
  const { fixture, verdict, why, failure, missing = [], changes } = update;
  const dropped = changes.filter(({ kind }) => kind === 'unused effect').length;
  const performed = changes.filter(({ kind }) => kind === 'performed');
  const failed = performed.filter(({ failure }) => failure !== undefined).length;
  const effects = [
    ...(dropped === 0 ? [] : [`${count(dropped, 'effect')} dropped`]),
    ...(performed.length === 0 ? [] : [`${count(performed.length, 'effect')} performed`]),
    ...(failed === 0 ? [] : [`${failed} of these failed`]),
  ];
  const refused = `not updated${whyText(failure, missing, why)}`;
  const words = { unchanged: 'unchanged', updated: 'updated', refused }[verdict];
  // That a run is done now is what one hopes for.
  const end = changes.find(({ kind, replayed }) => kind === 'end' && replayed !== 'done');
  const ends = end === undefined ? '' : `; ${oneLine(end.about)}`;
  return `${oneLine(fixture)}: ${words}${effects.length === 0 ? '' : ` (${effects.join(', ')})`}${ends}\n${madeUpText(update)}`;
}

/** What the code reads more of clocks and randomness than it did: the file now has the result of values that nobody read. */
function madeUpText({ verdict, unrecordedReads = 0, unrecordedRead }: UpdatedFixture): string {
  if (verdict !== 'updated' || unrecordedReads === 0) return '';
  const first =
    unrecordedRead === undefined ? '' : ` (${unrecordedReads === 1 ? '' : 'first '}${oneLine(unrecordedRead)})`;
  const what = `${count(unrecordedReads, 'read')} of a clock or of random values not recorded${first}: the replay made up a value for each, the same every time, and what is new may hold them; record the run again for real ones`;
  return wrapped(what, '  ')
    .map((line) => `  ${line}\n`)
    .join('');
}

const missingShownMax = 3;

function whyText(failure: string | undefined, missing: readonly MissingEffect[], why: UpdatedFixture['why']): string {
  if (failure !== undefined) return `: the run fails by what was performed (${oneLine(failure)})`;
  if (missing.length === 0) return '';
  const left = missing.length - missingShownMax;
  const what = why === 'redacted' ? 'it would send the outside marks of what is redacted' : 'not recorded';
  const shown = missing.slice(0, missingShownMax);
  const requests = shown.map(({ about, request }) => `\n  ${oneLine(about)}: ${valueText(request)}`).join('');
  return `: ${what}:${requests}${left > 0 ? `\n  and ${left} more` : ''}`;
}

const groupsShownMax = 20;

/** All of them: what changed in how many. */
export function updateSummaryText({ updated, unchanged, refused, groups }: UpdateSummary): string {
  const total = updated + unchanged + refused;
  const parts = [
    `${updated} updated`,
    ...(unchanged === 0 ? [] : [`${unchanged} unchanged`]),
    ...(refused === 0 ? [] : [`${refused} left as ${refused === 1 ? 'it was' : 'they were'}`]),
  ];
  const causes = groups.filter(({ follows }) => follows !== true);
  // What a node made may be another for a reason of its own. States and tasks are others because of what nodes made.
  const own = groups.filter(({ follows, kind }) => follows === true && ofNodes.has(kind));
  const following = groups
    .filter(({ follows, kind }) => follows === true && !ofNodes.has(kind))
    .reduce((sum, group) => sum + group.count, 0);
  return [
    `${count(total, 'fixture')}: ${parts.join(', ')}`,
    ...groupLines(causes),
    ...(own.length === 0 ? [] : ['  may follow from these, or be changes of their own:', ...groupLines(own)]),
    ...(following === 0 ? [] : [`  ${count(following, 'change')} of states and tasks that follow from these`]),
    '',
  ].join('\n');
}

const ofNodes: ReadonlySet<ChangeKind> = new Set(['output', 'route', 'chunk', 'event', 'error', 'conflict']);

function groupLines(groups: readonly ChangeGroup[]): readonly string[] {
  const left = groups.length - groupsShownMax;
  return [
    ...groups.slice(0, groupsShownMax).flatMap((group) => wrapped(groupText(group), '  ').map((line) => `  ${line}`)),
    ...(left > 0 ? [`  … and ${left} more`] : []),
  ];
}

function groupText(group: ChangeGroup): string {
  const { fixtureCount, count: times, example } = group;
  const often = times === fixtureCount ? '' : `, ${times} times`;
  const where = fixtureCount === 1 ? ` (${oneLine(example)})` : '';
  return `${fixtureCount}${often}: ${sentences[group.kind](group)}${where}`;
}

type Words = (group: ChangeGroup) => string;

const differs: Words = ({ about, values }) => `${oneLine(about)} ${valuesText(values)}`;

const sentences: { readonly [Kind in ChangeKind]: Words } = {
  graph: graphWords,
  renamed: ({ about, values }) => `${oneLine(about)} is now ${valueText(values?.replayed)}`,
  'unused effect': ({ about }) => `effect dropped: ${oneLine(about)}`,
  performed: ({ about, failure }) =>
    `effect performed and recorded: ${oneLine(about)}${failure === undefined ? '' : `, which came out as ${oneLine(failure)}`}`,
  once: ({ about, values }) =>
    values?.replayed === true
      ? `${oneLine(about)} is marked \`once\` now`
      : `${oneLine(about)} is no longer marked \`once\`: a run that is resumed may perform it twice`,
  end: ({ about, values }) => {
    const error = about.endsWith('fails now') ? values?.replayed : undefined;
    return `${oneLine(about)}${typeof error === 'string' ? `: ${oneLine(error)}` : ''}`;
  },
  output: differs,
  route: differs,
  chunk: differs,
  event: differs,
  task: differs,
  state: differs,
  conflict: differs,
  frontier: ({ about }) => `other tasks come next (${oneLine(about)})`,
  error: differs,
};

function valuesText(values: ChangeGroup['values']): string {
  if (values === undefined) return 'differs';
  const { recorded, replayed } = values;
  const from = typeof recorded === 'string' && typeof replayed === 'string' ? whereTheyPart(recorded, replayed) : 0;
  const shown = (value: Value): string =>
    valueText(typeof value === 'string' && from > 0 ? `…${value.slice(from)}` : value, 40);
  return `${shown(recorded)} → ${shown(replayed)}`;
}

const aroundLength = 12;

/** How much two texts have in common that is left out, so that what differs is shown. */
function whereTheyPart(recorded: string, replayed: string): number {
  if (Math.max(recorded.length, replayed.length) <= 40) return 0;
  let shared = 0;
  while (shared < recorded.length && recorded[shared] === replayed[shared]) shared += 1;
  return Math.max(0, shared - aroundLength);
}

/** A new field is the change that is made most often, and says what it begins with. */
function graphWords({ about, values }: ChangeGroup): string {
  const [, field] = /^graph\.state\.(\S+) was added$/.exec(about) ?? [];
  const initial = values === undefined ? undefined : initialOf(values.replayed);
  if (field === undefined) return oneLine(about);
  return `new field \`${oneLine(field)}\`${initial === undefined ? '' : ` = ${valueText(initial.value, 40)}`}`;
}

function initialOf(field: Value): { readonly value: Value } | undefined {
  return isRecordValue(field) && Object.hasOwn(field, 'initial') ? { value: field.initial } : undefined;
}
