// Runs in memory, for as long as the process lives. Entries are canonical and frozen, so they are kept as they are.
import { RepriseError } from '../base/error.ts';
import type { Entry, RunEntry } from '../journal/entry.ts';
import type { Lease, RunQuery, RunStatus, RunStore, RunSummary } from '../port/store.ts';

interface StoredRun {
  readonly entries: Entry[];
  readonly graph: string;
  readonly createdAt: number;
  token: number;
  status: RunStatus;
  step: number;
  updatedAt: number;
}

/** A store in memory: nothing outlives the process. It costs no copy and no turn of the event loop. */
export function memoryStore(): RunStore {
  return new MemoryStore();
}

class MemoryStore implements RunStore {
  readonly isDurable = false;
  readonly #runs = new Map<string, StoredRun>();
  #isClosed = false;

  create(run: RunEntry): Lease {
    this.#checkOpen();
    const { runId, time } = run.observed;
    if (this.#runs.has(runId)) throw existsError(runId);
    this.#runs.set(runId, {
      entries: [run],
      graph: run.graph.name,
      createdAt: time,
      token: 1,
      status: 'running',
      step: 0,
      updatedAt: time,
    });
    return { runId, token: 1 };
  }

  take(runId: string): Lease {
    const run = this.#run(runId);
    run.token += 1;
    run.status = 'running';
    return { runId, token: run.token };
  }

  append(lease: Lease, entries: readonly Entry[]): void {
    const run = this.#owned(lease);
    for (const entry of entries) {
      run.entries.push(entry);
      if (entry.kind === 'commit' && !entry.at.includes('/')) {
        run.step = Number(entry.at);
        run.updatedAt = entry.observed.time;
      } else if (entry.kind === 'end') {
        run.status = entry.end.status;
        run.updatedAt = entry.observed.time;
      }
    }
  }

  release(lease: Lease): void {
    const run = this.#owned(lease);
    run.token += 1;
    run.status = 'interrupted';
  }

  async *read(runId: string): AsyncIterable<Entry> {
    yield* this.#run(runId).entries;
  }

  find(runId: string): RunSummary | undefined {
    const run = this.#runs.get(runId);
    return run === undefined ? undefined : summaryOf(runId, run);
  }

  list({ graph, status, limit = 100 }: RunQuery): readonly RunSummary[] {
    return [...this.#runs]
      .map(([runId, run]) => summaryOf(runId, run))
      .filter((run) => (graph === undefined || run.graph === graph) && (status === undefined || run.status === status))
      .reverse()
      .slice(0, limit);
  }

  close(): void {
    this.#isClosed = true;
  }

  #owned(lease: Lease): StoredRun {
    this.#checkOpen();
    const run = this.#run(lease.runId);
    if (run.token === lease.token) return run;
    throw new RepriseError('lease-lost', `run "${lease.runId}" has another owner now`, {
      nextStep: 'Let that one go on: this one has written nothing since.',
      fields: { runId: lease.runId },
    });
  }

  #run(runId: string): StoredRun {
    const run = this.#runs.get(runId);
    if (run !== undefined) return run;
    throw new RepriseError('run-unknown', `there is no run "${runId}" in this store`, {
      nextStep: 'List the runs of the store.',
      fields: { runId },
    });
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new RepriseError('store-closed', 'this store is closed', { nextStep: 'Open it again.' });
  }
}

function existsError(runId: string): RepriseError {
  return new RepriseError('run-exists', `there is a run "${runId}" already`, {
    nextStep: "Choose another runId, or pass onExisting: 'attach' to get its result.",
    fields: { runId },
  });
}

function summaryOf(runId: string, run: StoredRun): RunSummary {
  const { graph, status, step, createdAt, updatedAt, entries } = run;
  return { runId, graph, status, step, entryCount: entries.length, createdAt, updatedAt };
}
