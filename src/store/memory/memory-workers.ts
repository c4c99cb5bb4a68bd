// The workers of a store in memory.
import type { LiveWorker, StrandedRun, WorkerNote, Workers } from '../../port/workers.ts';
import { isStranded, strandedOf } from '../driving.ts';
import type { DrivenRun, LiveGraph } from '../driving.ts';
import type { StoreTime } from '../store-time.ts';

export interface WorkedRun extends DrivenRun {
  readonly runId: string;
}

export interface WorkedRuns {
  /** Oldest first. */
  due(isGone: IsGone | undefined): readonly WorkedRun[];
  countOf(owner: string): number;
}

type IsGone = (owner: string) => boolean | undefined;

interface Announced extends WorkerNote {
  readonly since: number;
  readonly expiresAt: number;
}

export class MemoryWorkers implements Workers {
  readonly #now: StoreTime;
  readonly #runs: WorkedRuns;
  readonly #workers = new Map<string, Announced>();

  constructor(now: StoreTime, runs: WorkedRuns) {
    this.#now = now;
    this.#runs = runs;
  }

  announce(worker: WorkerNote): void {
    const now = this.#now();
    for (const [owner, { expiresAt }] of this.#workers) if (expiresAt <= now) this.#workers.delete(owner);
    const since = this.#workers.get(worker.owner)?.since ?? now;
    this.#workers.set(worker.owner, { ...worker, since, expiresAt: now + worker.leaseMs });
  }

  withdraw(owner: string): void {
    this.#workers.delete(owner);
  }

  live(isGone?: IsGone): readonly LiveWorker[] {
    return this.#live(isGone).map(({ owner, build, graphs, since }) => ({
      owner,
      ...(build === undefined ? {} : { build }),
      graphs,
      since,
      runCount: this.#runs.countOf(owner),
    }));
  }

  stranded(limit: number, isGone?: IsGone): readonly StrandedRun[] {
    const live = this.graphs(isGone);
    return this.#runs
      .due(isGone)
      .filter((run) => isStranded(run, live))
      .slice(0, limit)
      .map((run) => strandedOf(run, live));
  }

  /** Of all live workers. */
  graphs(isGone: IsGone | undefined): readonly LiveGraph[] {
    return this.#live(isGone).flatMap(({ owner, graphs }) => graphs.map((graph) => ({ ...graph, owner })));
  }

  #live(isGone: IsGone | undefined): readonly Announced[] {
    const now = this.#now();
    return [...this.#workers.values()].filter(({ owner, expiresAt }) => expiresAt > now && isGone?.(owner) !== true);
  }
}
