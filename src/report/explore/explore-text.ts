// What an exploration has shown, for people.
import type { Divergence, DivergenceKind } from '../../diff/divergence.ts';
import { count } from '../text/counts-text.ts';
import { differenceLines } from '../text/difference-text.ts';
import { parseAddress } from '../../journal/address.ts';
import { eventText } from '../text/event-text.ts';
import type {
  DeathsRung,
  ExploreFacts,
  FaultRow,
  Finding,
  NamedHold,
  Rung,
  Untried,
  WatchRung,
  WrittenVariable,
} from './explore-facts.ts';
import { plainPalette } from '../text/palette.ts';
import type { Palette } from '../text/palette.ts';
import { oneLine, reportWidth, wrapped } from '../text/plain-text.ts';
import { divergenceSentence } from '../divergence/sentence.ts';

const followsShownMax = 3;
const differencesShownMax = 3;
const variablesShownMax = 5;
const writersShownMax = 4;
const sentShownMax = 5;
const untriedShownMax = 3;

/** `reproduce`: the command line that shows the finding again. */
export function exploreText(report: ExploreFacts, reproduce?: string, palette: Palette = plainPalette): string {
  const name = oneLine(report.fixture ?? report.graph);
  const lines = [
    ...wrapped(`${name}: ${runText(report)}`, '  '),
    ...verdictLines(report, palette),
    ...report.rungs.flatMap((rung) => [
      ...below(rungText(rung, report)),
      ...(rung.name === 'crashes' && !('skipped' in rung) ? afterDeathsText(rung).flatMap(below) : []),
      ...(rung.name === 'faults' && !('skipped' in rung) ? faultLines(rung.rows).flatMap(below) : []),
    ]),
    ...readingLines(report),
    ...untriedLines(report),
    ...variableLines(report),
    ...uncontrolledLines(report),
  ];
  if (report.kept !== undefined) lines.push(...below(`kept in ${oneLine(report.kept)}`));
  if (report.verdict === 'found' && reproduce !== undefined) lines.push(`reproduce: ${reproduce}`);
  return `${lines.join('\n')}\n`;
}

export function runText({ run: { tasks, steps, events, choices, widest } }: Pick<ExploreFacts, 'run'>): string {
  const atOnce = choices === 0 ? '' : `, at most ${widest} ready at once`;
  return `${count(steps, 'step')}, ${count(tasks, 'task')}, ${count(events, 'event')}, ${count(choices, 'choice')}${atOnce}`;
}

function verdictLines(report: ExploreFacts, palette: Palette): readonly string[] {
  switch (report.verdict) {
    case 'found':
      return report.finding === undefined ? [] : findingLines(report.finding, palette);
    case 'proved':
      return [palette.strong('PROVED: no order changes anything')];
    case 'no difference':
      return [palette.strong('no order that was tried changes anything')];
    case 'nothing to explore':
      return [palette.strong('nothing to explore: at no moment was more than one thing ready')];
    case 'not repeatable':
      return [
        ...wrapped(`NOT REPEATABLE: ${notRepeatable(report)}`, '  ').map(palette.strong),
        ...differences(report.divergences ?? [], 'the second time', palette),
        ...unlikeLines(report),
        ...below(notRepeatableNext(report)),
      ];
    case 'stuck':
      return [palette.strong('STUCK: the run waits for something that nobody controls')];
    case 'other than recorded':
      return [
        palette.strong(
          'OTHER THAN RECORDED, and no order that was tried makes the difference: see `npx reprise replay`',
        ),
        ...differences(report.divergences ?? [], 'now', palette),
      ];
  }
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
  const names = variables.map(({ name, file }) => `\`${oneLine(name)}\`${file === '' ? '' : ` in ${oneLine(file)}`}`);
  const [carrier] = names;
  if (carrier === undefined) return what;
  return `${what}, by way of ${carrier}${names.length === 1 ? '' : ` and ${names.length - 1} more`}`;
}

function notRepeatable(report: ExploreFacts): string {
  return isChangedWarm(report)
    ? 'a second run in the same process comes out differently, by what the first one left there'
    : 'the same order came out differently, so nothing is said about other orders';
}

