// What a law of stores is. A law knows nothing of how a store keeps its runs: it makes empty places, and uses them.
import { wholeNumber } from '../../base/options/option-kind.ts';
import { checkOptions, optionShape } from '../../base/options/option-shape.ts';
import type { Later, PrunableStore, RunStore } from '../../port/store.ts';

/** Where a store under test keeps its runs: empty at first, and used by one case of one law. */
export interface StorePlace {
  /** A connection to the runs of this place; each call gives another one, where the store has such a thing. */
  connect(): RunStore;
  /** Called when the case is over. */
  remove?(): Later<void>;
}

export type NewPlace = () => Later<StorePlace>;

export interface LawOptions {
  /** How many cases an arbitrary law tries; 100 by default. Other laws have one case. */
  readonly numRuns?: number;
  /** Which cases; a failure names the seed that repeats it. */
  readonly seed?: number;
}

export const lawOptions = optionShape<LawOptions>('checkStore', {
  numRuns: wholeNumber({ least: 1 }),
  seed: wholeNumber({}),
});

/** One promise of `RunStore`, and how it is checked. */
export interface StoreLaw {
  readonly name: string;
  /** @throws AssertionError where a store breaks the law */
  check(newPlace: NewPlace, options?: LawOptions): Promise<void>;
}

/** A law that is checked once, in one place. */
export function law(name: string, check: (place: StorePlace) => Promise<void>): StoreLaw {
  return {
    name,
    async check(newPlace, options) {
      checkOptions(lawOptions, options);
      await inPlace(newPlace, check);
    },
  };
}

/** A law of stores that can forget. */
export function pruningLaw(
  name: string,
  check: (store: PrunableStore, another: () => PrunableStore) => Promise<void>,
): StoreLaw {
  const connected = (place: StorePlace): PrunableStore => {
    const store = place.connect();
    if (!isPrunable(store)) throw new TypeError('the store has no `delete` and no `prune`');
    return store;
  };
  return law(name, (place) => check(connected(place), () => connected(place)));
}

export async function inPlace(newPlace: NewPlace, check: (place: StorePlace) => Promise<void>): Promise<void> {
  const place = await newPlace();
  try {
    await check(place);
  } finally {
    await place.remove?.();
  }
}

export function isPrunable(store: RunStore): store is PrunableStore {
  const { delete: deletes, prune } = store as Partial<PrunableStore>;
  return typeof deletes === 'function' && typeof prune === 'function';
}
