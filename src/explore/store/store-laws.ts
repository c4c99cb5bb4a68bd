// All laws of stores, as data. Every implementation of `RunStore` is checked against the same laws.
import { arbitraryLaws } from './arbitrary/arbitrary-laws.ts';
import { changeLaws, tellsChanges } from './change-laws.ts';
import { checkpointLaws, keepsCheckpoints } from './checkpoint-laws.ts';
import { canClaimDue, claimingLaws } from './claiming-laws.ts';
import { errandLaws, keepsErrands } from './errand-laws.ts';
import { canFork, forkLaws } from './fork-laws.ts';
import { inboxLaws } from './inbox-laws.ts';
import { journalLaws } from './journal-laws.ts';
import { listingLaws } from './listing-laws.ts';
import { ownerLaws } from './owner-laws.ts';
import { pruningLaws } from './pruning-laws.ts';
import { keepsRecordings, recordingLaws } from './recording-laws.ts';
import { hasWorkers, workerLaws } from './worker-laws.ts';
import { checkOptions, noOptions } from '../../base/options/option-shape.ts';
import { inPlace, isPrunable, lawOptions } from './store-law.ts';
import type { LawOptions, NewPlace, StoreLaw } from './store-law.ts';

/**
 * The laws that every store must keep. In your own tests, one case each:
 *
 * `it.each(storeLaws)('$name', ({ check }) => check(newPlace))`
 */
export const storeLaws: readonly StoreLaw[] = [
  ...journalLaws,
  ...ownerLaws,
  ...inboxLaws,
  ...listingLaws,
  ...arbitraryLaws,
];

/** Further laws for a store that can delete runs (`PrunableStore`). */
export const storePruningLaws: readonly StoreLaw[] = pruningLaws;

/** Further laws for a store that keeps checkpoints (`checkpoint`). */
export const storeCheckpointLaws: readonly StoreLaw[] = checkpointLaws;

/** Further laws for a store that copies what a fork shares (`fork`). */
export const storeForkLaws: readonly StoreLaw[] = forkLaws;

/** Further laws for a store that takes what is due in one step (`claimDue`). */
export const storeClaimingLaws: readonly StoreLaw[] = claimingLaws;

/** Further laws for a store that knows which workers there are (`workers`). */
export const storeWorkerLaws: readonly StoreLaw[] = workerLaws;

/** Further laws for a store that keeps the tasks of nodes which run on workers (`errands`). */
export const storeErrandLaws: readonly StoreLaw[] = errandLaws;

/** Further laws for a store that keeps which ended runs become fixtures (`recordings`). */
export const storeRecordingLaws: readonly StoreLaw[] = recordingLaws;

/** Further laws for a store that tells which runs may have grown (`changes`). */
export const storeChangeLaws: readonly StoreLaw[] = changeLaws;

/**
 * The result of `checkStore` for a store that broke no law: what was checked depends on which optional methods the
 * store has.
 */
export interface StoreCheck {
  /** The names of the laws that were checked. */
  readonly checked: readonly string[];
}

/**
 * Checks your own store against the laws that Reprise's stores keep: leases, claims, atomic appends, due runs, reads
 * during writes. A store with `delete` and `prune`, with `checkpoint`, `fork`, `claimDue`, `workers`, `errands`, `changes`
 * or `recordings`, is checked for those too.
 *
 * ```ts
 * import { memoryStore } from 'reprise';
 * import { checkStore } from 'reprise/explore';
 *
 * const { checked } = await checkStore((now) => {
 *   const store = memoryStore({ now });
 *   return { connect: () => store };
 * });
 * console.log(checked.includes('while the claim of an owner holds, no other owner can take its run')); // true
 * ```
 *
 * `newPlace` is called for each case, and creates an empty place. `connect` opens another connection to it, if the
 * store has connections. `now` is the time by which the store has to reckon there: give it a way to take its time from
 * elsewhere in tests.
 *
 * @throws AssertionError with the name of the first broken law; RepriseError `peer-missing` without fast-check
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
    if (canFork(store)) laws = [...laws, ...storeForkLaws];
    if (canClaimDue(store)) laws = [...laws, ...storeClaimingLaws];
    if (hasWorkers(store)) laws = [...laws, ...storeWorkerLaws];
    if (keepsErrands(store)) laws = [...laws, ...storeErrandLaws];
    if (tellsChanges(store)) laws = [...laws, ...storeChangeLaws];
    if (keepsRecordings(store)) laws = [...laws, ...storeRecordingLaws];
    await store.close();
  });
  return laws;
}
