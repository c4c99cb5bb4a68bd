import type { RunStore } from '../../src/port/store.ts';
import { changedStore } from './changed-store.ts';

export interface CountingStore {
  readonly store: RunStore;
  /** How many entries were read since this was asked the last time. */
  takeCount(): number;
}

/** A store that counts the entries that are read from another one. */
export function countingStore(inner: RunStore): CountingStore {
  let count = 0;
  const read: RunStore['read'] = async function* (...given) {
    for await (const entry of inner.read(...given)) {
      count += 1;
      yield entry;
    }
  };
  return {
    store: changedStore(inner, { read }),
    takeCount: () => {
      const taken = count;
      count = 0;
      return taken;
    },
  };
}
