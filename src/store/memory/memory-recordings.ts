// Which ended runs become fixtures, for runs in memory.
import type { Entry } from '../../journal/entry.ts';
import { holdsChunks, withoutBodies } from '../../journal/run/without-bodies.ts';
import type { KeptRecording, RecordingMark, Recordings, ReservedRun, ReserveQuery } from '../../port/recordings.ts';
import type { RunStatus } from '../../port/store.ts';
import { committedStep, isEnded } from '../progress.ts';
import { runUnknown } from '../run-error.ts';
import { recordingText } from '../recording-text.ts';
import type { StoreTime } from '../store-time.ts';

export interface OpenRecording {
  readonly stage: ReserveQuery['stage'];
  readonly at: number;
  readonly tries: number;
  /** What users read of it; undefined while nothing is decided. */
  readonly text: string | undefined;
}

/** What the store keeps of a run. `recording` is a text once it is decided. */
export interface RecordableRun {
  readonly run: { readonly graph: { readonly name: string } };
  readonly entries: Entry[];
  status: RunStatus;
  token: number;
  recording: OpenRecording | string | undefined;
}

export const openRecording: OpenRecording = { stage: 'open', at: 0, tries: 0, text: undefined };

/** What is taken without a policy is driven by somebody who wants nothing of it dropped. */
export function asTaken(recording: RecordableRun['recording']): RecordableRun['recording'] {
  return typeof recording === 'object' && recording.stage === 'not-recorded' ? recording.text : recording;
}

export class MemoryRecordings implements Recordings {
  readonly #runs: ReadonlyMap<string, RecordableRun>;
  readonly #now: StoreTime;
  /** Those with something left to do. */
  readonly #left = new Set<string>();

  constructor(runs: ReadonlyMap<string, RecordableRun>, now: StoreTime) {
    this.#runs = runs;
    this.#now = now;
  }

  opened(runId: string): void {
    this.#left.add(runId);
  }

  reserve({ graph, stage, forMs, limit }: ReserveQuery): readonly ReservedRun[] {
    const now = this.#now();
    const reserved: ReservedRun[] = [];
    for (const [runId, run, open] of this.#open(graph, stage)) {
      if (reserved.length === limit) break;
      if (open.at > now) continue;
      run.recording = { ...open, at: now + forMs };
      const { token, status } = run;
      reserved.push({ runId, status: status as ReservedRun['status'], tries: open.tries, token });
    }
    return reserved;
  }

  mark({ runId, token }: ReservedRun, mark: RecordingMark): void {
    const run = this.#runs.get(runId);
    if (run === undefined || run.token !== token || !isEnded(run.status)) return;
    const text = recordingText(mark) ?? recordingOf(run);
    if (mark.status === 'wanted')
      run.recording = { stage: 'wanted', at: this.#now() + mark.afterMs, tries: mark.tries, text };
    else if (mark.status === 'not-recorded' && mark.keepsMs !== undefined)
      run.recording = { stage: 'not-recorded', at: this.#now() + mark.keepsMs, tries: 0, text };
    else run.recording = text;
    if (typeof run.recording !== 'object') this.#left.delete(runId);
  }

  wantedCount(graph: string, limit: number): number {
    let count = 0;
    for (const _run of this.#open(graph, 'wanted')) {
      if (count === limit) break;
      count += 1;
    }
    return count;
  }

  bytesOf(): number {
    return 0;
  }

  dropBodies({ runId, token, status }: ReservedRun, keeps: 'chunks' | 'nothing'): boolean {
    const run = this.#runs.get(runId);
    if (run === undefined || run.token !== token) return false;
    const { entries } = run;
    const last = entries.at(-1);
    const step = status === 'failed' && last !== undefined ? committedStep(last) : Number.POSITIVE_INFINITY;
    let hasChunks = false;
    for (const [place, entry] of entries.entries()) {
      if (committedStep(entry) >= step) continue;
      entries[place] = withoutBodies(entry, keeps) ?? entry;
      hasChunks ||= holdsChunks(entries[place]);
    }
    return hasChunks;
  }

  kept(runId: string): KeptRecording | undefined {
    const { recording } = this.#run(runId);
    if (recording === undefined) return undefined;
    if (typeof recording === 'string') return { text: recording, tries: 0 };
    const { stage, at, tries, text } = recording;
    return { text: text ?? stage, afterMs: Math.max(0, at - this.#now()), tries };
  }

  keep(runId: string, { text, afterMs, tries }: KeptRecording): void {
    const run = this.#run(runId);
    if (afterMs === undefined) {
      run.recording = text;
      return;
    }
    const stage = text === 'open' || text === 'wanted' ? text : 'not-recorded';
    run.recording = { stage, at: this.#now() + afterMs, tries, text: text === 'open' ? undefined : text };
    this.#left.add(runId);
  }

  #run(runId: string): RecordableRun {
    const run = this.#runs.get(runId);
    if (run === undefined) throw runUnknown(runId, 'this store', 'List the runs of the store with `store.list({})`.');
    return run;
  }

  *#open(graph: string, stage: ReserveQuery['stage']): Generator<readonly [string, RecordableRun, OpenRecording]> {
    for (const runId of this.#left) {
      const run = this.#runs.get(runId);
      if (typeof run?.recording !== 'object') this.#left.delete(runId);
      else if (run.recording.stage === stage && isEnded(run.status)) {
        if (run.run.graph.name === graph) yield [runId, run, run.recording];
      }
    }
  }
}

export function recordingOf({ recording }: RecordableRun): string | undefined {
  return typeof recording === 'object' ? recording.text : recording;
}
