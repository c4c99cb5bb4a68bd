import type { Entry, RunEntry } from '../journal/entry.ts';

export type RunStatus = 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted';

export interface RunSummary {
  readonly runId: string;
  readonly graph: string;
  readonly status: RunStatus;
  /** The last committed step of the run itself (not of a subgraph). */
  readonly step: number;
  readonly entryCount: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface RunQuery {
  readonly graph?: string;
  readonly status?: RunStatus;
  /** Newest first; 100 by default. */
  readonly limit?: number;
}

/** Proof of owning a run: every write carries it, and a store refuses an outdated one with `lease-lost`. */
export interface Lease {
  readonly runId: string;
  readonly token: number;
}

/** A promise only where waiting is needed, so that a store in memory costs no turn of the event loop. */
export type Later<Kind> = Kind | Promise<Kind>;

/**
 * Keeps journals. A run's journal only grows, in the order of `append`; an append is atomic: all of its entries or
 * none. `append` of an `end` entry ends the run and gives back its lease.
 */
export interface RunStore {
  /** Whether entries survive the death of the process. */
  readonly isDurable: boolean;
  /** Begins a run. @throws RepriseError `run-exists` */
  create(run: RunEntry): Later<Lease>;
  /** Takes over a run that was left unfinished: earlier leases are void. @throws RepriseError `run-unknown` */
  take(runId: string): Later<Lease>;
  /** @throws RepriseError `lease-lost`, `store-full`, `store-read-only`, `store-locked`, `store-closed` */
  append(lease: Lease, entries: readonly Entry[]): Later<void>;
  /** Gives a run back unfinished: its status becomes 'interrupted'. */
  release(lease: Lease): Later<void>;
  /** The journal in the order in which it was written. @throws RepriseError `run-unknown` */
  read(runId: string): AsyncIterable<Entry>;
  find(runId: string): Later<RunSummary | undefined>;
  list(query: RunQuery): Later<readonly RunSummary[]>;
  close(): Later<void>;
}
