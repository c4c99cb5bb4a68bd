import type { LeftOutCounts } from '../../diff/value/left-out.ts';
import type { ComparedCounts } from '../../diff/divergence-log.ts';
import type { Looks } from './looks.ts';
import type { Divergence } from '../../diff/divergence.ts';
import type { RootCause } from '../../diff/cause/root-cause.ts';
import type { PossibleCauses } from '../../diff/cause/possible-causes.ts';
import { nextStepOf } from '../../diff/cause/next-step.ts';
import { count, countsText } from '../text/counts-text.ts';
import { differenceLines } from '../text/difference-text.ts';
import { divergenceList, headline } from './divergence-text.ts';
import { acceptsOffline, fixtureCommand } from './fixture-commands.ts';
import type { FixtureCommands } from './fixture-commands.ts';
import { outsideText } from './outside-text.ts';
import { plainPalette } from '../text/palette.ts';
import type { Palette } from '../text/palette.ts';
import { oneLine, wrapped } from '../text/plain-text.ts';

/** The parts of a replay's report that are shown. `replay` in `reprise/replay` returns such reports. */
export interface ReplayFacts {
  readonly fixture: string;
  readonly graph: string;
  readonly mode: string;
  readonly strictness: string;
  readonly verdict: 'same' | 'diverged' | 'not deterministic';
  /** How often it was replayed, and where two replays differ. */
  readonly looks?: Looks;
  readonly divergences: readonly Divergence[];
  readonly roots: readonly RootCause[];
  readonly compared: ComparedCounts;
  readonly causes?: PossibleCauses;
  readonly mayBeRace?: true;
  readonly redacted?: number;
  readonly isEdited?: true;
  readonly leftOut?: LeftOutCounts;
  readonly stoppedAfter?: number;
  readonly outOfOrder?: number;
  readonly firstOutOfOrder?: string;
  readonly uncontrolled?: readonly string[];
  /** A runtime on which not all doors are guarded. */
  readonly partlySealedOn?: string;
  readonly networkCalls: number;
  readonly cut?: string | number;
  readonly late?: number;
  readonly unrecordedReads?: number;
  /** The first of them, and where. */
  readonly unrecordedRead?: string;
  /** Options that differ from the rules that the run was recorded by. */
  readonly unfollowed?: readonly string[];
  /** What was tried and refused; without a node, it was tried outside of any. */
  readonly refused?: readonly { readonly what: string; readonly node?: string }[];
  /** What left in no node's context. */
  readonly unattributed?: readonly { readonly host: string; readonly count: number; readonly bytes: number }[];
  /** Requests that are no part of the run, and were answered with placeholders. */
  readonly outside?: readonly { readonly endpoint: string; readonly host: string; readonly count: number }[];
}

const shownMax = 3;

/**
 * The report of a replay for people. `reproduce` is the command line that makes this report again, `commands` what the next
 * ones need.
 */
export function replayText(
  report: ReplayFacts,
  reproduce?: string,
  palette: Palette = plainPalette,
  commands?: Omit<FixtureCommands, 'fixture'>,
): string {
  const { verdict, fixture } = report;
  const about = { name: report.graph, ...commands, fixture };
  const lines =
    verdict === 'same'
      ? [sameLine(report), ...changeLines(report)]
      : verdict === 'diverged'
        ? divergedLines(report, palette, about)
        : notDeterministicLines(report, palette);
  lines.push(...lookLines(report));
  lines.push(
    ...(report.isEdited === true ? ['  the fixture was edited by hand'] : []),
    ...leftOutLines(report),
    ...orderLines(report),
    ...unrecordedLines(report),
    ...lateLines(report),
    ...sealLines(report),
    ...refusedLines(report),
    ...unattributedLines(report),
    ...outsideLines(report),
    ...unfollowedLines(report),
  );
  if (verdict !== 'same' && reproduce !== undefined) lines.push(`reproduce: ${reproduce}`);
  if (report.mayBeRace === true && commands !== undefined)
    lines.push(`if only the order differs: ${fixtureCommand('explain', about)}`);
  return `${lines.join('\n')}\n`;
}

function sameLine(report: ReplayFacts): string {
  const { fixture, compared, redacted = 0 } = report;
  const hidden = redacted === 0 ? '' : `; ${count(redacted, 'redacted value')} not compared`;
  return `${oneLine(fixture)}: same as recorded (${countsText(compared)}${networkText(report)}${hidden})`;
}

