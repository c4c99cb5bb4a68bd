// A store that remembers what it was told is durable, and how it was refused.
import type { Entry } from '../../../src/journal/entry.ts';
import type { Lease } from '../../../src/port/store.ts';
import type { PostgresStore } from '../../../src/store/postgres/index.ts';
import { changedStore } from '../../support/changed-store.ts';

export interface Known {
  /** What was acknowledged last at each place of a run. */
  readonly entries: Map<string, Map<number, unknown>>;
  /** The runs that somebody drives here, by what was acknowledged. */
  readonly driven: Set<string>;
  /** The codes of refusals, by run. */
  readonly refused: Map<string, Set<string>>;
  /** The runs of which an append was refused, since the store had gone back. */
  readonly wentBack: Set<string>;
  appends: number;
}

/** For comparison with what is read. */
export function plain(entry: Entry): unknown {
  return JSON.parse(JSON.stringify(entry));
}

export function nothingKnown(): Known {
  return { entries: new Map(), driven: new Set(), refused: new Map(), wentBack: new Set(), appends: 0 };
}

export function knownStore(store: PostgresStore, known: Known): PostgresStore {
  const keep = (runId: string, entries: readonly Entry[], place: number): void => {
    const places = known.entries.get(runId) ?? new Map<number, unknown>();
    known.entries.set(runId, places);
    for (const [index, entry] of entries.entries()) places.set(place + index, plain(entry));
    known.appends += 1;
  };
  const orRefused = async <Result>(runId: string, call: () => Promise<Result>): Promise<Result> => {
    try {
      return await call();
    } catch (thrown) {
      const codes = known.refused.get(runId) ?? new Set();
      known.refused.set(runId, codes.add(String((thrown as { readonly code?: unknown }).code)));
      throw thrown;
    }
  };
  return changedStore(store, {
    create: async (run, first = [], owner) => {
      const lease = await store.create(run, first, owner);
      keep(lease.runId, [run, ...first], 0);
      return lease;
    },
    take: async (runId, claim): Promise<Lease> => {
      const lease = await store.take(runId, claim);
      known.driven.add(runId);
      return lease;
    },
    claimDue: async (query) => {
      const claimed = (await store.claimDue?.(query)) ?? [];
      for (const { lease } of claimed) known.driven.add(lease.runId);
      return claimed;
    },
    append: (lease, given, checkpoint, place) =>
      orRefused(lease.runId, async () => {
        const entries = [...given];
        const cancel = await Promise.resolve(store.append(lease, entries, checkpoint, place)).catch(
          (thrown: unknown) => {
            if ((thrown as { readonly code?: unknown }).code === 'store-went-back') known.wentBack.add(lease.runId);
            throw thrown;
          },
        );
        if (place !== undefined) keep(lease.runId, entries, place);
        if (entries.some(({ kind }) => kind === 'end')) known.driven.delete(lease.runId);
        return cancel;
      }),
    release: (lease, release) =>
      orRefused(lease.runId, async () => {
        await store.release(lease, release);
        known.driven.delete(lease.runId);
      }),
  });
}
