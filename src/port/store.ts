import type { Value } from '../base/value.ts';
import type { RunCheckpoint } from '../journal/run/checkpoint.ts';
import type { ChunkEntry, Entry, RunEntry } from '../journal/entry.ts';
import type { Errands } from './errands.ts';
import type { Inbox, Message } from './inbox.ts';
import type { Later } from './later.ts';
import type { Recordings } from './recordings.ts';
import type { DrivenGraph, Workers } from './workers.ts';

/** `queued`: it was written for a worker, and nothing of it has run. */
export type RunStatus = 'queued' | 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted' | 'paused';

/** What a store knows of a run without reading its journal. Lists of runs are made of these. */
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
  /** Only for paused and queued runs that are not due at once: when it continues by itself, in milliseconds since 1970. */
  readonly wakeAt?: number;
  /** Only under a recording policy: `wanted`, `recorded: <name>` or `not-recorded: <why>`, once that is known. */
  readonly recording?: string;
  /** For whom it is, if that was said (`tenant` of `engine.run`). */
  readonly tenant?: string;
  /**
   * How often in a row it was taken over (`Lease.takeovers`); absent if it was not, has written anything new since, or is over.
   */
  readonly takeovers?: number;
  /** What the store holds of it is damaged: nothing else here can be relied on. Reading its journal says where. */
  readonly isDamaged?: true;
}

/** Selects the runs that `list` of a store returns. Without conditions it selects the newest ones. */
export interface RunQuery {
  readonly graph?: string;
  readonly status?: RunStatus;
  /** Only runs that are for this tenant. */
  readonly tenant?: string;
  /** Newest first; 100 by default. */
  readonly limit?: number;
  /** The page after this run: the runs that began before it. */
  readonly after?: string;
}

/** Which page of `changes` a follower asks a store for. Pages of one round follow one another by their cursors. */
export interface ChangesQuery {
  /** The cursor of the page before; by default the first round begins. */
  readonly after?: string | undefined;
  /** The most runs of a page, those that are driven left out. */
  readonly limit: number;
  readonly graph?: string;
}

/** A page of runs that may have grown. */
export interface Changes {
  readonly runs: readonly RunSummary[];
  /** For the next page: of this round while `isRest`, and else of a later one. */
  readonly cursor: string;
  /** This round has more pages. */
  readonly isRest: boolean;
}

/** Proof of owning a run. Every write carries it, and a store rejects an outdated one with `lease-lost`. */
export interface Lease {
  readonly runId: string;
  readonly token: number;
  /**
   * How often in a row the run was taken from an owner that had not released it, this time included, without anything
   * new in its journal in between: the process of that owner has died, or has not renewed its claim and cannot be asked.
   */
  readonly takeovers?: number;
  /**
   * The run was taken from an owner whose process is known to live (`Claim.isGone`), and that had not renewed its claim
   * for as long as it holds: it may be stuck.
   */
  readonly isFromLiving?: true;
}

/**
 * Who owns a run, and for how long others must believe it: one claim of a process covers all its runs. The time is the
 * store's: it reckons from the moment at which it writes the claim, so clocks of callers may be as far apart as they like.
 * Safety rests on tokens alone, never on clocks.
 *
 * A claim that ends further ahead than twice its length was made before the clock of the store was set back. It holds for as
 * long as it is renewed: once it was seen so and has not been renewed for its own length since, it is void.
 */
export interface Claim {
  readonly owner: string;
  /** How long it holds unless it is renewed, in milliseconds. `Infinity`: for good. */
  readonly leaseMs: number;
  /**
   * Whether another owner is known to be dead, so that nobody has to wait for its claim to expire. False where it is known
   * to live, nothing where nobody can tell.
   */
  readonly isGone?: (owner: string) => boolean | undefined;
  /** Once the runs that are begun or taken with this claim have ended, it is decided whether they become fixtures. */
  readonly isRecorded?: true;
}

/** A request to cancel a run. */
export interface CancelRequest {
  readonly runId: string;
  readonly reason: Value;
}

