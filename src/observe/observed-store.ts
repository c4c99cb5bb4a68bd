// A store that reports every write to observers once it is done. It sits between engine and store so that it misses
// nothing: forks, and runs cancelled from outside, write to the store as well.
import type { Entry, RunEntry } from '../journal/entry.ts';
import type { RunCheckpoint } from '../journal/run/checkpoint.ts';
import { Inheritance } from '../journal/run/inheritance.ts';
import type { ObservedRun } from '../port/observer.ts';
import type {
  CancelRequest,
  Claim,
  ClaimedRun,
  DueQuery,
  Later,
  Lease,
  Queue,
  Release,
  RunStore,
} from '../port/store.ts';
import { PassingStore } from '../store/passing-store.ts';
import type { ClaimDue } from '../store/passing-store.ts';
import type { ObserverDelivery } from './observer-delivery.ts';

interface OpenRun {
  readonly run: ObservedRun;
  /** A new fork is released before it is first resumed; that release does not count as a rest. */
  isFork: boolean;
}

export class ObservedStore extends PassingStore {
  readonly #delivery: ObserverDelivery;
  readonly #open = new Map<string, OpenRun>();

  constructor(store: RunStore, delivery: ObserverDelivery) {
    super(store);
    this.#delivery = delivery;
  }

  override create(entry: RunEntry, first: readonly Entry[] = [], owner?: Claim | Queue): Later<Lease> {
    const run: ObservedRun = { runId: entry.observed.runId, graph: entry.graph.name };
    const inheritance = new Inheritance();
    const entries = [entry, ...first].map((written) =>
      inheritance.isInherited(written)
        ? ({ run, entry: written, isInherited: true } as const)
        : { run, entry: written },
    );
    return after(
      () => this.inner.create(entry, first, owner),
      rethrow,
      (lease) => {
        this.#delivery.written(entries);
        // The process that takes it from the queue reports the rest.
        if (owner !== undefined && 'status' in owner) this.#delivery.rested(run, 'paused');
        else this.#open.set(run.runId, { run, isFork: entry.observed.parent !== undefined });
        return lease;
      },
    );
  }

  override async take(runId: string, claim?: Claim): Promise<Lease> {
    const lease = await this.inner.take(runId, claim);
    const graph = (await this.inner.find(runId))?.graph ?? '';
    this.#open.set(runId, { run: { runId, graph }, isFork: false });
    return lease;
  }

  protected override async claimed(query: DueQuery, claim: ClaimDue): Promise<readonly ClaimedRun[]> {
    const claimed = await super.claimed(query, claim);
    for (const { was } of claimed)
      this.#open.set(was.runId, { run: { runId: was.runId, graph: was.graph }, isFork: false });
    return claimed;
  }

  override append(
    lease: Lease,
    entries: readonly Entry[],
    checkpoint?: () => RunCheckpoint,
    place?: number,
  ): Later<CancelRequest | undefined> {
    const lost = (thrown: unknown): never => this.#lost(lease, thrown);
    return after(
      () => this.inner.append(lease, entries, checkpoint, place),
      lost,
      (cancel) => {
        const open = this.#open.get(lease.runId);
        if (open !== undefined) {
          open.isFork = false;
          this.#delivery.written(entries.map((entry) => ({ run: open.run, entry })));
          if (entries.some(({ kind }) => kind === 'end')) this.#open.delete(lease.runId);
        }
        return cancel;
      },
    );
  }

  override release(lease: Lease, release: Release = { status: 'interrupted' }): Later<void> {
    return after(
      () => this.inner.release(lease, release),
      rethrow,
      () => {
        const open = this.#open.get(lease.runId);
        this.#open.delete(lease.runId);
        if (open !== undefined && !open.isFork)
          this.#delivery.rested(open.run, release.status === 'queued' ? 'paused' : release.status);
      },
    );
  }

  /** A failed write is not reported; instead the run is reported as interrupted, as this process has lost it. */
  #lost({ runId }: Lease, thrown: unknown): never {
    const open = this.#open.get(runId);
    this.#open.delete(runId);
    if (open !== undefined) this.#delivery.rested(open.run, 'interrupted');
    throw thrown;
  }
}

/** Stays synchronous if the store does. */
function after<Given, Kind>(
  write: () => Later<Given>,
  failed: (thrown: unknown) => never,
  next: (given: Given) => Kind,
): Later<Kind> {
  let later: Later<Given>;
  try {
    later = write();
  } catch (thrown) {
    return failed(thrown);
  }
  return later instanceof Promise ? later.then(next, failed) : next(later);
}

function rethrow(thrown: unknown): never {
  throw thrown;
}
