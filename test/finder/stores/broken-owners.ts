// Stores that do not protect the owner of a run, or do not tell owners what they need to know.
import type { Value } from '../../../src/base/value.ts';
import type {
  CancelRequest,
  Claim,
  Entry,
  Label,
  Later,
  Lease,
  Queue,
  Release,
  RunEntry,
  RunSummary,
} from '../../../src/explore/index.ts';
import { runOwned } from '../../../src/store/run-error.ts';
import { WorkingStore, awhile } from './working-store.ts';
import type { BrokenStore } from './working-store.ts';

type Heard = CancelRequest | undefined;

/** A store that lets its callers say what time it is. */
class ToldTime extends WorkingStore {
  readonly #told: { time: number | undefined };

  constructor(now: () => number) {
    const told: { time: number | undefined } = { time: undefined };
    super(() => told.time ?? now());
    this.#told = told;
  }

  protected at<Result>(time: number, work: () => Result): Result {
    this.#told.time = time;
    const result = work();
    this.#told.time = undefined;
    return result;
  }

  /** From now on. */
  protected tell(time: number): void {
    this.#told.time = Math.max(time, this.#told.time ?? 0);
  }
}

export const brokenOwners: Readonly<Record<string, BrokenStore>> = {
  'lets a lost lease write': {
    laws: ['a lost lease is refused', 'any operations of several owners'],
    Store: class extends WorkingStore {
      #last: Lease | undefined;
      override take(runId: string): Later<Lease> {
        this.#last = this.inner.take(runId) as Lease;
        return this.#last;
      }
      override append(...[lease, ...given]: Parameters<WorkingStore['append']>): Later<Heard> {
        return super.append(this.#last?.runId === lease.runId ? this.#last : lease, ...given);
      }
    },
  },
  'keeps the lease of a run that has ended': {
    laws: ['a run that has ended or was released'],
    Store: class extends WorkingStore {
      override append(lease: Lease, entries: readonly Entry[]): Later<Heard> {
        return this.inner.append(
          lease,
          entries.filter(({ kind }) => kind !== 'end'),
        );
      }
    },
  },
  'restarts its tokens': {
    laws: ['a run that has ended or was released', 'any operations of several owners'],
    Store: class extends WorkingStore {
      override take(runId: string, claim?: Claim): Later<Lease> {
        this.inner.take(runId, claim);
        return { runId, token: 1 };
      }
    },
  },
  'has one lease for all runs': {
    laws: ['leases of different runs'],
    Store: class extends WorkingStore {
      #last: Lease | undefined;
      override create(run: RunEntry): Later<Lease> {
        this.#last = this.inner.create(run) as Lease;
        return this.#last;
      }
      override append(lease: Lease, entries: readonly Entry[]): Later<Heard> {
        const isLast = this.#last?.token === lease.token;
        return this.inner.append(isLast ? (this.#last as Lease) : lease, entries);
      }
    },
  },
  'lets anyone take a run': {
    laws: ['while the claim of an owner holds', 'of concurrent takes'],
    Store: class extends WorkingStore {
      override take(runId: string): Later<Lease> {
        return this.inner.take(runId);
      }
    },
  },
  'honours a claim for a millisecond too long': {
    laws: ['while the claim of an owner holds'],
    Store: class extends WorkingStore {
      override create(run: RunEntry, first?: readonly Entry[], owner?: Claim | Queue): Later<Lease> {
        const isClaim = owner !== undefined && 'owner' in owner;
        return this.inner.create(run, first, isClaim ? { ...owner, leaseMs: owner.leaseMs + 1 } : owner);
      }
    },
  },
  'keeps the runs of processes whose clocks are ahead': {
    laws: ['a claim holds by the clock of the store'],
    Store: class extends ToldTime {
      override create(...given: Parameters<WorkingStore['create']>): Later<Lease> {
        return this.at(Math.max(this.now(), given[0].observed.time), () => super.create(...given));
      }
    },
  },
  'gives the runs of processes away whose clocks are behind': {
    laws: ['a claim holds by the clock of the store'],
    Store: class extends ToldTime {
      override create(...given: Parameters<WorkingStore['create']>): Later<Lease> {
        return this.at(Math.min(this.now(), given[0].observed.time), () => super.create(...given));
      }
    },
  },
  'lets a process whose clock is ahead take live runs': {
    laws: ['a claim holds by the clock of the store'],
    Store: class extends ToldTime {
      override append(...given: Parameters<WorkingStore['append']>): Later<Heard> {
        const appended = super.append(...given);
        for (const entry of given[1]) if (entry.kind === 'event') this.tell(entry.observed.time);
        return appended;
      }
    },
  },
  'refuses a run to its own owner': {
    laws: ['a claim blocks other owners only'],
    Store: class extends WorkingStore {
      override take(runId: string, claim?: Claim): Later<Lease> {
        const found = this.inner.find(runId) as RunSummary | undefined;
        if (claim !== undefined && found?.status === 'running') throw runOwned(runId);
        return this.inner.take(runId, claim);
      }
    },
  },
  'waits for dead owners': {
    laws: ['a take does not wait'],
    Store: class extends WorkingStore {
      override take(runId: string, claim?: Claim): Later<Lease> {
        return this.inner.take(runId, claim === undefined ? undefined : { ...claim, isGone: () => false });
      }
    },
  },
  'records a claim before it refuses': {
    laws: ['a refused take'],
    Store: class extends WorkingStore {
      override take(runId: string, claim?: Claim): Later<Lease> {
        if (claim !== undefined) this.inner.renew(claim);
        return this.inner.take(runId, claim);
      }
    },
  },
  'renews nothing': {
    laws: ['renewing a claim'],
    Store: class extends WorkingStore {
      override renew(claim: Claim): Later<readonly CancelRequest[]> {
        return this.inner.cancelRequests(claim.owner);
      }
    },
  },
  'checks whether a run is free, and takes it later': {
    laws: ['of concurrent takes'],
    Store: class extends WorkingStore {
      override async take(runId: string, claim?: Claim): Promise<Lease> {
        const found = this.inner.find(runId) as RunSummary | undefined;
        await awhile();
        return this.inner.take(runId, found?.status === 'running' ? claim : undefined);
      }
    },
  },
  'reports no cancel request on an append': {
    laws: ['appending to a run'],
    Store: class extends WorkingStore {
      override append(lease: Lease, entries: readonly Entry[]): Later<Heard> {
        this.inner.append(lease, entries);
        return undefined;
      }
    },
  },
  'reports every cancel request to every owner': {
    laws: ['appending to a run', 'any operations of several owners'],
    Store: class extends WorkingStore {
      readonly #requests: CancelRequest[] = [];
      override requestCancel(runId: string, reason: Value): Later<void> {
        this.inner.requestCancel(runId, reason);
        this.#requests.push({ runId, reason });
      }
      override cancelRequests(): Later<readonly CancelRequest[]> {
        return [...this.#requests];
      }
    },
  },
  'takes every run that was to be cancelled for cancelled': {
    laws: ['a run that was to be cancelled'],
    Store: class extends WorkingStore {
      readonly #requested = new Set<string>();
      override requestCancel(runId: string, reason: Value): Later<void> {
        this.inner.requestCancel(runId, reason);
        this.#requested.add(runId);
      }
      override find(runId: string): Later<RunSummary | undefined> {
        const found = this.inner.find(runId) as RunSummary | undefined;
        const isTaken = found?.status === 'done' && this.#requested.has(runId);
        return isTaken ? { ...found, status: 'cancelled' } : found;
      }
    },
  },
  'keeps cancel requests only while a run is driven': {
    laws: ['a cancel request for an idle run', 'any operations of several owners'],
    Store: class extends WorkingStore {
      override requestCancel(runId: string, reason: Value): Later<void> {
        const found = this.inner.find(runId) as RunSummary | undefined;
        if (found?.status !== 'paused' && found?.status !== 'interrupted') this.inner.requestCancel(runId, reason);
      }
    },
  },
  'returns due runs without a limit': {
    laws: ['due runs'],
    Store: class extends WorkingStore {
      override due(graph: string): Later<readonly RunSummary[]> {
        return this.inner.due(graph, 1_000);
      }
    },
  },
  'never reports runs of dead owners as due': {
    laws: ['due runs', 'any operations of several owners'],
    Store: class extends WorkingStore {
      override due(graph: string, limit: number): Later<readonly RunSummary[]> {
        const due = this.inner.due(graph, limit) as readonly RunSummary[];
        return due.filter(({ status }) => status !== 'running');
      }
    },
  },
  'waits for the claims of dead owners before it reports their runs': {
    laws: ['a run of an owner that is known to be gone is due'],
    Store: class extends WorkingStore {
      override due(graph: string, limit: number): Later<readonly RunSummary[]> {
        return this.inner.due(graph, limit);
      }
    },
  },
  'keeps a claim that was made before its clock was set back': {
    laws: ['after its clock was set back'],
    Store: class extends WorkingStore {
      override due(graph: string, limit: number): Later<readonly RunSummary[]> {
        const due = this.inner.due(graph, limit) as readonly RunSummary[];
        return due.filter(({ runId }) => runId !== 'run-2');
      }
    },
  },
  'takes runs that were begun before its clock was set back, renewed or not': {
    laws: ['after its clock was set back'],
    Store: class extends WorkingStore {
      override renew(claim: Claim): Later<readonly CancelRequest[]> {
        return this.inner.cancelRequests(claim.owner);
      }
    },
  },
  'counts takeovers without an end': {
    laws: ['takeovers from owners that did not release'],
    Store: class extends WorkingStore {
      #count = 0;
      override take(runId: string, claim?: Claim): Later<Lease> {
        return { ...(this.inner.take(runId, claim) as Lease), takeovers: ++this.#count };
      }
    },
  },
  'takes every owner for one that lives': {
    laws: ['a lease says that the owner before it lives'],
    Store: class extends WorkingStore {
      override take(runId: string, claim?: Claim): Later<Lease> {
        return { ...(this.inner.take(runId, claim) as Lease), isFromLiving: true };
      }
    },
  },
  'forgets when a run is to wake': {
    laws: ['a paused run keeps its wake time', 'due runs'],
    Store: class extends WorkingStore {
      override release(lease: Lease, release?: Release): Later<void> {
        return this.inner.release(lease, release?.status === 'paused' ? { status: 'paused' } : release);
      }
    },
  },
  'takes a queued run for one that is under way': {
    laws: ['a queued run has no owner', 'due runs', 'a list holds the runs that'],
    Store: class extends WorkingStore {
      override create(run: RunEntry, first?: readonly Entry[], owner?: Claim | Queue): Later<Lease> {
        return this.inner.create(run, first, owner !== undefined && 'status' in owner ? undefined : owner);
      }
    },
  },
  'lets no cancel reach a queued run': {
    laws: ['a queued run can be cancelled'],
    Store: class extends WorkingStore {
      override due(graph: string, limit: number): Later<readonly RunSummary[]> {
        const due = this.inner.due(graph, limit) as readonly RunSummary[];
        return due.filter(({ status, wakeAt = 0 }) => status !== 'queued' || wakeAt <= this.now());
      }
    },
  },
  'tells the time of another clock': {
    laws: ['a store that tells the time'],
    Store: class extends WorkingStore {
      time(): Later<number> {
        return this.now() + 3_600_000;
      }
    },
  },
  'keeps working after it is closed': {
    laws: ['a closed store refuses writes'],
    Store: class extends WorkingStore {
      override close(): Later<void> {
        return undefined;
      }
    },
  },
  'keeps every use of a label': {
    laws: ['a label names one commit'],
    Store: class extends WorkingStore {
      readonly #labels: Label[] = [];
      override label(runId: string, label: Label): Later<void> {
        this.inner.label(runId, label);
        if (runId === 'run-1') this.#labels.push(label);
      }
      override labels(runId: string): Later<readonly Label[]> {
        this.inner.labels(runId);
        return runId === 'run-1' ? [...this.#labels] : [];
      }
    },
  },
};