/** How a run is released before it has ended. */
export type Release = {
  /** The fingerprint of a graph with which the run cannot be driven: it is given to no worker with that any more. */
  readonly refusedBy?: string;
  /**
   * The owner whose code cannot continue the run, though its graph could: a worker that leaves the run alone. Until a run is
   * released without it, that worker does not count as one that has code for the run (`Workers.stranded`).
   */
  readonly leftAloneBy?: string;
} & (
  | { readonly status: 'interrupted' }
  /** It was taken from the queue, and nothing was done with it. */
  | { readonly status: 'queued'; readonly wakeAt: number }
  /**
   * It waits until `wakeAt`, or for messages: any whose number is above `seen` makes it due. Without `seen` no message
   * does, as at a breakpoint.
   */
  | { readonly status: 'paused'; readonly wakeAt?: number; readonly seen?: number }
);

/** A run that waits for a worker, from `wakeAt` on. */
export interface Queue {
  readonly status: 'queued';
  /** 0: at once, whatever anybody's clock says. */
  readonly wakeAt: number;
  /** As that of a claim. */
  readonly isRecorded?: true;
}

/** Tells of changes until it is stopped. */
export interface Watch {
  /** Whether changes are told at present. While they are not, its holder has to look for itself. */
  readonly isLive: boolean;
  stop(): void;
}

/** What a watch tells of. */
export type WatchTopic =
  /** The journal of this run may have grown, or it was released. */
  | { readonly runId: string }
  /** A run of the graph with this name may be due. */
  | { readonly dueOf: string }
  /** A run of this owner was sent a message, or a request to cancel it. */
  | { readonly owner: string }
  /** An errand of this run may have ended. */
  | { readonly errandsOf: string };

/** What was sent to a run. */
export interface Sent {
  readonly runId: string;
  readonly what: 'message' | 'cancel';
}

/** Which due runs to take. */
export interface DueQuery {
  /** What the caller has code for. */
  readonly graphs: readonly DrivenGraph[];
  readonly claim: Claim;
  readonly limit: number;
  /** Runs that are left alone. */
  readonly skip?: readonly string[];
  /** No run of a tenant that has so many driven already, by anybody; without a limit by default. */
  readonly maxRunsPerTenant?: number;
}

/** A run that was due, and is the caller's now. */
export interface ClaimedRun {
  readonly lease: Lease;
  /** As it was before. */
  readonly was: RunSummary;
}

/** A label of a commit. */
export interface Label {
  readonly step: number;
  readonly label: string;
}

/** Chunks to drop: the entry that replaces them, and its place. */
export interface PlacedChunks {
  readonly place: number;
  readonly entry: ChunkEntry;
}

/** What a fork shares with the run that it was forked from: entries of that run, but for its first (`isShared`). */
export interface SharedJournal {
  readonly runId: string;
  /** The place after the last of them. */
  readonly end: number;
  /** The fold of the fork up to the last commit among them. `place` is the place of that commit in the other run. */
  readonly checkpoint: PlacedCheckpoint;
}

/**
 * A checkpoint, and the place in the journal of the commit that it stands for. A resume reads only the entries after
 * that.
 */
export interface PlacedCheckpoint {
  readonly place: number;
  readonly checkpoint: RunCheckpoint;
}

/** Selects the runs to delete: those that match all of this. */
export interface PruneQuery {
  /** Their last entry was written before this time, in milliseconds since 1970. */
  readonly olderThan: number;
  /** How many of the newest runs with such a status to keep for each graph; 0 by default. */
  readonly keep?: number;
  /** By default the runs that have ended: done, failed and cancelled. */
  readonly status?: RunStatus | readonly RunStatus[];
  readonly graph?: string;
  /** Deletes nothing, and returns what would be deleted. */
  readonly dryRun?: boolean;
}

export type { Later };

