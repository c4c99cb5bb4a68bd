// All laws of stores, as data: every implementation of `RunStore` runs the same ones.
import { arbitraryLaws } from './arbitrary-laws.ts';
import { checkpointLaws, keepsCheckpoints } from './checkpoint-laws.ts';
import { journalLaws } from './journal-laws.ts';
import { listingLaws } from './listing-laws.ts';
import { ownerLaws } from './owner-laws.ts';
import { pruningLaws } from './pruning-laws.ts';
import { checkOptions, noOptions } from '../../base/options/option-shape.ts';
import { inPlace, isPrunable, lawOptions } from './store-law.ts';
import type { LawOptions, NewPlace, StoreLaw } from './store-law.ts';

/**
 * What every store has to keep to. In a test of yours, one case each:
 *
 * `it.each(storeLaws)('$name', ({ check }) => check(newPlace))`
 */
export const storeLaws: readonly StoreLaw[] = [...journalLaws, ...ownerLaws, ...listingLaws, ...arbitraryLaws];

/** What a store that can forget (`PrunableStore`) has to keep to as well. */
export const storePruningLaws: readonly StoreLaw[] = pruningLaws;

/** What a store that keeps checkpoints (`checkpoint`) has to keep to as well. */
export const storeCheckpointLaws: readonly StoreLaw[] = checkpointLaws;

export interface StoreCheck {
  /** The laws that were checked, by name. */
  readonly checked: readonly string[];
}

/**
 * Checks a store of your own against the laws that the stores of Reprise keep: leases, claims, atomic appends, what is
 * due, what is read while others write. A store with `delete` and `prune`, or with `checkpoint`, is checked for those too.
 *
 * ```ts
 * import { memoryStore } from 'reprise';
 * import { checkStore } from 'reprise/explore';
 *
 * const { checked } = await checkStore(() => {
 *   const store = memoryStore();
 *   return { connect: () => store };
 * });
 * console.log(checked.includes('while the claim of an owner holds, another one cannot take its run')); // true
 * ```
 *
 * `newPlace` makes an empty place, and is called for each case; `connect` gives another connection to it, where the store
 * has such a thing.
 *
 * @throws AssertionError with the name of the first law that is broken; RepriseError `peer-missing` without fast-check
 */
export async function checkStore(newPlace: NewPlace, options: LawOptions = noOptions): Promise<StoreCheck> {
  checkOptions(lawOptions, options);
  const checked: string[] = [];
  for (const { name, check } of await lawsFor(newPlace)) {
    try {
      await check(newPlace, options);
    } catch (thrown) {
      if (thrown instanceof Error) thrown.message = `a law of stores is broken: ${name}\n${thrown.message}`;
      throw thrown;
    }
    checked.push(name);
  }
  return { checked };
}

async function lawsFor(newPlace: NewPlace): Promise<readonly StoreLaw[]> {
  let laws = storeLaws;
  await inPlace(newPlace, async (place) => {
    const store = place.connect();
    if (isPrunable(store)) laws = [...laws, ...storePruningLaws];
    if (keepsCheckpoints(store)) laws = [...laws, ...storeCheckpointLaws];
    await store.close();
  });
  return laws;
}
