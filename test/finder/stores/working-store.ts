// Working stores, for broken ones to override in one point each.
import type { Value } from '../../../src/base/value.ts';
import type {
  CancelRequest,
  Claim,
  ClaimedRun,
  DueQuery,
  Entry,
  Errands,
  Inbox,
  Label,
  Later,
  Lease,
  Message,
  PrunableStore,
  PruneQuery,
  Queue,
  Release,
  RunCheckpoint,
  RunEntry,
  RunQuery,
  RunSummary,
  Workers,
} from '../../../src/explore/index.ts';
import type { Recordings } from '../../../src/port/recordings.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';

export class WorkingStore implements PrunableStore {
  readonly isDurable = false;
  readonly inner: PrunableStore;
  readonly workers: Workers;
  readonly recordings: Recordings;
  protected readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
    this.inner = memoryStore({ now });
    this.workers = this.inner.workers as Workers;
    this.recordings = this.inner.recordings as Recordings;
  }

  get errands(): Errands {
    return (this.inner as Required<PrunableStore>).errands;
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
    _checkpoint?: () => RunCheckpoint,
    place?: number,
  ): Later<CancelRequest | undefined> {
    return this.inner.append(lease, entries, undefined, place);
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
  requestCancel(runId: string, reason: Value): Later<void> {
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
  claimDue(query: DueQuery): Later<readonly ClaimedRun[]> {
    return (this.inner as Required<typeof this.inner>).claimDue(query);
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
  find(runId: string): Later<RunSummary | undefined> {
    return this.inner.find(runId);
  }
  list(query: RunQuery): Later<readonly RunSummary[]> {
    return this.inner.list(query);
  }
  delete(runId: string): Later<void> {
    return this.inner.delete(runId);
  }
  prune(query: PruneQuery): Later<readonly RunSummary[]> {
    return this.inner.prune(query);
  }
  close(): Later<void> {
    return this.inner.close();
  }
}

/** Waits a few turns of the event loop, as over a network. */
export async function awhile(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A store that answers later, as over a network. */
export class SlowStore extends WorkingStore {
  override async create(...given: Parameters<WorkingStore['create']>): Promise<Lease> {
    await awhile();
    return super.create(...given);
  }
  override async take(...given: Parameters<WorkingStore['take']>): Promise<Lease> {
    await awhile();
    return super.take(...given);
  }
  override async append(...given: Parameters<WorkingStore['append']>): Promise<CancelRequest | undefined> {
    await awhile();
    return super.append(...given);
  }
  override async send(...given: Parameters<WorkingStore['send']>): Promise<number | undefined> {
    await awhile();
    return super.send(...given);
  }
  override async inbox(...given: Parameters<WorkingStore['inbox']>): Promise<Inbox> {
    await awhile();
    return super.inbox(...given);
  }
  override async find(runId: string): Promise<RunSummary | undefined> {
    await awhile();
    return super.find(runId);
  }
  override async delete(...given: Parameters<WorkingStore['delete']>): Promise<void> {
    await awhile();
    return super.delete(...given);
  }
  override async prune(query: PruneQuery): Promise<readonly RunSummary[]> {
    await awhile();
    return super.prune(query);
  }
}

export interface BrokenStore {
  readonly Store: new (now: () => number) => PrunableStore;
  /** The beginnings of the names of the laws that must catch it. */
  readonly laws: readonly string[];
}
