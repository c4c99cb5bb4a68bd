// A run as the store in memory keeps it.
import type { Entry, RunEntry } from '../../journal/entry.ts';
import type { CancelRequest, PlacedCheckpoint, RunSummary } from '../../port/store.ts';
import { committedStep, entryTime, takeoversOf } from '../progress.ts';
import type { MemoryInbox } from './memory-inbox.ts';
import { recordingOf } from './memory-recordings.ts';
import type { RecordableRun } from './memory-recordings.ts';
import type { WorkedRun } from './memory-workers.ts';

export interface StoredRun extends RecordableRun {
  readonly run: RunEntry;
  readonly labels: Map<string, number>;
  /** The last step that is committed, by the first `counted` entries. What comes late may be about an earlier one. */
  step: number;
  counted: number;
  /** Where the run stood after its last commit: reading its result need not fold all of its journal. */
  checkpoint: PlacedCheckpoint | undefined;
  owner: string | undefined;
  wakeAt: number | undefined;
  cancel: CancelRequest | undefined;
  takeovers: number;
  /** Of the graph that it continues with. */
  fingerprint: string;
  readonly refused: Set<string>;
  readonly inbox: MemoryInbox;
}

export function drivenOf({ run, fingerprint, refused }: StoredRun): WorkedRun {
  return { runId: run.observed.runId, graph: run.graph.name, fingerprint, refused: [...refused] };
}

export function cancelOf({ cancel }: StoredRun): CancelRequest | undefined {
  return cancel === undefined ? undefined : { ...cancel };
}

/** Counted when it is asked for: a run appends with every step, and its summary is hardly ever read meanwhile. */
function stepOf(run: StoredRun): number {
  for (; run.counted < run.entries.length; run.counted += 1)
    run.step = Math.max(run.step, committedStep(run.entries[run.counted] as Entry));
  return run.step;
}

export function summaryOf(stored: StoredRun): RunSummary {
  const { run, entries, status, wakeAt } = stored;
  const step = stepOf(stored);
  const recording = recordingOf(stored);
  const last = entries.at(-1) ?? run;
  return {
    runId: run.observed.runId,
    graph: run.graph.name,
    status,
    step,
    entryCount: entries.length,
    createdAt: run.observed.time,
    updatedAt: entryTime(last),
    ...(wakeAt === undefined || wakeAt === 0 ? {} : { wakeAt }),
    ...(recording === undefined ? {} : { recording }),
    ...(run.observed.tenant === undefined ? {} : { tenant: run.observed.tenant }),
    ...takeoversOf(status, stored.takeovers),
  };
}