/** Where nothing that is recorded differs, what was ready says where to look. */
function unlikeLines({ unlike, divergences = [] }: ExploreFacts): readonly string[] {
  if (unlike === undefined || divergences.length > 0) return [];
  const { event, node, after, instead, insteadNode = '' } = unlike;
  const name = eventText(event, node);
  const [first, second] = after;
  if (first === null) return below(`${name} became ready the second time, and never the first time`);
  if (second === null) return below(`${name} became ready the first time, and never the second time`);
  if (instead !== undefined)
    return below(`${name} became ready the first time where ${eventText(instead, insteadNode)} did the second time`);
  return below(`${name} became ready ${momentText(first)} the first time, and ${momentText(second)} the second time`);
}

function momentText(after: string): string {
  return after === '' ? 'at once' : `after ${eventText(after, '')}`;
}

/** Whether only a run that finds the variables of another differs. */
function isChangedWarm({ rungs }: ExploreFacts): boolean {
  return rungs.some((rung) => rung.name === 'self-check' && rung.isWarm === true && !rung.isSame);
}

function notRepeatableNext(report: ExploreFacts): string {
  const written = report.rungs.flatMap((rung) => (rung.name === 'watch' && 'written' in rung ? rung.written : []));
  if (isChangedWarm(report) && written.length > 0)
    return 'next: keep in the state what a run needs, and not in a variable: see those below';
  if (report.variables === 'shared' && written.length > 0)
    return 'next: each run finds what the last one left in a variable. Give `explore` a function that makes the graph, or use `npx reprise check`, where each run has modules of its own';
  return 'next: look for what is not recorded and differs between two runs: a file, a package, a property of `process` or `Math`, work that no node waits for';
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
function failingHeadline({ kind, holds, deaths = [], faults = [] }: Finding): string {
  const causes = [
    ...(holds.length > 0 ? ['an order'] : []),
    ...(deaths.length > 0 ? ['a crash'] : []),
    ...(faults.length > 0 ? ['a failure'] : []),
  ];
  const last = causes.pop() ?? '';
  const all = causes.length === 0 ? last : `${causes.join(', ')} and ${last}, together something`;
  return `FOUND ${all} ${together[kind]}`;
}

/** A finding in one line. */
export function findingText(finding: Finding): string {
  const { deaths = [], faults = [] } = finding;
  return deaths.length + faults.length > 0 ? failingHeadline(finding) : headline(finding);
}

/** What has to come together for it, each in a line. */
export function conditionTexts({ kind, schedule, holds, deaths = [], faults = [] }: Finding): readonly string[] {
  const failing = faults.map(({ event, node, says }) => `when ${eventText(event, node)} ${says}`);
  const dying = deaths.map((death, place) => `${place === 0 ? 'when the process dies' : 'and the next one'}: ${death}`);
  const conditions = [...holds.map(holdText), ...dying, ...failing].map((line) => oneLine(line));
  if (conditions.length > 0) return conditions;
  return [
    schedule === 'recorded'
      ? 'when everything comes in the recorded order, and not first in, first out'
      : `when everything comes first in, first out${kind === 'difference' ? ', unlike in the recording' : ''}`,
  ];
}

function findingLines(finding: Finding, palette: Palette): readonly string[] {
  const { rung, shrunk, after, message, divergences } = finding;
  const smaller =
    shrunk.runs === 0 ? '' : `, shrunk from ${shrunkText(shrunk.from, finding)} in ${count(shrunk.runs, 'run')}`;
  return [
    ...wrapped(findingText(finding), '  ', reportWidth).map(palette.strong),
    ...conditionTexts(finding).flatMap(below),
    ...(message === undefined ? [] : below(oneLine(message))),
    ...(finding.variables ?? []).flatMap((variable) => below(variableText(variable))),
    ...differences(divergences, 'then', palette),
    ...(rung === 'given'
      ? []
      : below(`found by ${rung === 'saved' ? 'a saved schedule' : `schedule ${after}`}${smaller}`)),
  ];
}

function shrunkText(from: number, { holds, deaths = [], faults = [] }: Finding): string {
  const failures = deaths.length + faults.length;
  if (failures === 0) return `${count(from, 'hold')} to ${holds.length}`;
  return `${count(from, 'thing')} that had to come together to ${holds.length + failures}`;
}

export function holdText(hold: NamedHold, place: number): string {
  const { event, node, asked, until, untilNode, untilAsked } = hold;
  return `${place === 0 ? 'when' : 'and'} ${eventText(event, node, asked)} comes only after ${eventText(until, untilNode, untilAsked)}`;
}

/** `becomes`: what is said of those that are not shown. */
export function differences(divergences: readonly Divergence[], becomes: string, palette: Palette): readonly string[] {
  const roots = divergences.filter(({ follows }) => follows === undefined);
  const rest = divergences.filter(({ follows }) => follows !== undefined);
  const lines = roots.slice(0, differencesShownMax).flatMap((divergence) => [
    ...below(divergenceSentence(divergence)),
    ...differenceLines(divergence.recorded, divergence.replayed).map(({ side, text }) => {
      const shown = text.replace(/^recorded {2}/, 'was   ').replace(/^replayed {2}/, 'is    ');
      return side === undefined ? `    ${shown}` : palette[side](`    ${shown}`);
    }),
  ]);
  const more = roots.length - differencesShownMax;
  if (more > 0) lines.push(`  ${becomes} differs besides in ${count(more, 'place')}`);
  for (const follow of rest.slice(0, followsShownMax)) lines.push(...below(`so ${divergenceSentence(follow)}`));
  return lines;
}

function rungText(rung: Rung, report: ExploreFacts): string {
  if ('skipped' in rung) return `${rung.name}: skipped, ${rung.skipped}`;
  switch (rung.name) {
    case 'self-check':
      return `self-check: the same order came out ${rung.isSame ? 'alike' : 'differently'} ${rung.isWarm === true ? 'a second time with the same variables' : 'twice'}`;
    case 'watch':
      return watchText(rung, report);
    case 'within':
      return `orders within attempts, of all attempts at once: ${rung.isComplete ? `all ${rung.orders}` : `${rung.orders}, not all`}`;
    case 'pairs':
      return `every order of any two events: ${ofAll(rung)} in ${count(rung.schedules, 'schedule')}`;
    case 'triples':
      return `every order of any three events: ${ofAll(rung)} in ${count(rung.schedules, 'schedule')}`;
    case 'all orders':
      return rung.isComplete ? `all orders: ${rung.orders} of ${rung.orders}` : `all orders: ${rung.orders}, not all`;
    case 'search':
      return `drawn orders: ${count(rung.schedules, 'schedule')}; it continues with --from ${rung.next}`;
    case 'crashes':
      return deathsText(rung);
    case 'faults':
      return `faults: ${rung.rows.length} of ${rung.of} tried`;
    case 'combined':
      return combinedText(rung);
    case 'saved':
      return `saved schedules tried first: ${rung.schedules}${rung.stale === 0 ? '' : ` (${rung.stale} no longer ${rung.stale === 1 ? 'fits' : 'fit'} the run)`}`;
    case 'given':
      return `the given schedule: ${oneLine(rung.schedule)}`;
  }
}

function deathsText({ writes, requests, tried }: DeathsRung): string {
  const { beforeWrites, afterWrites, twice } = tried;
  const again = twice === 0 ? '' : `, and twice in a run: ${twice}`;
  return `crashes: before ${beforeWrites} and after ${afterWrites} of ${count(writes, 'write')}, and at ${tried.requests} of ${count(requests, 'request')}${again}`;
}

const callKeys = { same: 'with one idempotency key', different: 'with DIFFERENT idempotency keys' } as const;

/** A key that the run has for an exchange leaves only if somebody says under which name, and no exploration is told. */
const exchangeKeys = {
  same: 'and without an idempotency key, unless its client or `idempotencyHeader` sends one',
  different: 'and without an idempotency key, unless its client sends one; those of `idempotencyHeader` are DIFFERENT',
} as const;

/** What the outside, or a person, has to cope with. */
function afterDeathsText({ sentTwice, inDoubt }: DeathsRung): readonly string[] {
  const sent = sentTwice.slice(0, sentShownMax).map(({ event, node, keys }) => {
    const isExchange = parseAddress(event)?.type === 'http';
    const known = isExchange ? exchangeKeys[keys] : callKeys[keys];
    return `${eventText(`${event}/request`, node)} can be sent twice, ${known}`;
  });
  const more = sentTwice.length - sent.length;
  return [
    ...sent,
    ...(more > 0 ? [`${count(more, 'other effect')} can be sent twice`] : []),
    ...inDoubt.map(
      ({ effect, schedule }) => `${oneLine(effect)} is left in doubt, as its node asks: ${oneLine(schedule)}`,
    ),
  ];
}

const ends: Readonly<Record<FaultRow['became'], string>> = {
  'same state': 'the run ends with the same state',
  'other state': 'handled, and the run ends with another state',
  failed: 'NOT HANDLED, the run fails',
  cancelled: 'the run is cancelled',
  paused: 'the run pauses',
  interrupted: 'the run is interrupted',
  done: 'the run is done',
  stuck: 'NOT HANDLED, the run never ends',
  unrecorded: 'not known, since it then asks for what is not recorded',
};

/** Rows that say the same of the same call stand in one line. */
function faultLines(rows: readonly FaultRow[]): readonly string[] {
  const alike = new Map<string, FaultRow[]>();
  for (const row of rows) {
    const { event, node, says, became, detail } = row;
    // Without the attempt, and without what tells equal calls apart.
    const name = event.replace(/^[\d.#/!]+/, '').replace(/~.*$/, '');
    const key = JSON.stringify([node, name, says, became, detail?.replaceAll(/[\d.#/!]+/g, '')]);
    alike.set(key, [...(alike.get(key) ?? []), row]);
  }
  return [...alike.values()].map((same) => faultText(same[0] as FaultRow, same.length - 1));
}

function faultText({ event, node, says, became, detail }: FaultRow, othersCount: number): string {
  const more = detail === undefined ? '' : `: ${oneLine(detail)}`;
  const others = othersCount === 0 ? '' : ` (and ${othersCount} more like it)`;
  return `when ${eventText(event, node)} ${says}${others}: ${ends[became]}${more}`;
}

function combinedText({
  schedules,
  unrecorded,
}: Extract<Rung, { readonly schedules: number; readonly unrecorded: number }>): string {
  const unknown = unrecorded === 0 ? '' : `; ${unrecorded} of them asked for what is not recorded`;
  return `orders, crashes and faults together: ${count(schedules, 'schedule')} drawn${unknown}`;
}

function watchText(
  { runs, variables, files, written, hasSeveralWaits, unseen }: WatchRung,
  { verdict, fixture, untried = [] }: ExploreFacts,
): string {
  const seen = `${count(variables, 'variable')} in ${count(files, 'file')}`;
  const watched = `${count(runs, 'watched run')}`;
  if (written.length > 0) {
    const names = written.map(({ name, file }) => `\`${oneLine(name)}\`${file === '' ? '' : ` (${oneLine(file)})`}`);
    return `watch: of ${seen}, ${names.slice(0, variablesShownMax).join(', ')}${names.length > variablesShownMax ? `, and ${names.length - variablesShownMax} more,` : ''} ${names.length === 1 ? 'was' : 'were'} written in ${watched}`;
  }
  const nobodyWrote = `watch: in ${watched} no variable that nodes can reach was written (${seen})`;
  const notWatched = `Not watched: ${unseen.join(', ')}`;
  // A watch alone does not carry a verdict, and must not sound as if it did.
  if (fixture === undefined) return `${nobodyWrote}, which proves nothing here: fakes may share what no node can reach`;
  if (verdict !== 'proved' && verdict !== 'nothing to explore') return `${nobodyWrote}. ${notWatched}`;
  const between = hasSeveralWaits || untried.length > 0 ? 'between tasks' : 'at all';
  return `${nobodyWrote}, so no order ${between} can matter. ${notWatched}`;
}

export function variableText({ name, file, scope, class: kind, writers }: WrittenVariable): string {
  const where = file === '' ? scope : file;
  const who = writers.map(({ at, node }) => (node === '' ? at : `"${oneLine(node)}" (${at})`));
  const more = who.length > writersShownMax ? ` and ${who.length - writersShownMax} more` : '';
  const once = kind === 'settled' ? ', once in a process' : '';
  return `variable \`${oneLine(name)}\` in ${oneLine(where)} is written by ${who.slice(0, writersShownMax).join(', ')}${more}${once}`;
}

function ofAll({ seen, of }: { readonly seen: number; readonly of: number }): string {
  return `${numberText(seen)} of ${numberText(of)}`;
}

/** A time says when something was, and so does the order. */
function readingLines({ readings }: ExploreFacts): readonly string[] {
  if (readings === undefined) return [];
  const { at, step, node, path } = readings;
  const where = node === undefined ? `step ${step}` : `"${oneLine(node)}" in step ${step} (${at})`;
  return below(
    `not compared: times and drawn values that stand as they were read, since they follow from the order: first at ${oneLine(path)} of ${where}`,
  );
}

/** What the recording does not hold, and how it could. */
function untriedLines({ untried = [], verdict }: ExploreFacts): readonly string[] {
  // A finding stands, whatever else could come.
  if (untried.length === 0 || verdict === 'found') return [];
  const shown = untried.slice(0, untriedShownMax).map(untriedText);
  const more = untried.length - shown.length;
  const reasons = new Set(untried.map(({ why }) => why));
  return [
    ...shown,
    ...(more > 0 ? [`not tried: ${more} more of the kind`] : []),
    ...untriedNext.filter(({ why }) => reasons.has(why)).map(({ next }) => `next: ${next}`),
  ].flatMap(below);
}

const untriedNext: readonly { readonly why: Untried['why']; readonly next: string }[] = [
  {
    why: 'not recorded',
    next: 'record the run with `--late-answers 5000` (`lateAnswersMs` of `createEngine`), so that it waits for what nodes leave behind',
  },
  { why: 'given up', next: 'explore the input with fakes: nobody else can answer what a node gives up' },
  { why: 'timer', next: '`--faults models` tries answers that come too late' },
  { why: 'work', next: 'put such work into an effect (`context.effect`): then its orders are tried' },
];

function untriedText({ event, node, what, why }: Untried): string {
  if (why === 'work')
    return `not tried: that work of Node which "${oneLine(node)}" (${event}) began, such as reading a file, ends earlier or later than what is under way beside it`;
  return why === 'timer'
    ? `not tried: that ${eventText(event, node)}, which had not fired when the run was recorded, comes first`
    : `not tried: that ${eventText(event, node, what)} comes earlier, since it is not recorded${why === 'given up' ? ': the node gave it up' : ''}`;
}

/** What a schedule leaves in a cache hides a difference from all that come after it. */
function variableLines({ variables, verdict, rungs }: ExploreFacts): readonly string[] {
  const isUnwritten = rungs.some((rung) => rung.name === 'watch' && 'written' in rung && rung.written.length === 0);
  if (variables === 'fresh' || verdict !== 'no difference' || isUnwritten) return [];
  return below('the runs shared their variables: what one left there the next found, so nothing is proved');
}

/** Indented below a headline. */
export function below(text: string): readonly string[] {
  return wrapped(text, '  ', reportWidth - 2).map((line) => `  ${line}`);
}

/** With a comma between thousands. */
function numberText(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

export function uncontrolledLines({ uncontrolled }: Pick<ExploreFacts, 'uncontrolled'>): readonly string[] {
  return uncontrolled.flatMap(({ at, node, stack }) => [
    ...below(`uncontrolled: ${node === '' ? '' : `"${oneLine(node)}" `}(${at}) waits for something unseen`),
    ...(stack === undefined ? [] : stack.split('\n').map((line) => `    ${oneLine(line)}`)),
  ]);
}