/**
 * Keeps journals. A journal only grows, in the order of `append`. An append is atomic: all of its entries or none.
 * Appending an `end` entry ends the run and releases its lease.
 *
 * Whether a claim holds and a run is due is reckoned by one clock, that of the store, and never by a time that a caller or an
 * entry says.
 */
export interface RunStore {
  /** Whether entries survive the death of the process. */
  readonly isDurable: boolean;
  /** Only a store with this can be used with the option `record` of an engine. */
  readonly recordings?: Recordings;
  /** Which workers there are. Only for stores with `claimDue`. */
  readonly workers?: Workers;
  /** Only a store with this, and with `claimDue`, can be used for nodes whose tasks run on workers. */
  readonly errands?: Errands;
  /**
   * What time it is by the clock of the store, in milliseconds since 1970: that by which claims are reckoned. Engines reckon
   * time limits by it, so that machines whose clocks are apart agree on them. Without it each takes its own clock.
   */
  time?(): Later<number>;
  /**
   * Begins a run with its first entries, all of them or none. With a queue in place of a claim nobody owns it, and it is
   * due from then on.
   *
   * @throws RepriseError `run-exists`
   */
  create(run: RunEntry, first?: readonly Entry[], owner?: Claim | Queue): Later<Lease>;
  /**
   * Begins a run like `create`, with the entries that it shares with another run between its first entry and `more`. Only
   * for stores in which that is less work than reading them and writing them again.
   *
   * @throws RepriseError `run-exists`, `run-unknown`
   */
  fork?(run: RunEntry, shared: SharedJournal, more: readonly Entry[], claim?: Claim): Later<Lease>;
  /**
   * Takes over a run that has not ended, or that failed. Earlier leases become void. With a claim, throws `run-owned`
   * while the claim of another owner holds.
   *
   * @throws RepriseError `run-unknown`, `run-ended`, `run-owned`
   */
  take(runId: string, claim?: Claim): Later<Lease>;
  /**
   * Appends entries, and returns the request to cancel the run if there is one. The messages that the entries have taken
   * leave the inbox with them (`takenMessages`). `checkpoint` is given if the last entry
   * is a commit of the run itself, and folds the run up to that commit. A store that keeps checkpoints decides whether
   * to call it. With an `edit` that names a graph, the run is one of that graph from then on.
   *
   * `place`: that of the first entry, from a caller that knows it. Such an append may be repeated, since nobody knows
   * whether one whose answer was lost was written: what the store holds of it under this lease is not written again, its
   * end included. Without it the entries come after the last one.
   *
   * @throws RepriseError `lease-lost`, `store-full`, `store-read-only`, `store-locked`, `store-closed`; `store-went-back`
   *   if the journal ends before `place`, or the store has otherwise forgotten what it had acknowledged of the run
   */
  append(
    lease: Lease,
    entries: readonly Entry[],
    checkpoint?: () => RunCheckpoint,
    place?: number,
  ): Later<CancelRequest | undefined>;
  /**
   * Replaces entries that hold chunks with entries that do not: all or none, and nothing else moves. Only a store with
   * this method can be used with `keepChunks: 'step'`.
   *
   * @throws RepriseError `lease-lost`, and what `append` throws
   */
  dropChunks?(lease: Lease, chunks: readonly PlacedChunks[]): Later<void>;
  /** Releases a run that has not ended, as 'interrupted' by default. @throws RepriseError `lease-lost` */
  release(lease: Lease, release?: Release): Later<void>;
  /** Renews the claim of an owner, for all its runs in one write. Returns the requests to cancel any of them. */
  renew(claim: Claim): Later<readonly CancelRequest[]>;
  /** Returns the requests to cancel any of the owner's runs, without renewing its claim. */
  cancelRequests(owner: string): Later<readonly CancelRequest[]>;
  /**
   * Requests that a run be cancelled, by its owner or any other process. If it was requested before, the first reason stays.
   *
   * @throws RepriseError `run-unknown`, `run-ended`
   */
  requestCancel(runId: string, reason: Value): Later<void>;
  /**
   * The request to cancel a run that has not ended, if there is one, whether or not its owner has heard of it. Only needed to
   * copy runs to another store, which without it are copied as if nobody had asked.
   *
   * @throws RepriseError `run-unknown`
   */
  requestedCancel?(runId: string): Later<CancelRequest | undefined>;
  /**
   * Adds a message to the inbox of a run, whether or not a process drives it, and returns its number. The message is as
   * durable as an entry when this returns. With `last`: only if no message was sent after that one; else nothing is sent,
   * and the result is undefined.
   *
   * @throws RepriseError `run-unknown`, `run-ended` for a run that is done or cancelled
   */
  send(runId: string, message: Message, last?: number): Later<number | undefined>;
  /**
   * The inbox of a run, from the message after `after` on.
   *
   * @throws RepriseError `run-unknown`; `store-went-back` if it may have fewer messages than the caller has seen
   */
  inbox(runId: string, after?: number): Later<Inbox>;
  /**
   * The runs that no process drives and that could continue now, oldest first: interrupted runs, runs whose owner's
   * claim has expired or who `isGone`, paused and queued runs whose time has come, paused runs that have got a message,
   * and runs with a request to cancel.
   */
  due(graph: string, limit: number, isGone?: Claim['isGone']): Later<readonly RunSummary[]>;
  /**
   * Takes runs that `due` lists and that the caller may drive (`Workers`), in one step: nobody else is given any of them. The
   * oldest of the tenant that is served least (`RunEntry.observed.tenant`) comes first, each of these in its turn. Without this
   * method a worker lists what is due and takes run by run, so several workers get in each other's way.
   */
  claimDue?(query: DueQuery): Later<readonly ClaimedRun[]>;
  /**
   * Calls `onChange` when something of a topic may have happened, whichever process did it. What is told is a hint, and may be
   * lost: its caller looks by itself as well, only less often. `sent` is given for what was sent to the runs of an owner, where
   * that is known. Only for stores that are told so by what they keep runs in.
   */
  watch?(topic: WatchTopic, onChange: (sent?: Sent) => void): Watch;
  /** Labels a commit. Using a label again moves it. @throws RepriseError `run-unknown` */
  label(runId: string, label: Label): Later<void>;
  labels(runId: string): Later<readonly Label[]>;
  /**
   * The journal in the order in which it was written, starting at place `from`, at most `limit` entries.
   *
   * @throws RepriseError `run-unknown`
   */
  read(runId: string, from?: number, limit?: number): AsyncIterable<Entry>;
  /**
   * The last checkpoint of a run that the store keeps, at `step` or earlier. Only for stores in which reading it is
   * less work than reading the journal. `place` is the place of its commit.
   *
   * @throws RepriseError `run-unknown`
   */
  checkpoint?(runId: string, step?: number): Later<PlacedCheckpoint | undefined>;
  find(runId: string): Later<RunSummary | undefined>;
  /**
   * A round over the runs that may have grown since an earlier round, in pages: those that were begun or ceased to be driven
   * since, and on its last page all that are driven under a claim. No page names a run twice. A round may name a run of an
   * earlier one again, and never leaves one out, in whatever order others commit what they write. For stores in which that is
   * less work than `list`.
   */
  changes?(query: ChangesQuery): Later<Changes>;
  /** Newest first. @throws RepriseError `run-unknown` for an `after` that is no run of the store */
  list(query: RunQuery): Later<readonly RunSummary[]>;
  close(): Later<void>;
}

/** A store that can delete runs. The engine never does. */
export interface PrunableStore extends RunStore {
  /**
   * Deletes a run completely. Its id becomes free, and its leases are void for good.
   *
   * @throws RepriseError `run-unknown`, `run-owned` while an owner's claim holds
   */
  delete(runId: string): Later<void>;
  /**
   * Deletes runs one by one, and returns what it deleted, oldest first. A run that an owner's claim still holds is never
   * deleted.
   *
   * @throws RepriseError `option-invalid`
   */
  prune(query: PruneQuery): Later<readonly RunSummary[]>;
}
