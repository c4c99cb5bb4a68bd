import type { Divergence } from '../diff/divergence.ts';
import type { ComparedCounts } from '../diff/run-comparer.ts';
import { divergenceList, divergenceSentence } from './divergence-text.ts';
import { oneLine } from './plain-text.ts';

/** What is shown of a replay; `reprise/replay` makes such reports. */
export interface ReplayFacts {
  readonly fixture: string;
  readonly graph: string;
  readonly mode: string;
  readonly strictness: string;
  readonly verdict: 'same' | 'diverged';
  readonly divergences: readonly Divergence[];
  readonly compared: ComparedCounts;
  readonly stoppedAfter?: number;
  readonly networkCalls: number;
  readonly refusedOutside: readonly string[];
}

const shownMax = 3;

/** The report of a replay for people. `reproduce`: the line to paste. */
export function replayText(report: ReplayFacts, reproduce?: string): string {
  const { fixture, verdict, compared, networkCalls, stoppedAfter, refusedOutside } = report;
  const lines =
    verdict === 'same'
      ? [`${oneLine(fixture)}: the same (${countsText(compared)}, ${networkCalls} network calls)`]
      : divergedLines(report);
  if (stoppedAfter !== undefined)
    lines.push(
      `stopped after step ${stoppedAfter}: what comes behind it would follow; --lenient goes on from the recorded values`,
    );
  if (verdict === 'diverged') lines.push(`compared until then: ${countsText(compared)}, ${networkCalls} network calls`);
  if (refusedOutside.length > 0)
    lines.push(`refused outside of any task: ${refusedOutside.map(oneLine).slice(0, 3).join(', ')}`);
  if (verdict === 'diverged' && reproduce !== undefined) lines.push(`reproduce: ${reproduce}`);
  return `${lines.join('\n')}\n`;
}

function divergedLines({ fixture, divergences }: ReplayFacts): string[] {
  const first = divergences.find((divergence) => divergence.kind !== 'graph') ?? divergences[0];
  const head = first === undefined ? 'diverged' : divergenceSentence(first);
  return [`${oneLine(fixture)}: diverged: ${head}`, '', ...divergenceList(divergences, shownMax)];
}

export function countsText({ steps, tasks, effects, events }: ComparedCounts): string {
  return `${count(steps, 'step')}, ${count(tasks, 'task')}, ${count(effects, 'effect')}, ${count(events, 'event')}`;
}

function count(number: number, noun: string): string {
  return `${number} ${number === 1 ? noun : `${noun}s`}`;
}
