import type { RunStore } from '../../src/port/store.ts';

/** A store with some members replaced. */
export function changedStore<Store extends RunStore>(store: Store, changes: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(Object.hasOwn(changes, name) ? changes : target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** A store that outlives the engines that close it. */
export function keptStore<Store extends RunStore>(store: Store, changes: Partial<Store> = {}): Store {
  return changedStore(store, { close: () => undefined, ...changes });
}
