// Runs in memory, for as long as the process lives. Entries are canonical and frozen, so they are kept as they are.
import type { Entry, RunEntry } from '../journal/entry.ts';
import type { Lease, RunQuery, RunStatus, RunStore, RunSummary } from '../port/store.ts';
import { committedStep, entryTime } from './progress.ts';
import { leaseLost, runExists, runUnknown, storeClosed } from './run-error.ts';
import { limitOf } from './run-query.ts';

interface StoredRun {
  readonly run: RunEntry;
  readonly entries: Entry[];
  token: number;
  status: RunStatus;
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
    const { runId } = run.observed;
    if (this.#runs.has(runId)) throw runExists(runId);
    this.#runs.set(runId, { run, entries: [run], token: 1, status: 'running' });
    return { runId, token: 1 };
  }

  take(runId: string): Lease {
    this.#checkOpen();
    const run = this.#run(runId);
    run.token += 1;
    run.status = 'running';
    return { runId, token: run.token };
  }

  append(lease: Lease, entries: readonly Entry[]): void {
    const run = this.#owned(lease);
    for (const entry of entries) {
      run.entries.push(entry);
      if (entry.kind === 'end') this.#giveBack(run, entry.end.status);
    }
  }

  release(lease: Lease): void {
    this.#giveBack(this.#owned(lease), 'interrupted');
  }

  async *read(runId: string): AsyncIterable<Entry> {
    yield* this.#run(runId).entries;
  }

  find(runId: string): RunSummary | undefined {
    const run = this.#runs.get(runId);
    return run === undefined ? undefined : summaryOf(run);
  }

  list(query: RunQuery): readonly RunSummary[] {
    const { graph, status } = query;
    const limit = limitOf(query);
    const found: RunSummary[] = [];
    for (const run of [...this.#runs.values()].reverse()) {
      if (found.length === limit) break;
      const isAskedFor =
        (graph === undefined || run.run.graph.name === graph) && (status === undefined || run.status === status);
      if (isAskedFor) found.push(summaryOf(run));
    }
    return found;
  }

  close(): void {
    this.#isClosed = true;
  }

  #giveBack(run: StoredRun, status: RunStatus): void {
    run.status = status;
    run.token += 1;
  }

  #owned(lease: Lease): StoredRun {
    this.#checkOpen();
    const run = this.#run(lease.runId);
    if (run.token !== lease.token) throw leaseLost(lease.runId);
    return run;
  }

  #run(runId: string): StoredRun {
    const run = this.#runs.get(runId);
    if (run === undefined) throw runUnknown(runId, 'this store', 'See the runs of the store with `store.list({})`.');
    return run;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw storeClosed('this store');
  }
}

function summaryOf({ run, entries, status }: StoredRun): RunSummary {
  const last = entries.at(-1) ?? run;
  return {
    runId: run.observed.runId,
    graph: run.graph.name,
    status,
    step: committedStep(last),
    entryCount: entries.length,
    createdAt: run.observed.time,
    updatedAt: entryTime(last),
  };
}
