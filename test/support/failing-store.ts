import { RepriseError } from '../../src/base/error.ts';
import type { PrunableStore } from '../../src/port/store.ts';
import { memoryStore } from '../../src/store/memory/memory.ts';
import { keptStore } from './changed-store.ts';

/** Writes that a store can be told to refuse. */
export type Refusable = 'append' | 'release' | 'renew' | 'take';

export interface FailingStore {
  readonly store: PrunableStore;
  /** What is refused now, and with which code. */
  readonly refused: Map<Refusable, string>;
}

/** A store whose claims expire, as those of a file do, by the clock of a test, and whose writes fail while it says so. */
export function failingStore(now: () => number): FailingStore {
  const inner = memoryStore({ now });
  const refused = new Map<Refusable, string>();
  const orRefused =
    <Given extends readonly unknown[], Result>(name: Refusable, write: (...given: Given) => Result) =>
    (...given: Given): Result => {
      const code = refused.get(name);
      if (code !== undefined) throw new RepriseError(code as 'store-locked', 'refused', { nextStep: 'Wait.' });
      return write(...given);
    };
  const store = keptStore(inner, {
    isDurable: true,
    append: orRefused('append', inner.append.bind(inner)),
    release: orRefused('release', inner.release.bind(inner)),
    renew: orRefused('renew', inner.renew.bind(inner)),
    take: orRefused('take', inner.take.bind(inner)),
  });
  return { store, refused };
}
