// Stores whose runs do not belong to who holds them, or that do not say what owners have to hear.
import type { Value } from '../../../src/base/value.ts';
import type {
  CancelRequest,
  Claim,
  Entry,
  Label,
  Later,
  Lease,
  Release,
  RunEntry,
  RunSummary,
} from '../../../src/explore/index.ts';
import { runOwned } from '../../../src/store/run-error.ts';
import { WorkingStore, awhile } from './working-store.ts';
import type { BrokenStore } from './working-store.ts';

type Heard = CancelRequest | undefined;

export const brokenOwners: Readonly<Record<string, BrokenStore>> = {
  'lets a lost lease write': {
    laws: ['who lost a run is refused', 'any operations of several owners'],
    Store: class extends WorkingStore {
      #last: Lease | undefined;
      override take(runId: string): Later<Lease> {
        this.#last = this.inner.take(runId) as Lease;
        return this.#last;
      }
      override append(lease: Lease, entries: readonly Entry[]): Later<Heard> {
        return this.inner.append(this.#last?.runId === lease.runId ? this.#last : lease, entries);
      }
    },
  },
  'gives no lease back at the end': {
    laws: ['a run that ended or was given back'],
    Store: class extends WorkingStore {
      override append(lease: Lease, entries: readonly Entry[]): Later<Heard> {
        return this.inner.append(
          lease,
          entries.filter(({ kind }) => kind !== 'end'),
        );
      }
    },
  },
  'begins its tokens again': {
    laws: ['a run that ended or was given back', 'any operations of several owners'],
    Store: class extends WorkingStore {
      override take(runId: string, claim?: Claim): Later<Lease> {
        this.inner.take(runId, claim);
        return { runId, token: 1 };
      }
    },
  },
  'has one lease for all runs': {
    laws: ['leases of two runs'],
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
  'gives a run to whoever asks': {
    laws: ['while the claim of an owner holds', 'of those who take a run at once'],
    Store: class extends WorkingStore {
      override take(runId: string): Later<Lease> {
        return this.inner.take(runId);
      }
    },
  },
  'believes a claim for a millisecond too long': {
    laws: ['while the claim of an owner holds'],
    Store: class extends WorkingStore {
      override take(runId: string, claim?: Claim): Later<Lease> {
        return this.inner.take(runId, claim === undefined ? undefined : { ...claim, now: claim.now - 1 });
      }
    },
  },
  'refuses a run to its own owner': {
    laws: ['a claim is refused to others only'],
    Store: class extends WorkingStore {
      override take(runId: string, claim?: Claim): Later<Lease> {
        const found = this.inner.find(runId) as RunSummary | undefined;
        if (claim !== undefined && found?.status === 'running') throw runOwned(runId);
        return this.inner.take(runId, claim);
      }
    },
  },
  'waits for the dead': {
    laws: ['the claim of an owner that is known to be gone'],
    Store: class extends WorkingStore {
      override take(runId: string, claim?: Claim): Later<Lease> {
        return this.inner.take(runId, claim === undefined ? undefined : { ...claim, isGone: () => false });
      }
    },
  },
  'writes a claim down before it refuses': {
    laws: ['a refused take leaves the run'],
    Store: class extends WorkingStore {
      override take(runId: string, claim?: Claim): Later<Lease> {
        if (claim !== undefined) this.inner.renew(claim);
        return this.inner.take(runId, claim);
      }
    },
  },
  'renews nothing': {
    laws: ['a claim is renewed for all runs'],
    Store: class extends WorkingStore {
      override renew(claim: Claim): Later<readonly CancelRequest[]> {
        return this.inner.cancelRequests(claim.owner);
      }
    },
  },
  'looks whether a run is free, and takes it later': {
    laws: ['of those who take a run at once'],
    Store: class extends WorkingStore {
      override async take(runId: string, claim?: Claim): Promise<Lease> {
        const found = this.inner.find(runId) as RunSummary | undefined;
        await awhile();
        return this.inner.take(runId, found?.status === 'running' ? claim : undefined);
      }
    },
  },
  'says nothing to who appends': {
    laws: ['who writes to a run, or renews its claim'],
    Store: class extends WorkingStore {
      override append(lease: Lease, entries: readonly Entry[]): Later<Heard> {
        this.inner.append(lease, entries);
        return undefined;
      }
    },
  },
  'tells every owner of every request': {
    laws: ['who writes to a run, or renews its claim', 'any operations of several owners'],
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
  'keeps requests only while a run is driven': {
    laws: ['a run that nobody drives is to be cancelled', 'any operations of several owners'],
    Store: class extends WorkingStore {
      override requestCancel(runId: string, reason: Value): Later<void> {
        const found = this.inner.find(runId) as RunSummary | undefined;
        if (found?.status !== 'paused' && found?.status !== 'interrupted') this.inner.requestCancel(runId, reason);
      }
    },
  },
  'gives what is due without its limit': {
    laws: ['due are the runs of a graph'],
    Store: class extends WorkingStore {
      override due(graph: string, now: number): Later<readonly RunSummary[]> {
        return this.inner.due(graph, now, 1_000);
      }
    },
  },
  'leaves runs of the dead where they are': {
    laws: ['due are the runs of a graph', 'any operations of several owners'],
    Store: class extends WorkingStore {
      override due(graph: string, now: number, limit: number): Later<readonly RunSummary[]> {
        const due = this.inner.due(graph, now, limit) as readonly RunSummary[];
        return due.filter(({ status }) => status !== 'running');
      }
    },
  },
  'forgets when a run is to go on': {
    laws: ['a paused run says when it goes on', 'due are the runs of a graph'],
    Store: class extends WorkingStore {
      override release(lease: Lease, release?: Release): Later<void> {
        return this.inner.release(lease, release?.status === 'paused' ? { status: 'paused' } : release);
      }
    },
  },
  'goes on when it is closed': {
    laws: ['a closed store refuses to write'],
    Store: class extends WorkingStore {
      override close(): Later<void> {
        return undefined;
      }
    },
  },
  'keeps a label for each time that it was given': {
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
