import type { ComparedCounts } from '../diff/divergence-log.ts';
import type { Divergence } from '../diff/divergence.ts';
import type { PossibleCauses } from '../diff/possible-causes.ts';
import { count, countsText } from './counts-text.ts';
import { divergenceList, headline } from './divergence-text.ts';
import { plainPalette } from './palette.ts';
import type { Palette } from './palette.ts';
import { oneLine, wrapped } from './plain-text.ts';

/** The parts of a replay's report that are shown. `replay` in `reprise/replay` returns such reports. */
export interface ReplayFacts {
  readonly fixture: string;
  readonly graph: string;
  readonly mode: string;
  readonly strictness: string;
  readonly verdict: 'same' | 'diverged';
  readonly divergences: readonly Divergence[];
  readonly compared: ComparedCounts;
  readonly causes?: PossibleCauses;
  readonly redacted?: number;
  readonly stoppedAfter?: number;
  readonly outOfOrder?: number;
  readonly uncontrolled?: readonly string[];
  readonly networkCalls: number;
  readonly cut?: string | number;
  readonly unrecordedReads?: number;
  readonly refusedOutside: readonly string[];
  /** Options that differ from the rules that the run was recorded by. */
  readonly unfollowed?: readonly string[];
}

const shownMax = 3;
const refusedShownMax = 3;

/** The report of a replay for people. `reproduce` is the command line that makes this report again. */
export function replayText(report: ReplayFacts, reproduce?: string, palette: Palette = plainPalette): string {
  const { verdict } = report;
  const lines = verdict === 'same' ? [sameLine(report), ...changeLines(report)] : divergedLines(report, palette);
  lines.push(...orderLines(report), ...unrecordedLines(report), ...refusedLines(report), ...unfollowedLines(report));
  if (verdict === 'diverged' && reproduce !== undefined) lines.push(`reproduce: ${reproduce}`);
  return `${lines.join('\n')}\n`;
}

function sameLine({ fixture, compared, networkCalls, redacted = 0 }: ReplayFacts): string {
  const hidden = redacted === 0 ? '' : `; ${count(redacted, 'redacted value')} not compared`;
  return `${oneLine(fixture)}: same as recorded (${countsText(compared)}, ${networkCalls} network calls${hidden})`;
}

/** A graph may change without a difference. That is worth a line. */
function changeLines({ divergences }: ReplayFacts): readonly string[] {
  if (divergences.length === 0) return [];
  const shown = divergences.slice(0, shownMax).map(({ path, detail }) => oneLine(`${path} ${detail ?? 'was changed'}`));
  const left = divergences.length - shownMax;
  return wrapped(`the graph has changed: ${shown.join(', ')}${left > 0 ? ` and ${left} more` : ''}`, '  ');
}

function divergedLines(report: ReplayFacts, palette: Palette): string[] {
  const { fixture, divergences, stoppedAfter, compared, causes, mode, networkCalls } = report;
  const stopped =
    `stopped after step ${stoppedAfter}; ` +
    '--lenient continues from the recorded values and finds further differences';
  return [
    ...headline(`${oneLine(fixture)}: diverged`, divergences, { causes, mode }, palette),
    '',
    ...divergenceList(divergences, shownMax, palette),
    ...(stoppedAfter === undefined ? [] : wrapped(stopped, '  ')),
    `compared: ${countsText(compared)}, ${networkCalls} network calls`,
    ...cutLines(report),
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

/** A value in their place was made up, the same in every replay, so the code may do something else with it. */
function unrecordedLines({ unrecordedReads = 0 }: ReplayFacts): readonly string[] {
  if (unrecordedReads === 0) return [];
  return wrapped(`${count(unrecordedReads, 'read')} of a clock or of random values not recorded`, '  ');
}

function orderLines({ outOfOrder = 0, uncontrolled = [] }: ReplayFacts): readonly string[] {
  const early = `${count(outOfOrder, 'thing')} happened out of the recorded order`;
  return [
    ...(outOfOrder === 0 ? [] : wrapped(early, '  ')),
    ...uncontrolled.flatMap((what) => wrapped(`not waited for any longer: ${oneLine(what)}`, '  ')),
  ];
}

function refusedLines({ refusedOutside }: ReplayFacts): readonly string[] {
  if (refusedOutside.length === 0) return [];
  const shown = refusedOutside.slice(0, refusedShownMax).map(oneLine).join(', ');
  const left = refusedOutside.length - refusedShownMax;
  return wrapped(`refused outside any task: ${shown}${left > 0 ? ` and ${left} more` : ''}`, '  ');
}

function unfollowedLines({ unfollowed = [] }: ReplayFacts): readonly string[] {
  if (unfollowed.length === 0) return [];
  const names = unfollowed.map((name) => `\`${name}\``).join(' and ');
  return wrapped(`${names} now differ from the recording, whose rules tell requests apart here`, '  ');
}
