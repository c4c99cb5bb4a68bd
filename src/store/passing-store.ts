// A store that passes everything on to another: what stands between an engine and its store overrides what it watches.
// Forks are not passed on, so that their entries come by like those of any run.
import type { RunCheckpoint } from '../journal/run/checkpoint.ts';
import type { Entry, RunEntry } from '../journal/entry.ts';
import type { Inbox, Message } from '../port/inbox.ts';
import { leaveStore } from '../port/store-users.ts';
import type {
  CancelRequest,
  Claim,
  ClaimedRun,
  DueQuery,
  Label,
  Later,
  Lease,
  PlacedCheckpoint,
  PlacedChunks,
  Queue,
  Release,
  RunQuery,
  RunStore,
  RunSummary,
} from '../port/store.ts';

export type ClaimDue = NonNullable<RunStore['claimDue']>;

export class PassingStore implements RunStore {
  readonly isDurable: boolean;
  protected readonly inner: RunStore;

  readonly watch?: NonNullable<RunStore['watch']>;
  readonly workers?: NonNullable<RunStore['workers']>;
  readonly errands?: NonNullable<RunStore['errands']>;
  readonly claimDue?: (query: DueQuery) => Later<readonly ClaimedRun[]>;

  constructor(inner: RunStore) {
    this.isDurable = inner.isDurable;
    this.inner = inner;
    const { claimDue, errands, watch, workers } = inner;
    if (errands !== undefined) this.errands = errands;
    if (workers !== undefined) this.workers = workers;
    if (watch !== undefined) this.watch = watch.bind(inner);
    if (claimDue === undefined) return;
    const claimed: NonNullable<typeof this.claimDue> = (query) => this.claimed(query, claimDue.bind(inner));
    this.claimDue = claimed;
  }

  /** Only where the other store has it. */
  protected claimed(query: DueQuery, claim: ClaimDue): Later<readonly ClaimedRun[]> {
    return claim(query);
  }

  create(run: RunEntry, first?: readonly Entry[], owner?: Claim | Queue): Later<Lease> {
    return this.inner.create(run, first, owner);
  }

  take(runId: string, claim?: Claim): Later<Lease> {
    return this.inner.take(runId, claim);
  }

  append(
    lease: Lease,
    entries: readonly Entry[],
    checkpoint?: () => RunCheckpoint,
    place?: number,
  ): Later<CancelRequest | undefined> {
    return this.inner.append(lease, entries, checkpoint, place);
  }

  dropChunks(lease: Lease, chunks: readonly PlacedChunks[]): Later<void> {
    return this.inner.dropChunks?.(lease, chunks);
  }

  release(lease: Lease, release?: Release): Later<void> {
    return this.inner.release(lease, release);
  }

  renew(claim: Claim): Later<readonly CancelRequest[]> {
    return this.inner.renew(claim);
  }

  cancelRequests(owner: string): Later<readonly CancelRequest[]> {
    return this.inner.cancelRequests(owner);
  }

  requestCancel(runId: string, reason: Parameters<RunStore['requestCancel']>[1]): Later<void> {
    return this.inner.requestCancel(runId, reason);
  }

  send(runId: string, message: Message, last?: number): Later<number | undefined> {
    return this.inner.send(runId, message, last);
  }

  inbox(runId: string, after?: number): Later<Inbox> {
    return this.inner.inbox(runId, after);
  }

  due(graph: string, limit: number, isGone?: Claim['isGone']): Later<readonly RunSummary[]> {
    return this.inner.due(graph, limit, isGone);
  }

  label(runId: string, label: Label): Later<void> {
    return this.inner.label(runId, label);
  }

  labels(runId: string): Later<readonly Label[]> {
    return this.inner.labels(runId);
  }

  read(runId: string, from?: number, limit?: number): AsyncIterable<Entry> {
    return this.inner.read(runId, from, limit);
  }

  checkpoint(runId: string, step?: number): Later<PlacedCheckpoint | undefined> {
    return this.inner.checkpoint?.(runId, step);
  }

  find(runId: string): Later<RunSummary | undefined> {
    return this.inner.find(runId);
  }

  list(query: RunQuery): Later<readonly RunSummary[]> {
    return this.inner.list(query);
  }

  close(): Later<void> {
    return leaveStore(this.inner);
  }
}
