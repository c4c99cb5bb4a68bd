// How many engines use a store that their caller has opened: the last of them that is closed closes it.
import type { Later, RunStore } from './store.ts';

const users = new WeakMap<RunStore, number>();

export function enterStore(store: RunStore): void {
  users.set(store, (users.get(store) ?? 0) + 1);
}

/** Closes the store, unless others that have entered it are left. */
export function leaveStore(store: RunStore): Later<void> {
  const left = (users.get(store) ?? 1) - 1;
  if (left > 0) {
    users.set(store, left);
    return undefined;
  }
  users.delete(store);
  return store.close();
}
