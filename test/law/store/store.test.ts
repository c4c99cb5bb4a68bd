import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import {
  storeCheckpointLaws,
  storeClaimingLaws,
  storeErrandLaws,
  storeForkLaws,
  storeLaws,
  storePruningLaws,
  storeRecordingLaws,
  storeWorkerLaws,
} from '../../../src/explore/index.ts';
import type { RunStore, StorePlace } from '../../../src/explore/index.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { sqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { sharedFolder } from '../../support/folder.ts';

const folder = sharedFolder();
let placeCount = 0;

function memoryPlace(now: () => number): StorePlace {
  const store = memoryStore({ now });
  return { connect: () => store };
}

function filePlace(now: () => number): StorePlace {
  const path = join(folder, `${placeCount++}.db`);
  const opened: RunStore[] = [];
  return {
    connect() {
      const store = sqliteStore(path, { now });
      opened.push(store);
      return store;
    },
    async remove() {
      for (const store of opened) await store.close();
      for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
    },
  };
}

const isLong = process.env.REPRISE_TEST_SIZE === 'long';

describe.each([
  {
    name: 'memory',
    newPlace: memoryPlace,
    laws: [
      ...storeLaws,
      ...storePruningLaws,
      ...storeCheckpointLaws,
      ...storeClaimingLaws,
      ...storeWorkerLaws,
      ...storeErrandLaws,
      ...storeRecordingLaws,
    ],
    numRuns: isLong ? 20_000 : 200,
  },
  {
    name: 'SQLite',
    newPlace: filePlace,
    laws: [
      ...storeLaws,
      ...storePruningLaws,
      ...storeCheckpointLaws,
      ...storeForkLaws,
      ...storeClaimingLaws,
      ...storeWorkerLaws,
      ...storeErrandLaws,
      ...storeRecordingLaws,
    ],
    numRuns: isLong ? 2_000 : 60,
  },
])('the laws of stores: $name', ({ newPlace, laws, numRuns }) => {
  it.each(laws)('$name', ({ check }) => check(newPlace, { numRuns }));
});
