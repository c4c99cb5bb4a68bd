// What a law of stores is. A law does not know how a store keeps its runs: it creates empty places and uses them.
import { wholeNumber } from '../../base/options/option-kind.ts';
import { checkOptions, optionShape } from '../../base/options/option-shape.ts';
import type { Later, PrunableStore, RunStore } from '../../port/store.ts';

/** Where a store under test keeps its runs. It is empty at first, and is used by one case of one law. */
export interface StorePlace {
  /** A connection to the runs of this place. Each call opens another one, if the store has connections. */
  connect(): RunStore;
  /** Called when the case is over. */
  remove?(): Later<void>;
}

/**
 * Creates an empty place. A store that is checked takes the time by which claims hold and runs are due from `now`, in
 * milliseconds since 1970: it stands still until a law moves it.
 */
export type NewPlace = (now: () => number) => Later<StorePlace>;

/** The time in a place. */
export interface LawTime {
  now: number;
}

/** A place, and what time it is there. */
export interface LawPlace extends StorePlace {
  readonly time: LawTime;
}

/**
 * How thoroughly `checkStore` or a single law tries a store. A failure prints the seed to give here in order to see it
 * again.
 */
export interface LawOptions {
  /** How many cases a law with arbitrary cases tries; 100 by default. Other laws have one case. */
  readonly numRuns?: number;
  /** Selects the arbitrary cases. A failure names the seed that repeats it. */
  readonly seed?: number;
}

export const lawOptions = optionShape<LawOptions>('checkStore', {
  numRuns: wholeNumber({ least: 1 }),
  seed: wholeNumber({}),
});

/** One promise of `RunStore`, and how to check it. */
export interface StoreLaw {
  readonly name: string;
  /** @throws AssertionError if the store breaks the law */
  check(newPlace: NewPlace, options?: LawOptions): Promise<void>;
}

/** A law that is checked once, in one place, without arbitrary cases. */
export function law(name: string, check: (place: LawPlace) => Promise<void>): StoreLaw {
  return {
    name,
    async check(newPlace, options) {
      checkOptions(lawOptions, options);
      await inPlace(newPlace, check);
    },
  };
}

/** A law of stores that can delete runs. */
export function pruningLaw(
  name: string,
  check: (store: PrunableStore, another: () => PrunableStore, time: LawTime) => Promise<void>,
): StoreLaw {
  const connected = (place: StorePlace): PrunableStore => {
    const store = place.connect();
    if (!isPrunable(store)) throw new TypeError('the store lacks `delete` or `prune`');
    return store;
  };
  return law(name, (place) => check(connected(place), () => connected(place), place.time));
}

export async function inPlace(newPlace: NewPlace, check: (place: LawPlace) => Promise<void>): Promise<void> {
  const time: LawTime = { now: 0 };
  const place = await newPlace(() => time.now);
  try {
    await check({ connect: () => place.connect(), time });
  } finally {
    await place.remove?.();
  }
}

export function isPrunable(store: RunStore): store is PrunableStore {
  const { delete: deletes, prune } = store as Partial<PrunableStore>;
  return typeof deletes === 'function' && typeof prune === 'function';
}
