import type { Value } from '../base/value.ts';
import type { RunCheckpoint } from '../journal/checkpoint.ts';
import type { ChunkEntry, Entry, RunEntry } from '../journal/entry.ts';

export type RunStatus = 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted' | 'paused';

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
  /** Of a paused run: when it is to go on by itself, in milliseconds since 1970. */
  readonly wakeAt?: number;
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

/**
 * Who takes a run, and how long that is believed: the lease of a process, shared by all its runs. Times are in
 * milliseconds since 1970, by the clock of whoever claims; safety rests on tokens alone, never on clocks.
 */
export interface Claim {
  readonly owner: string;
  readonly now: number;
  readonly expiresAt: number;
  /** Whether another owner is known to be dead: then its claim need not be waited for. */
  readonly isGone?: (owner: string) => boolean;
}

/** Somebody asked for a run to be cancelled. */
export interface CancelRequest {
  readonly runId: string;
  readonly reason: Value;
}

/** How a run is given back unfinished. */
export type Release =
  | { readonly status: 'interrupted' }
  /** It waits for people, or until `wakeAt`. */
  | { readonly status: 'paused'; readonly wakeAt?: number };

/** A name that somebody gave to a commit. */
export interface Label {
  readonly step: number;
  readonly label: string;
}

/** Chunks that are let go: what stands in their place. */
export interface PlacedChunks {
  readonly place: number;
  readonly entry: ChunkEntry;
}

export interface PlacedCheckpoint {
  readonly place: number;
  readonly checkpoint: RunCheckpoint;
}

/** Which runs to delete: those that match all of this. */
export interface PruneQuery {
  /** Their last entry was written before this time, in milliseconds since 1970. */
  readonly olderThan: number;
  /** The time at which claims are compared: a run held by another owner's claim is never deleted. */
  readonly now: number;
  /** How many of the newest runs of each graph with such a status to keep; 0 by default. */
  readonly keep?: number;
  /** By default the runs that have ended: done, failed and cancelled. */
  readonly status?: RunStatus | readonly RunStatus[];
  readonly graph?: string;
}

export interface DeleteOptions {
  /** The time at which claims are compared, in milliseconds since 1970. */
  readonly now: number;
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
  /** Begins a run with its first entries, all of them or none. @throws RepriseError `run-exists` */
  create(run: RunEntry, first?: readonly Entry[], claim?: Claim): Later<Lease>;
  /**
   * Takes over a run that has not ended, or that failed: earlier leases are void. With a claim it is refused while the
   * claim of another owner holds.
   *
   * @throws RepriseError `run-unknown`, `run-ended`, `run-owned`
   */
  take(runId: string, claim?: Claim): Later<Lease>;
  /**
   * Gives the request to cancel the run, if there is one. `checkpoint`: the last entry is a commit of the run itself, and
   * this is where the run stands behind it; a store that keeps checkpoints decides whether to ask.
   *
   * @throws RepriseError `lease-lost`, `store-full`, `store-read-only`, `store-locked`, `store-closed`
   */
  append(lease: Lease, entries: readonly Entry[], checkpoint?: () => RunCheckpoint): Later<CancelRequest | undefined>;
  /**
   * Puts entries without their chunks in the place of those with them: all or none, and nothing else moves. Only a store
   * that has it can be used with `keepChunks: 'step'`.
   *
   * @throws RepriseError `lease-lost`, and what `append` throws
   */
  dropChunks?(lease: Lease, chunks: readonly PlacedChunks[]): Later<void>;
  /** Gives a run back unfinished; 'interrupted' by default. @throws RepriseError `lease-lost` */
  release(lease: Lease, release?: Release): Later<void>;
  /** Renews the claim of an owner, for all its runs in one write. Gives the requests to cancel any of them. */
  renew(claim: Claim): Later<readonly CancelRequest[]>;
  /** The same without writing. */
  cancelRequests(owner: string): Later<readonly CancelRequest[]>;
  /** Asks for a run to be cancelled, whoever owns it. @throws RepriseError `run-unknown`, `run-ended` */
  requestCancel(runId: string, reason: Value): Later<void>;
  /**
   * The runs that nobody drives and that could go on now, the oldest first: interrupted ones, those whose owner's claim
   * is over, paused ones whose time has come, and those that are to be cancelled.
   */
  due(graph: string, now: number, limit: number): Later<readonly RunSummary[]>;
  /** Names a commit; the same name again moves it. @throws RepriseError `run-unknown` */
  label(runId: string, label: Label): Later<void>;
  labels(runId: string): Later<readonly Label[]>;
  /**
   * The journal in the order in which it was written, from the entry at place `from` on, at most `limit` of them.
   *
   * @throws RepriseError `run-unknown`
   */
  read(runId: string, from?: number, limit?: number): AsyncIterable<Entry>;
  /**
   * The last checkpoint that is kept of a run, of no later step than this one, if there is any: only in a store where
   * reading it is less work than reading the journal. `place` is that of its commit.
   *
   * @throws RepriseError `run-unknown`
   */
  checkpoint?(runId: string, step?: number): Later<PlacedCheckpoint | undefined>;
  find(runId: string): Later<RunSummary | undefined>;
  list(query: RunQuery): Later<readonly RunSummary[]>;
  close(): Later<void>;
}

/** A store that can forget. The engine never asks it to. */
export interface PrunableStore extends RunStore {
  /**
   * Deletes a run, all of it. Its id is free then, and its leases are void for good.
   *
   * @throws RepriseError `run-unknown`, `run-owned` while an owner's claim holds at `now`
   */
  delete(runId: string, options: DeleteOptions): Later<void>;
  /** Deletes runs one by one, and gives what it deleted, the oldest first. @throws RepriseError `option-invalid` */
  prune(query: PruneQuery): Later<readonly RunSummary[]>;
}
