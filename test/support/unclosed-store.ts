import type { RunStore } from '../../src/port/store.ts';

/** The same store, which stays open when an engine closes it. */
export function unclosed<Store extends RunStore>(store: Store): Store {
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'close') return () => undefined;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
