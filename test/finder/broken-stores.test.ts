// Stores that break one promise each: the laws of stores have to notice every one of them.
import { describe, expect, it } from 'vitest';
import type { Entry, RunEntry } from '../../src/journal/entry.ts';
import type { Value } from '../../src/base/value.ts';
import type {
  CancelRequest,
  Claim,
  Label,
  Later,
  Lease,
  Release,
  RunQuery,
  RunStore,
  RunSummary,
} from '../../src/port/store.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { checkArbitraryOperations, checkArbitraryRuns, storeLaws } from '../law/store-laws.ts';
import type { StorePlace } from '../law/store-laws.ts';

/** A store that works, for one thing at a time to be taken from it. */
class WorkingStore implements RunStore {
  readonly isDurable = false;
  readonly inner = memoryStore();
  create(run: RunEntry, first?: readonly Entry[], claim?: Claim): Later<Lease> {
    return this.inner.create(run, first, claim);
  }
  take(runId: string, claim?: Claim): Later<Lease> {
    return this.inner.take(runId, claim);
  }
  append(lease: Lease, entries: readonly Entry[]): Later<CancelRequest | undefined> {
    return this.inner.append(lease, entries);
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
  due(graph: string, now: number, limit: number): Later<readonly RunSummary[]> {
    return this.inner.due(graph, now, limit);
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
  close(): Later<void> {
    return this.inner.close();
  }
}

const brokenStores: Readonly<Record<string, new () => RunStore>> = {
  'lets a lost lease write': class extends WorkingStore {
    #last: Lease | undefined;
    override take(runId: string): Later<Lease> {
      this.#last = this.inner.take(runId) as Lease;
      return this.#last;
    }
    override append(lease: Lease, entries: readonly Entry[]): Later<CancelRequest | undefined> {
      return this.inner.append(this.#last?.runId === lease.runId ? this.#last : lease, entries);
    }
  },
  'writes a part of what it refuses': class extends WorkingStore {
    readonly #extra: Entry[] = [];
    override append(lease: Lease, entries: readonly Entry[]): Later<CancelRequest | undefined> {
      try {
        return this.inner.append(lease, entries);
      } catch (thrown) {
        this.#extra.push(...entries.slice(0, 1));
        throw thrown;
      }
    }
    override async *read(runId: string): AsyncIterable<Entry> {
      yield* this.inner.read(runId);
      yield* this.#extra;
    }
  },
  'begins a run twice': class extends WorkingStore {
    override create(run: RunEntry): Later<Lease> {
      const found = this.inner.find(run.observed.runId);
      return found === undefined ? this.inner.create(run) : this.inner.take(run.observed.runId);
    }
  },
  'sorts what it reads by time': class extends WorkingStore {
    override async *read(runId: string): AsyncIterable<Entry> {
      const entries: Entry[] = [];
      for await (const entry of this.inner.read(runId)) entries.push(entry);
      yield* entries.sort((left, right) => JSON.stringify(left.observed).localeCompare(JSON.stringify(right.observed)));
    }
  },
  'drops an entry that it has already': class extends WorkingStore {
    readonly #seen = new Set<string>();
    override append(lease: Lease, entries: readonly Entry[]): Later<CancelRequest | undefined> {
      const isNew = (entry: Entry): boolean => {
        const text = `${lease.runId} ${entry.kind} ${entry.at}`;
        return !this.#seen.has(text) && this.#seen.add(text) !== undefined;
      };
      return this.inner.append(lease, entries.filter(isNew));
    }
  },
  'keeps its entries as JSON': class extends WorkingStore {
    override append(lease: Lease, entries: readonly Entry[]): Later<CancelRequest | undefined> {
      const plain = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
      return this.inner.append(
        lease,
        entries.map((entry) => JSON.parse(JSON.stringify(entry, plain)) as Entry),
      );
    }
  },
  'lists the oldest first': class extends WorkingStore {
    override list(query: RunQuery): Later<readonly RunSummary[]> {
      return [...(this.inner.list(query) as readonly RunSummary[])].reverse();
    }
  },
  'gives no lease back at the end': class extends WorkingStore {
    override append(lease: Lease, entries: readonly Entry[]): Later<CancelRequest | undefined> {
      return this.inner.append(
        lease,
        entries.filter(({ kind }) => kind !== 'end'),
      );
    }
  },
  'begins its tokens again': class extends WorkingStore {
    override take(runId: string): Later<Lease> {
      this.inner.take(runId);
      return { runId, token: 1 };
    }
  },
  'keeps the array that it was given': class extends WorkingStore {
    readonly #batches: (readonly Entry[])[] = [];
    override append(lease: Lease, entries: readonly Entry[]): Later<CancelRequest | undefined> {
      this.#batches.push(entries);
      return this.inner.append(lease, []);
    }
    override async *read(runId: string): AsyncIterable<Entry> {
      yield* this.inner.read(runId);
      for (const batch of this.#batches) yield* batch;
    }
  },
  'goes on when it is closed': class extends WorkingStore {
    override close(): Later<void> {
      return undefined;
    }
  },
};

/** The first law that a store breaks. */
async function brokenLaw(Store: new () => RunStore): Promise<string | undefined> {
  const newPlace = (): StorePlace => {
    const store = new Store();
    return { connect: () => store };
  };
  const checks: readonly (readonly [string, () => Promise<void>])[] = [
    ['arbitrary operations', () => checkArbitraryOperations(newPlace, { numRuns: 50 })],
    ['arbitrary runs', () => checkArbitraryRuns(newPlace, { numRuns: 50 })],
    ...storeLaws.map(({ name, check }) => [name, () => check(newPlace())] as const),
  ];
  for (const [name, check] of checks) {
    const isKept = await check().then(
      () => true,
      () => false,
    );
    if (!isKept) return name;
  }
  return undefined;
}

describe('the laws of stores', () => {
  it('are kept by the store that the broken ones are made of', async () => {
    expect(await brokenLaw(WorkingStore)).toBeUndefined();
  });

  it.each(Object.keys(brokenStores))('catch a store that %s', async (name) => {
    expect(await brokenLaw(brokenStores[name] as new () => RunStore)).toBeDefined();
  });
});
