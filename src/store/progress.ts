// A run's summary is derived from its last entry alone, but for its step, which the row of the last entry holds. So an append
// has no summary to maintain.
import type { Entry } from '../journal/entry.ts';
import type { RunStatus, RunSummary } from '../port/store.ts';

/** How often in a row an open run was taken over, for its summary. */
export function takeoversOf(status: RunStatus, takeovers: number | null): Pick<RunSummary, 'takeovers'> {
  const isOver = status === 'done' || status === 'cancelled';
  return isOver || takeovers === null || takeovers === 0 ? {} : { takeovers };
}

/** The last step of the run itself (not of a subgraph) that must be committed for this entry to be written. */
export function committedStep(entry: Entry): number {
  switch (entry.kind) {
    case 'run':
      return 0;
    case 'end':
      return Math.max(entry.step, 0);
    default: {
      const step = Number.parseInt(entry.at, 10);
      return entry.kind === 'commit' && !entry.at.includes('/') ? step : Math.max(step - 1, 0);
    }
  }
}

/** When this entry was written, by its own account. */
export function entryTime(entry: Entry): number {
  const { observed } = entry;
  if ('times' in observed) return observed.times.at(-1) ?? 0;
  return 'ended' in observed ? observed.ended : observed.time;
}

export function isEnded(status: RunStatus): boolean {
  return status === 'done' || status === 'failed' || status === 'cancelled';
}

/** The fingerprint of the graph that a run continues with after these entries, if they change it. */
export function fingerprintOf(entries: readonly Entry[]): string | undefined {
  let last: string | undefined;
  for (const entry of entries) if (entry.kind === 'edit') last = entry.fingerprint ?? last;
  return last;
}
