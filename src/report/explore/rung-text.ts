// What each rung of an exploration has shown, with its numbers.
import { parseAddress } from '../../journal/address.ts';
import { count } from '../text/counts-text.ts';
import { eventText } from '../text/event-text.ts';
import { below, oneLine } from '../text/plain-text.ts';
import type { DeathsRung, ExploreFacts, FaultRow, Rung, WatchRung } from './explore-facts.ts';

const variablesShownMax = 5;
const sentShownMax = 5;

export function rungLines(rung: Rung, report: ExploreFacts): readonly string[] {
  return [
    rungText(rung, report),
    ...(rung.name === 'crashes' && !('skipped' in rung) ? afterDeathsText(rung) : []),
    ...(rung.name === 'faults' && !('skipped' in rung) ? faultLines(rung.rows) : []),
  ].flatMap(below);
}

type RungOf<Name extends Rung['name']> = Exclude<Extract<Rung, { readonly name: Name }>, { readonly skipped: string }>;

function rungText(rung: Rung, report: ExploreFacts): string {
  if ('skipped' in rung) return `${rung.name}: skipped, ${rung.skipped}`;
  switch (rung.name) {
    case 'self-check':
      return `self-check: the same order came out ${rung.isSame ? 'alike' : 'differently'} ${rung.isWarm === true ? 'a second time with the same variables' : 'twice'}`;
    case 'watch':
      return watchText(rung, report);
    case 'within':
      return withinText(rung, report);
    case 'pairs':
      return `every order of any two events: ${ofAll(rung)} in ${count(rung.schedules, 'schedule')}`;
    case 'triples':
      return `every order of any three events: ${ofAll(rung)} in ${count(rung.schedules, 'schedule')}`;
    case 'all orders':
      return allOrdersText(rung);
    case 'search':
      return `drawn orders: ${count(rung.schedules, 'schedule')}; it continues with --from ${rung.next}`;
    case 'crashes':
      return deathsText(rung);
    case 'faults':
      if (rung.of === 0) return 'faults: none, since no answer of the run is one that was to fail';
      return rung.rows.length === 0
        ? `faults: NONE of ${rung.of} tried, as the time was over before; give more of it`
        : `faults: ${rung.rows.length} of ${rung.of} tried`;
    case 'combined':
      return combinedText(rung);
    case 'saved':
      return `saved schedules tried first: ${rung.schedules}${rung.stale === 0 ? '' : ` (${rung.stale} no longer ${rung.stale === 1 ? 'fits' : 'fit'} the run)`}`;
    case 'given':
      return `the given schedule: ${oneLine(rung.schedule)}`;
  }
}

function withinText({ orders, isComplete, of, watched }: RungOf<'within'>, { run }: ExploreFacts): string {
  const all = isComplete ? `all ${orders}` : `${numberText(orders)}, not all`;
  const tried = of === undefined ? all : `${aboutText(of)}, too many to run them all`;
  const shown =
    watched === undefined || run.tasks < 2
      ? ''
      : `; while each attempt gets what it got in one of ${count(watched, 'watched run')}, no order between tasks can matter`;
  return `orders within attempts, of all attempts at once: ${tried}${shown}`;
}

function allOrdersText({ orders, isComplete, grain }: RungOf<'all orders'>): string {
  const counted = isComplete ? `${orders} of ${orders}` : `${orders}, not all`;
  return grain === undefined
    ? `all orders: ${counted}`
    : `every order of whole answers, the parts of each one after another: ${counted}`;
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
  const sent = sentTwice.slice(0, sentShownMax).map(({ event, node, asked, keys }) => {
    const isExchange = parseAddress(event)?.type === 'http';
    const known = isExchange ? exchangeKeys[keys] : callKeys[keys];
    return `${eventText(`${event}/request`, node, asked)} can be sent twice, ${known}`;
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
  return [...alike.values()].map(([row, ...others]) => faultText(row as FaultRow, others));
}

const othersShownMax = 3;

/** No time of the run limits these, and that of a client is no part of it. */
const withoutEnd = 'NOT HANDLED, nothing in the run limits the wait (`fetch` of Node gives up after 300 s)';

function faultText(row: FaultRow, others: readonly FaultRow[]): string {
  const { event, node, asked, kind, says, became, detail } = row;
  const isUnlimited = became === 'stuck' && (kind === 'timeout' || kind === 'stalled');
  const end = isUnlimited && parseAddress(event)?.type === 'http' ? withoutEnd : ends[became];
  const more = detail === undefined ? '' : `: ${oneLine(detail)}`;
  return `when ${eventText(event, node, asked)} ${says}${othersText(asked, others)}: ${end}${more}`;
}

/** Those that ask for something else are named. */
function othersText(asked: string | undefined, others: readonly FaultRow[]): string {
  if (others.length === 0) return '';
  const names = new Set(others.flatMap((other) => other.asked ?? []));
  names.delete(asked ?? '');
  const shown = [...names].slice(0, othersShownMax).join(', ');
  const rest = names.size > othersShownMax ? ', …' : '';
  return ` (and ${others.length} more like it${shown === '' ? '' : `: ${shown}${rest}`})`;
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

function ofAll({ seen, of }: { readonly seen: number; readonly of: number }): string {
  return `${numberText(seen)} of ${numberText(of)}`;
}

/** Beyond this, digits say nothing. */
const toldMax = 1e12;

function aboutText(number: number): string {
  return number < toldMax ? `about ${numberText(number)}` : `about 10^${Math.round(Math.log10(number))}`;
}

/** With a comma between thousands. */
function numberText(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