/** How much nodes sent. Nothing is said where it is not known: some of what left may be theirs. */
function networkText({ networkCalls, unattributed = [], partlySealedOn }: ReplayFacts): string {
  const isKnown = unattributed.length === 0 && partlySealedOn === undefined;
  return networkCalls === 0 && !isKnown ? '' : `, ${count(networkCalls, 'network call')}`;
}

/** A graph may change without a difference. That is worth a line. */
function changeLines({ divergences }: ReplayFacts): readonly string[] {
  if (divergences.length === 0) return [];
  const shown = divergences.slice(0, shownMax).map(({ path, detail }) => oneLine(`${path} ${detail ?? 'was changed'}`));
  const left = divergences.length - shownMax;
  return wrapped(`the graph has changed: ${shown.join(', ')}${left > 0 ? ` and ${left} more` : ''}`, '  ');
}

function divergedLines(report: ReplayFacts, palette: Palette, commands: FixtureCommands): string[] {
  const { fixture, divergences, roots, compared, causes, mode, leftOut } = report;
  return [
    ...headline(
      `${oneLine(fixture)}: diverged`,
      divergences,
      { causes, mode, roots, leftOut: placesOf(leftOut) },
      palette,
    ),
    '',
    ...divergenceList(divergences, roots, shownMax, palette, { commands }),
    ...stoppedLines(report, commands),
    `compared: ${countsText(compared)}${networkText(report)}`,
    ...cutLines(report),
  ];
}

/** What comes after the first difference is not known: it may ask for something new, which an offline update refuses. */
function stoppedLines({ stoppedAfter, divergences, roots }: ReplayFacts, commands: FixtureCommands): readonly string[] {
  if (stoppedAfter === undefined || commands.isRefused === true) return [];
  const { lenient = '--lenient' } = commands;
  const stopped = `stopped after step ${stoppedAfter}; ${lenient} continues from the recorded values and finds further differences`;
  const isOffline = roots.some((root) => acceptsOffline(nextStepOf(root, divergences)));
  const live = `if a later request differs too, what accepts both is \`${fixtureCommand('replay', commands)} --update --live\``;
  return [...wrapped(stopped, '  '), ...(isOffline ? wrapped(live, '  ') : [])];
}

function notDeterministicLines(report: ReplayFacts, palette: Palette): string[] {
  const { fixture, looks } = report;
  const { differs, read } = looks ?? {};
  const where =
    differs === undefined
      ? ''
      : `, first ${differs.node === undefined ? '' : `in "${oneLine(differs.node)}" `}(${oneLine(differs.at)}) at ${oneLine(differs.path)}`;
  const title = `${oneLine(fixture)}: not deterministic: replays of the same code came out differently${where}`;
  const values =
    differs === undefined
      ? []
      : differenceLines(...differs.values, ['replay 1', 'replay 2']).map(({ text }) => `  ${text}`);
  const others = 'a file, the environment, or something that takes turns with the node';
  const unwatched = `nothing that was watched explains it: look for ${looks?.modules === 'fresh' ? 'what a module computes while it is loaded' : 'a variable of a module'}, ${others}`;
  const because = read === undefined ? unwatched : `the first read that nothing controls: ${oneLine(read)}`;
  return [
    ...wrapped(title, '  ').map(palette.strong),
    ...values,
    ...wrapped(because, '  ').map((line) => `  ${line}`),
    ...(outsideText(report)?.trimEnd().split('\n') ?? []),
  ];
}

const behindOthers =
  'replayed in fresh modules: in those that the fixtures before it had used it came out differently, as a variable of a module keeps something from one run to the next';

/** A second look is the rule, and no news. */
function lookLines({ verdict, looks }: ReplayFacts): readonly string[] {
  if (looks === undefined) return [];
  const { count: times, differsBehindOthers } = looks;
  return [
    ...(times <= 2 || verdict === 'not deterministic' ? [] : [`  replayed ${times} times, always with this result`]),
    ...(differsBehindOthers === true ? wrapped(behindOthers, '  ') : []),
  ];
}

/** A divergence may be caused by the cuts alone: then the node wrongly depends on where a body is cut. */
function cutLines({ cut = 'recorded' }: ReplayFacts): readonly string[] {
  if (cut === 'recorded') return [];
  const where = cut === 'bytes' ? 'at every byte' : `every ${cut} bytes`;
  return wrapped(
    `bodies were cut ${where}: if the run is the same with bodies as recorded, the node depends on the cuts`,
    '  ',
  );
}

function lateLines({ late = 0 }: ReplayFacts): readonly string[] {
  if (late === 0) return [];
  return wrapped(
    `${count(late, 'request')} not compared: ${late === 1 ? 'it' : 'each'} began after its task had ended, as with a queue that tasks share. Bind its jobs to their tasks (\`AsyncResource.bind\`)`,
    '  ',
  );
}

