// Attempts that are handed out to workers: runs of their own, named by the run that they belong to.
import { errandsOf, isErrandName } from '../../journal/errand.ts';
import type { Entry, RunEntry } from '../../journal/entry.ts';
import type { Errands } from '../../port/errands.ts';
import { waitingErrand } from '../waiting-errand.ts';
import { summaryOf } from './stored-run.ts';
import type { StoredRun } from './stored-run.ts';

interface RunsOfStore {
  create(errand: RunEntry): void;
  forget(runId: string): void;
}

export class MemoryErrands implements Errands {
  readonly #runs: ReadonlyMap<string, StoredRun>;
  readonly #store: RunsOfStore;

  constructor(runs: ReadonlyMap<string, StoredRun>, store: RunsOfStore) {
    this.#runs = runs;
    this.#store = store;
  }

  handOut(errands: readonly RunEntry[]): readonly string[] {
    const there = errands.filter(({ observed }) => this.#runs.has(observed.runId));
    for (const errand of errands) if (!there.includes(errand)) this.#store.create(errand);
    return there.map(({ observed }) => observed.runId);
  }

  journals(errandIds: readonly string[]): readonly (readonly Entry[])[] {
    return errandIds.map((errandId) => [...(this.#runs.get(errandId)?.entries ?? [])]);
  }

  of(runId: string): readonly string[] {
    return this.runsOf(runId).map(([errandId]) => errandId);
  }

  ended(runId: string): ReturnType<Errands['ended']> {
    return this.runsOf(runId).flatMap(([errandId, { status }]) =>
      status === 'done' || status === 'failed' || status === 'cancelled' ? [{ errandId, status }] : [],
    );
  }

  drop(runId: string, errandIds?: readonly string[]): void {
    const status = this.#runs.get(runId)?.status ?? 'done';
    const isOver = status === 'done' || status === 'cancelled';
    for (const [errandId] of this.runsOf(runId))
      if (errandIds?.includes(errandId) ?? isOver) this.#store.forget(errandId);
  }

  waiting(limit: number): ReturnType<Errands['waiting']> {
    return [...this.#runs.values()]
      .filter(({ run, status }) => isErrandName(run.graph.name) && (status === 'queued' || status === 'interrupted'))
      .slice(0, limit)
      .map((run) => waitingErrand(summaryOf(run)));
  }

  /** Those of a run, each with its name. */
  runsOf(runId: string): readonly (readonly [string, StoredRun])[] {
    return [...this.#runs].filter(([id, { run }]) => id.startsWith(errandsOf(runId)) && isErrandName(run.graph.name));
  }
}
