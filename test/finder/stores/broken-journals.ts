// Stores that do not keep journals as written.
import type { CancelRequest, Entry, Later, Lease, RunEntry, RunQuery, RunSummary } from '../../../src/explore/index.ts';
import { WorkingStore, awhile } from './working-store.ts';
import type { BrokenStore } from './working-store.ts';

type Heard = CancelRequest | undefined;

export const brokenJournals: Readonly<Record<string, BrokenStore>> = {
  'creates a run twice': {
    laws: ['a run is created once'],
    Store: class extends WorkingStore {
      override create(run: RunEntry): Later<Lease> {
        const found = this.inner.find(run.observed.runId);
        return found === undefined ? this.inner.create(run) : this.inner.take(run.observed.runId);
      }
    },
  },
  'drops the first entries of a run': {
    laws: ['a run begins with its first entries'],
    Store: class extends WorkingStore {
      override create(run: RunEntry): Later<Lease> {
        return this.inner.create(run);
      }
    },
  },
  'ignores calls for an unknown run': {
    laws: ['a missing run'],
    Store: class extends WorkingStore {
      override requestCancel(runId: string, reason: string): Later<void> {
        if (this.inner.find(runId) !== undefined) return this.inner.requestCancel(runId, reason);
      }
    },
  },
  'reads one entry more than the limit': {
    laws: ['a journal is read from any place'],
    Store: class extends WorkingStore {
      override read(runId: string, from?: number, limit?: number): AsyncIterable<Entry> {
        return this.inner.read(runId, from, limit === undefined ? undefined : limit + 1);
      }
    },
  },
  'sorts entries by time': {
    laws: ['a journal is read as it was written', 'special names'],
    Store: class extends WorkingStore {
      override async *read(runId: string): AsyncIterable<Entry> {
        const entries: Entry[] = [];
        for await (const entry of this.inner.read(runId)) entries.push(entry);
        const text = (entry: Entry): string => (entry.kind === 'run' ? '{"time":15' : JSON.stringify(entry.observed));
        yield* entries.sort((left, right) => text(left).localeCompare(text(right)));
      }
    },
  },
  'keeps the array it was given': {
    laws: ['what a caller changes later'],
    Store: class extends WorkingStore {
      readonly #batches: (readonly Entry[])[] = [];
      override append(lease: Lease, entries: readonly Entry[]): Later<Heard> {
        this.#batches.push(entries);
        return this.inner.append(lease, []);
      }
      override async *read(runId: string): AsyncIterable<Entry> {
        yield* this.inner.read(runId);
        for (const batch of this.#batches) yield* batch;
      }
    },
  },
  'returns its own objects unfrozen': {
    laws: ['what a reader changes'],
    Store: class extends WorkingStore {
      readonly #copies = new Map<Entry, Entry>();
      override async *read(runId: string): AsyncIterable<Entry> {
        for await (const entry of this.inner.read(runId)) {
          if (!this.#copies.has(entry)) this.#copies.set(entry, structuredClone(entry));
          yield this.#copies.get(entry) as Entry;
        }
      }
    },
  },
  'limits a column to a megabyte': {
    laws: ['large and deep values'],
    Store: class extends WorkingStore {
      override append(lease: Lease, entries: readonly Entry[]): Later<Heard> {
        const fits = (entry: Entry): boolean => entry.kind !== 'event' || String(entry.data).length <= 1_000_000;
        return this.inner.append(lease, entries.filter(fits));
      }
    },
  },
  'writes only what fits in one statement': {
    laws: ['one append takes ten thousand'],
    Store: class extends WorkingStore {
      override append(lease: Lease, entries: readonly Entry[]): Later<Heard> {
        return this.inner.append(lease, entries.slice(0, 5_000));
      }
    },
  },
  'writes a repeated append again': {
    laws: ['an append that is repeated'],
    Store: class extends WorkingStore {
      override append(lease: Lease, entries: readonly Entry[]): Later<Heard> {
        return this.inner.append(lease, entries);
      }
    },
  },
  'writes nothing of a repeated append that has grown': {
    laws: ['an append that is repeated'],
    Store: class extends WorkingStore {
      override async append(...given: Parameters<WorkingStore['append']>): Promise<Heard> {
        const [lease, , , place] = given;
        const count = (await this.inner.find(lease.runId))?.entryCount ?? 0;
        return place !== undefined && place < count ? undefined : super.append(...given);
      }
    },
  },
  'takes a repeated end for one of a stranger': {
    laws: ['an append that is repeated'],
    Store: class extends WorkingStore {
      override append(...given: Parameters<WorkingStore['append']>): Later<Heard> {
        const [lease, entries] = given;
        if (entries.some(({ kind }) => kind === 'end')) this.inner.append(lease, []);
        return super.append(...given);
      }
    },
  },
  'takes the end of a lost lease for a repeated one': {
    laws: ['an append that is repeated'],
    Store: class extends WorkingStore {
      override async append(...given: Parameters<WorkingStore['append']>): Promise<Heard> {
        try {
          return await super.append(...given);
        } catch (thrown) {
          const [, entries, , place] = given;
          if (place !== undefined && entries.some(({ kind }) => kind === 'end')) return undefined;
          throw thrown;
        }
      }
    },
  },
  'leaves a gap where it lacks entries': {
    laws: ['a store that holds less'],
    Store: class extends WorkingStore {
      override async append(...given: Parameters<WorkingStore['append']>): Promise<Heard> {
        const [lease, entries, , place] = given;
        const count = (await this.inner.find(lease.runId))?.entryCount ?? 0;
        return place !== undefined && place > count ? this.inner.append(lease, entries) : super.append(...given);
      }
    },
  },
  'trims run ids': {
    laws: ['special names'],
    Store: class extends WorkingStore {
      override find(runId: string): Later<RunSummary | undefined> {
        return this.inner.find(runId.trim());
      }
    },
  },
  'stores entries as plain JSON': {
    laws: ['a journal is read as it was written', 'large and deep values'],
    Store: class extends WorkingStore {
      override append(lease: Lease, entries: readonly Entry[]): Later<Heard> {
        const plain = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
        const asJson = (entry: Entry): Entry => JSON.parse(JSON.stringify(entry, plain)) as Entry;
        return this.inner.append(lease, entries.map(asJson));
      }
    },
  },
  'drops an entry it has already': {
    laws: ['repeated values', 'any operations of several owners'],
    Store: class extends WorkingStore {
      readonly #seen = new Set<string>();
      override append(lease: Lease, entries: readonly Entry[]): Later<Heard> {
        const isNew = (entry: Entry): boolean => {
          const text = `${lease.runId} ${entry.kind} ${entry.at}`;
          return !this.#seen.has(text) && this.#seen.add(text) !== undefined;
        };
        return this.inner.append(lease, entries.filter(isNew));
      }
    },
  },
  'counts its pages from the end': {
    laws: ['a read during writes'],
    Store: class extends WorkingStore {
      override async *read(runId: string): AsyncIterable<Entry> {
        const length = (): number => (this.inner.find(runId) as RunSummary | undefined)?.entryCount ?? 0;
        const before = length();
        yield* this.inner.read(runId, 0, 500);
        yield* this.inner.read(runId, 500 + length() - before);
      }
    },
  },
  'is blocked by a reader until everything is read': {
    laws: ['a reader that stops early'],
    Store: class extends WorkingStore {
      #isRead = false;
      override append(lease: Lease, entries: readonly Entry[]): Later<Heard> {
        if (this.#isRead) throw new Error('somebody is reading');
        return this.inner.append(lease, entries);
      }
      override async *read(runId: string): AsyncIterable<Entry> {
        this.#isRead = true;
        yield* this.inner.read(runId);
        this.#isRead = false;
      }
    },
  },
  'gathers writes of all connections in one place': {
    laws: ['concurrent writes'],
    Store: class extends WorkingStore {
      #entries: readonly Entry[] = [];
      override async append(lease: Lease, entries: readonly Entry[]): Promise<Heard> {
        this.#entries = entries;
        await awhile();
        return this.inner.append(lease, this.#entries);
      }
    },
  },
  'checks whether a run exists, and creates it later': {
    laws: ['of concurrent creates'],
    Store: class extends WorkingStore {
      override async create(run: RunEntry, first?: readonly Entry[]): Promise<Lease> {
        const { runId } = run.observed;
        const isThere = this.inner.find(runId) !== undefined;
        await awhile();
        return isThere || this.inner.find(runId) === undefined ? this.inner.create(run, first) : this.inner.take(runId);
      }
    },
  },
  'writes part of a refused append': {
    laws: ['a lost lease is refused'],
    Store: class extends WorkingStore {
      readonly #extra: Entry[] = [];
      override append(lease: Lease, entries: readonly Entry[]): Later<Heard> {
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
  },
  'reports the start of a run as the time of its last entry': {
    laws: ['a summary agrees with the journal'],
    Store: class extends WorkingStore {
      override find(runId: string): Later<RunSummary | undefined> {
        const found = this.inner.find(runId) as RunSummary | undefined;
        return found === undefined ? undefined : { ...found, updatedAt: found.createdAt };
      }
    },
  },
  'lists runs oldest first': {
    laws: ['a list holds the runs that'],
    Store: class extends WorkingStore {
      override list(query: RunQuery): Later<readonly RunSummary[]> {
        return [...(this.inner.list(query) as readonly RunSummary[])].reverse();
      }
    },
  },
  'lists the runs of all tenants for each': {
    laws: ['a summary says for whom'],
    Store: class extends WorkingStore {
      override list({ tenant: _tenant, ...query }: RunQuery): Later<readonly RunSummary[]> {
        return this.inner.list(query);
      }
    },
  },
  'skips a run between two pages of a list': {
    laws: ['the pages of a list'],
    Store: class extends WorkingStore {
      override list(query: RunQuery): Later<readonly RunSummary[]> {
        const runs = this.inner.list(query) as readonly RunSummary[];
        return query.after === undefined ? runs : runs.slice(1);
      }
    },
  },
  'lists runs without a limit': {
    laws: ['a list holds at most a hundred runs'],
    Store: class extends WorkingStore {
      override list(query: RunQuery): Later<readonly RunSummary[]> {
        return this.inner.list({ limit: 1_000_000, ...query });
      }
    },
  },
};