/**
 * A value in their place was made up, the same in every replay, so the code may do something else with it. What an update has
 * accepted may be such a value.
 */
function unrecordedLines({ unrecordedReads = 0, unrecordedRead, verdict }: ReplayFacts): readonly string[] {
  if (unrecordedReads === 0) return [];
  const first =
    unrecordedRead === undefined ? '' : ` (${unrecordedReads === 1 ? '' : 'first '}${oneLine(unrecordedRead)})`;
  const matters =
    verdict === 'same'
      ? '; with values made up in their place, the same in each replay, the run came out as recorded'
      : '';
  return wrapped(
    `${count(unrecordedReads, 'read')} of a clock or of random values not recorded${first}${matters}`,
    '  ',
  );
}

function placesOf(leftOut: LeftOutCounts | undefined): readonly string[] {
  if (leftOut === undefined) return [];
  const { ignored, toleratedAt = [], otherKinds = [] } = leftOut;
  return [
    ...ignored.map(({ path }) => path).filter((path) => !path.startsWith('event')),
    ...toleratedAt,
    ...otherKinds,
  ];
}

function leftOutLines({ leftOut }: ReplayFacts): readonly string[] {
  if (leftOut === undefined) return [];
  const { ignored, tolerated, ofOtherKinds } = leftOut;
  const parts = [
    ...ignored.map(({ path, why, count: times }) => `${oneLine(path)} (${oneLine(why)}, ${count(times, 'time')})`),
    ...(tolerated === 0 ? [] : [`${count(tolerated, 'number')} within tolerance`]),
    ...(ofOtherKinds === 0 ? [] : [`${count(ofOtherKinds, 'divergence')} of kinds that are not compared`]),
  ];
  return wrapped(`left out: ${parts.join(', ')}`, '  ');
}

function orderLines({ outOfOrder = 0, firstOutOfOrder, uncontrolled = [], verdict }: ReplayFacts): readonly string[] {
  const first =
    firstOutOfOrder === undefined ? '' : ` (${outOfOrder === 1 ? '' : 'first '}${oneLine(firstOutOfOrder)})`;
  const matters = verdict === 'same' ? '; nothing that was compared depends on it' : '';
  const early = `${count(outOfOrder, 'thing')} happened out of the recorded order${first}${matters}`;
  return [
    ...(outOfOrder === 0 ? [] : wrapped(early, '  ')),
    ...uncontrolled.flatMap((what) => wrapped(`not waited for any longer: ${oneLine(what)}`, '  ')),
  ];
}

function sealLines({ partlySealedOn }: ReplayFacts): readonly string[] {
  if (partlySealedOn === undefined) return [];
  const what = 'only what nodes ask by fetch or node:http is kept from the network';
  return wrapped(`seal: partial: on ${oneLine(partlySealedOn)} ${what}`, '  ');
}

function refusedLines({ refused = [] }: ReplayFacts): readonly string[] {
  const nobodys = refused.filter(({ node }) => node === undefined);
  if (nobodys.length === 0) return [];
  return wrapped(`refused outside of any node: ${firstOf(nobodys.map(({ what }) => what))}`, '  ');
}

function unattributedLines({ unattributed = [] }: ReplayFacts): readonly string[] {
  if (unattributed.length === 0) return [];
  const hosts = unattributed.map(
    ({ host, count: times, bytes }) => `${host} (${count(times, 'time')}, ${count(bytes, 'byte')})`,
  );
  return wrapped(
    `unattributed: while it ran, this process sent to ${firstOf(hosts)}; a node may have caused it through a queue of a client`,
    '  ',
  );
}

function outsideLines({ outside = [] }: ReplayFacts): readonly string[] {
  if (outside.length === 0) return [];
  const sum = outside.reduce((before, { count: more }) => before + more, 0);
  const places = outside.map(({ endpoint, host, count: times }) => `${host} (${endpoint}, ${count(times, 'time')})`);
  return wrapped(`${count(sum, 'request')} outside of the run answered without network: ${firstOf(places)}`, '  ');
}

function firstOf(texts: readonly string[]): string {
  const left = texts.length - shownMax;
  return `${texts.slice(0, shownMax).map(oneLine).join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
}

function unfollowedLines({ unfollowed = [] }: ReplayFacts): readonly string[] {
  if (unfollowed.length === 0) return [];
  const names = unfollowed.map((name) => `\`${name}\``).join(' and ');
  return wrapped(`${names} now differ from the recording, whose rules tell requests apart here`, '  ');
}
