import { AssertionError } from 'node:assert';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { sqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import type { RunStore } from '../../../src/port/store.ts';
import { clocksLaws, timelessStore } from '../../support/clocks-apart.ts';
import { sharedFolder } from '../../support/folder.ts';

const folder = sharedFolder();
let count = 0;

const places: Readonly<Record<string, () => () => RunStore>> = {
  memory: () => {
    const store = memoryStore();
    return () => store;
  },
  SQLite: () => {
    count += 1;
    const path = join(folder, `${count}.db`);
    return () => sqliteStore(path);
  },
};

describe.each(Object.entries(places))('on machines whose clocks are an hour apart, over %s', (_name, newPlace) => {
  it.each(clocksLaws)('$name', ({ check }) => check({ open: newPlace() }));

  it.each(clocksLaws)('without the time of the store it is not so that $name', async ({ check }) => {
    const open = newPlace();
    await expect(check({ open: () => timelessStore(open()) })).rejects.toThrow(AssertionError);
  });
});
