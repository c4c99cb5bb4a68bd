import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it } from 'vitest';
import type { RunStore } from '../../../src/port/store.ts';
import { memoryStore } from '../../../src/store/memory.ts';
import { sqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { checkArbitraryOperations, checkArbitraryRuns, storeLaws } from '../store-laws.ts';
import type { StorePlace } from '../store-laws.ts';

const folder = mkdtempSync(join(tmpdir(), 'reprise-stores-'));
const opened: RunStore[] = [];
let placeCount = 0;

afterAll(async () => {
  for (const store of opened) await store.close();
  rmSync(folder, { recursive: true });
});

function memoryPlace(): StorePlace {
  const store = memoryStore();
  return { connect: () => store };
}

function filePlace(): StorePlace {
  const path = join(folder, `${placeCount++}.db`);
  return {
    connect() {
      const store = sqliteStore(path);
      opened.push(store);
      return store;
    },
  };
}

const isLong = process.env.REPRISE_TEST_SIZE === 'long';

describe.each([
  { name: 'memory', newPlace: memoryPlace, numRuns: isLong ? 20_000 : 400 },
  { name: 'SQLite', newPlace: filePlace, numRuns: isLong ? 2_000 : 60 },
])('the laws of stores: $name', ({ newPlace, numRuns }) => {
  it.each(storeLaws)('$name', ({ check }) => check(newPlace()));

  it('a journal is read as it was written, however it was divided', () => checkArbitraryRuns(newPlace, { numRuns }));

  it('any operations of several owners give what the model says', () =>
    checkArbitraryOperations(newPlace, { numRuns }));
});
