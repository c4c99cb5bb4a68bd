// Stores that break one promise each: the laws about that promise must catch them, and every law catches some store.
import { describe, expect, it } from 'vitest';
import {
  checkStore,
  storeCheckpointLaws,
  storeClaimingLaws,
  storeErrandLaws,
  storeForkLaws,
  storeLaws,
  storePruningLaws,
  storeRecordingLaws,
  storeWorkerLaws,
} from '../../src/explore/index.ts';
import type { NewPlace, PrunableStore, StoreLaw } from '../../src/explore/index.ts';
import { brokenClaims } from './stores/broken-claims.ts';
import { brokenWorkers } from './stores/broken-workers.ts';
import { brokenErrands } from './stores/broken-errands.ts';
import { brokenCheckpoints } from './stores/broken-checkpoints.ts';
import { ForkingStore, brokenForks } from './stores/broken-forks.ts';
import { brokenInboxes } from './stores/broken-inboxes.ts';
import { brokenJournals } from './stores/broken-journals.ts';
import { brokenOwners } from './stores/broken-owners.ts';
import { brokenPruning } from './stores/broken-pruning.ts';
import { brokenRecordings } from './stores/broken-recordings.ts';
import { SlowStore, WorkingStore } from './stores/working-store.ts';

const brokenStores = {
  ...brokenJournals,
  ...brokenOwners,
  ...brokenInboxes,
  ...brokenPruning,
  ...brokenCheckpoints,
  ...brokenForks,
  ...brokenClaims,
  ...brokenWorkers,
  ...brokenErrands,
  ...brokenRecordings,
};
const laws = [
  ...storeLaws,
  ...storePruningLaws,
  ...storeCheckpointLaws,
  ...storeForkLaws,
  ...storeClaimingLaws,
  ...storeWorkerLaws,
  ...storeErrandLaws,
  ...storeRecordingLaws,
];

function lawOf(part: string): StoreLaw {
  const found = laws.filter(({ name }) => name.startsWith(part));
  expect(found.map(({ name }) => name)).toHaveLength(1);
  return found[0] as StoreLaw;
}

function placesOf(Store: new (now: () => number) => PrunableStore): NewPlace {
  return (now) => {
    const store = new Store(now);
    return { connect: () => store };
  };
}

describe('the laws of stores', () => {
  it('are kept by the store that the broken ones extend', async () => {
    const { checked } = await checkStore(placesOf(ForkingStore), { numRuns: 50 });
    expect(checked).toEqual(laws.map(({ name }) => name));
  });

  it('are kept by a store that answers later', async () => {
    await checkStore(placesOf(SlowStore), { numRuns: 20 });
  });

  it.each(Object.keys(brokenStores))('catch a store that %s', async (name) => {
    const { Store, laws: parts } = brokenStores[name] as (typeof brokenStores)[string];
    for (const part of parts) {
      const caught = lawOf(part)
        .check(placesOf(Store), { numRuns: 300 })
        .then(
          () => `kept: ${part}`,
          () => 'broken',
        );
      expect(await caught).toBe('broken');
    }
  });

  it('are each broken by some store', () => {
    const broken = Object.values(brokenStores).flatMap(({ laws: parts }) => parts.map((part) => lawOf(part).name));
    expect(laws.map(({ name }) => name).filter((name) => !broken.includes(name))).toEqual([]);
  });

  it('name the broken law, and skip what a store does not support', async () => {
    const { Store } = brokenStores['honours a claim for a millisecond too long'] as (typeof brokenStores)[string];
    await expect(checkStore(placesOf(Store))).rejects.toThrow(
      /^a law of stores is broken: while the claim of an owner holds/,
    );
    class Keeping extends WorkingStore {
      override prune = undefined as never;
      override claimDue = undefined as never;
      override readonly workers = undefined as never;
      override recordings = undefined as never;
    }
    const { checked } = await checkStore(placesOf(Keeping), { numRuns: 10 });
    expect(checked).toEqual(storeLaws.map(({ name }) => name));
  });
});
