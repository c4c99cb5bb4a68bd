// Stores that delete too much or too little, or misreport what they deleted.
import type {
  Entry,
  Label,
  Later,
  Lease,
  PruneQuery,
  RunEntry,
  RunStatus,
  RunSummary,
} from '../../../src/explore/index.ts';
import { WorkingStore } from './working-store.ts';
import type { BrokenStore } from './working-store.ts';

const statuses: readonly RunStatus[] = ['running', 'done', 'failed', 'cancelled', 'interrupted', 'paused'];

export const brokenPruning: Readonly<Record<string, BrokenStore>> = {
  'leaves the labels of a deleted run behind': {
    laws: ['a deleted run is gone'],
    Store: class extends WorkingStore {
      readonly #labels = new Map<string, Label>();
      override label(runId: string, label: Label): Later<void> {
        this.#labels.set(runId, label);
        return this.inner.label(runId, label);
      }
      override labels(runId: string): Later<readonly Label[]> {
        this.inner.labels(runId);
        return [...this.#labels].flatMap(([id, label]) => (id === runId ? [label] : []));
      }
    },
  },
  'restarts the tokens of a deleted run': {
    laws: ['a lease of a deleted run', 'any operations of several owners'],
    Store: class extends WorkingStore {
      readonly #floors = new Map<string, number>();
      #real(lease: Lease): Lease {
        return { ...lease, token: lease.token + (this.#floors.get(lease.runId) ?? 0) };
      }
      override create(run: RunEntry): Later<Lease> {
        const { runId, token } = this.inner.create(run) as Lease;
        this.#floors.set(runId, token - 1);
        return { runId, token: 1 };
      }
      override append(lease: Lease, entries: readonly Entry[]): ReturnType<WorkingStore['append']> {
        return this.inner.append(this.#real(lease), entries);
      }
    },
  },
  'deletes runs in progress': {
    laws: ['a run is not deleted while the claim', 'any operations of several owners'],
    Store: class extends WorkingStore {
      override delete(runId: string): Later<void> {
        if (this.inner.find(runId) !== undefined) this.inner.take(runId);
        return this.inner.delete(runId);
      }
    },
  },
  'prunes runs of every status': {
    laws: ['ended runs are pruned'],
    Store: class extends WorkingStore {
      override prune(query: PruneQuery): Later<readonly RunSummary[]> {
        return this.inner.prune({ status: statuses, ...query });
      }
    },
  },
  'prunes by the start of a run': {
    laws: ['only runs last written to before'],
    Store: class extends WorkingStore {
      override prune(query: PruneQuery): Later<readonly RunSummary[]> {
        const runs = this.inner.list({ status: 'done' }) as readonly RunSummary[];
        const old = runs.filter(({ createdAt }) => createdAt < query.olderThan).reverse();
        for (const { runId } of old) this.inner.delete(runId);
        return old;
      }
    },
  },
  'keeps the newest runs over all graphs': {
    laws: ['the newest runs of each graph'],
    Store: class extends WorkingStore {
      override prune({ keep = 0, ...query }: PruneQuery): Later<readonly RunSummary[]> {
        const kept = (this.inner.list({}) as readonly RunSummary[]).slice(0, keep).map(({ createdAt }) => createdAt);
        return this.inner.prune({ ...query, olderThan: Math.min(query.olderThan, ...kept) });
      }
    },
  },
  'reports each deleted run twice': {
    laws: ['ended runs are pruned'],
    Store: class extends WorkingStore {
      override prune(query: PruneQuery): Later<readonly RunSummary[]> {
        const pruned = this.inner.prune(query) as readonly RunSummary[];
        return [...pruned, ...pruned];
      }
    },
  },
  'reports at most a hundred deleted runs': {
    laws: ['pruning loses no concurrent write'],
    Store: class extends WorkingStore {
      override prune(query: PruneQuery): Later<readonly RunSummary[]> {
        return (this.inner.prune(query) as readonly RunSummary[]).slice(0, 100);
      }
    },
  },
  'reads a run that is being deleted as if it ended there': {
    laws: ['a read of a run that is deleted'],
    Store: class extends WorkingStore {
      override async *read(runId: string): AsyncIterable<Entry> {
        yield* this.inner.read(runId, 0, 500);
        for (let from = 500; this.inner.find(runId) !== undefined; from += 500) {
          const before = from;
          let count = 0;
          for await (const entry of this.inner.read(runId, before, 500)) {
            count += 1;
            yield entry;
          }
          if (count < 500) return;
        }
      }
    },
  },
  'takes an invalid query for an empty one': {
    laws: ['an invalid query'],
    Store: class extends WorkingStore {
      override prune(query: PruneQuery): Later<readonly RunSummary[]> {
        try {
          return this.inner.prune(query);
        } catch {
          return [];
        }
      }
    },
  },
};
