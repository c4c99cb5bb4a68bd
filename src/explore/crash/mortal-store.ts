// The store as a process sees it that is going to die: from then on it never answers.
import type { Entry } from '../../journal/entry.ts';
import type { RunStore } from '../../port/store.ts';

export interface Mortal {
  isDead(): boolean;
  /** Called before each write, with what is written. The process dies before it, or after it, or not at it. */
  write(entries: readonly Entry[]): 'before' | 'after' | undefined;
  die(): void;
}

const never = new Promise<never>(() => undefined);
const writes: ReadonlySet<PropertyKey> = new Set(['create', 'append']);

/** `store` outlives the process, and is durable for it. */
export function mortalStore(store: RunStore, life: Mortal): RunStore {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'isDurable') return true;
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...given: readonly unknown[]): unknown => {
        if (life.isDead()) return never;
        // It is closed with the process, and outlives it.
        if (name === 'close') return undefined;
        const call = (): unknown => Reflect.apply(method, target, given);
        if (!writes.has(name) || isEmpty(given)) return call();
        const when = life.write(entriesIn(given));
        if (when === undefined) return call();
        if (when === 'after') call();
        life.die();
        return never;
      };
    },
  });
}

/** Of a run that is created, or that grows. */
function entriesIn([run, entries]: readonly unknown[]): readonly Entry[] {
  const more = (entries as readonly Entry[] | undefined) ?? [];
  return typeof run === 'object' ? [run as Entry, ...more] : more;
}

/** It only asks whether the run still belongs to the process. */
function isEmpty([, entries]: readonly unknown[]): boolean {
  return (entries as readonly Entry[] | undefined)?.length === 0;
}
