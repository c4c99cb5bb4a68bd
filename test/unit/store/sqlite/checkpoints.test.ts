// Checkpoints: kept beside the journal by its length, used to resume and to look back, and never needed.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { append, createEngine, fields, graph, sum } from '../../../../src/index.ts';
import { ResumeFold } from '../../../../src/engine/stored/resume/resume-fold.ts';
import { canonicalEntries } from '../../../../src/journal/run/canonical.ts';
import type { Entry } from '../../../../src/journal/entry.ts';
import { RunFold } from '../../../../src/journal/fold/run-fold.ts';
import { sqliteStore } from '../../../../src/store/sqlite/sqlite-store.ts';
import type { SqliteStore } from '../../../../src/store/sqlite/sqlite-store.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { collected } from '../../../support/journals.ts';

const stepCount = 60;
const grower = graph('grower', { state: fields({ lines: append<string>(), count: sum() }) })
  .node('grow', ({ count }) => ({ delta: { lines: [`${count} `.repeat(40)], count: 1 } }))
  .edge('grow', 'grow', { when: ({ count }) => count < stepCount })
  .start('grow')
  .build();

const newFile = (): string => join(temporaryFolder(), 'runs.db');

async function ranWith(path: string, checkpointLength: number): Promise<void> {
  const engine = createEngine(grower, { store: sqliteStore(path, { checkpointLength }) });
  await engine.run({ lines: [] }, { runId: 'run', seed: 'seed' }).orThrow();
  await engine.close();
}

function inFile<Result>(path: string, work: (database: Database.Database) => Result): Result {
  const database = new Database(path);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

const rowsOf = (
  path: string,
): readonly { readonly sequence: number; readonly step: number; readonly length: number }[] =>
  inFile(
    path,
    (database) =>
      database.prepare('SELECT sequence, step, octet_length(json) AS length FROM checkpoint').all() as never,
  );

/** The journal up to a place, as a process that died there left it. */
function cutBehind(path: string, place: number): void {
  inFile(path, (database) => {
    database.prepare('DELETE FROM entry WHERE sequence > ?').run(place);
    database.prepare('DELETE FROM checkpoint WHERE sequence > ?').run(place);
    database.prepare("UPDATE run SET status = 'interrupted', owner = NULL, last = NULL").run();
  });
}

const canonicalOf = (entries: readonly Entry[]): unknown =>
  canonicalEntries(entries).map(({ observed: _observed, ...canonical }) => canonical);

/** How many entries are read by what is done with the store. */
async function readCount(store: SqliteStore, work: () => Promise<unknown>): Promise<number> {
  const read = store.read.bind(store);
  let count = 0;
  store.read = async function* (...given) {
    for await (const entry of read(...given)) {
      count += 1;
      yield entry;
    }
  };
  await work();
  return count;
}

describe('checkpoints', () => {
  it('stand behind commits, hold what the journal says, and are no longer than it, all together', async () => {
    const path = newFile();
    await ranWith(path, 1_000);
    const rows = rowsOf(path);
    expect(rows.length).toBeGreaterThan(3);
    const store = sqliteStore(path);
    const entries = await collected(store.read('run'));
    const journalLength = inFile(path, (database) =>
      database.prepare('SELECT sum(octet_length(json)) FROM entry').pluck().get(),
    ) as number;
    expect(rows.reduce((total, { length }) => total + length, 0)).toBeLessThan(journalLength);
    for (let step = 0; step <= stepCount; step += 1) {
      const placed = await store.checkpoint?.('run', step);
      const kept = rows.findLast((row) => row.step <= step);
      expect(placed?.place).toBe(kept?.sequence);
      if (placed === undefined) continue;
      const fold = new ResumeFold();
      for (const entry of entries.slice(0, placed.place + 1)) fold.add(entry);
      const { run, frontier, state } = fold;
      expect(placed.checkpoint).toEqual({ run, step: fold.step, state, frontier, stepCount: fold.stepCount });
    }
    await store.close();
  });

  it('are what a run resumes from and what is looked back from, and the journal is as without them', async () => {
    const path = newFile();
    await ranWith(path, 1_000);
    const store = sqliteStore(path);
    const entries = await collected(store.read('run'));
    for (const place of [...entries.keys()].slice(2, -1)) {
      const copy = newFile();
      copyFileSync(path, copy);
      cutBehind(copy, place);
      const cut = sqliteStore(copy);
      const engine = createEngine(grower, { store: cut });
      const behind = place - (rowsOf(copy).at(-1)?.sequence ?? -1);
      // Once before the run is taken, and once again behind that.
      expect(await readCount(cut, () => engine.resume('run').orThrow())).toBe(behind);
      expect(canonicalOf(await collected(cut.read('run'))), `cut behind ${place}`).toEqual(canonicalOf(entries));
      await engine.close();
    }
    const engine = createEngine(grower, { store });
    const fold = new RunFold();
    for (const entry of entries) {
      fold.add(entry);
      if (entry.kind !== 'commit') continue;
      const kept = rowsOf(path).findLast(({ step }) => step <= fold.step)?.sequence ?? -1;
      const seen = await readCount(store, async () =>
        expect(await engine.stateAt('run', fold.step)).toEqual(fold.state as object),
      );
      // And the entry behind it, that could have changed the state of the step.
      expect(seen).toBeLessThanOrEqual(entries.indexOf(entry) + 1 - kept);
    }
    await engine.close();
  });

  it.each([
    ['no JSON', "UPDATE checkpoint SET json = '{', crc = NULL"],
    ['of another shape', "UPDATE checkpoint SET json = '{}', crc = NULL"],
    ['of bytes', "UPDATE checkpoint SET json = x'00', crc = NULL"],
    ['not what was written', "UPDATE checkpoint SET json = replace(json, '1', '2')"],
    ['without its parts', 'DELETE FROM part'],
    ['gone', 'DELETE FROM checkpoint'],
  ])('are not needed: where one is %s, the journal is read', async (_what, sql) => {
    const path = newFile();
    await ranWith(path, 1_000);
    const { place } = inFile(path, (database) => {
      database.exec(sql);
      return database.prepare('SELECT max(sequence) - 5 AS place FROM entry').get() as { readonly place: number };
    });
    cutBehind(path, place);
    const engine = createEngine(grower, { store: sqliteStore(path) });
    expect((await engine.resume('run').orThrow()).count).toBe(stepCount);
    expect((await engine.stateAt('run', stepCount - 1)).count).toBe(stepCount - 1);
    await engine.close();
  });

  it('are deleted with their run, and not written where none are wanted', async () => {
    const path = newFile();
    await ranWith(path, 1_000);
    const store = sqliteStore(path);
    await store.delete('run');
    await store.close();
    expect(rowsOf(path)).toEqual([]);
    await ranWith(path, Number.POSITIVE_INFINITY);
    expect(rowsOf(path)).toEqual([]);
    expect(() => sqliteStore(path, { checkpointLength: -1 })).toThrow(/checkpointLength/);
  });

  it('hold the newer graph that a run was resumed with', async () => {
    const path = newFile();
    await ranWith(path, Number.POSITIVE_INFINITY);
    cutBehind(path, 41);
    const newer = graph('grower', {
      version: '2',
      migrate: ({ lines, count }) => ({ lines: lines as string[], count: count as number, more: 7 }),
      state: fields({ lines: append<string>(), count: sum(), more: sum() }),
    })
      .node('grow', () => ({ delta: { lines: ['short'], count: 1, more: 1 } }))
      .edge('grow', 'grow', { when: ({ count }) => count < stepCount })
      .start('grow')
      .build();
    const engine = createEngine(newer, { store: sqliteStore(path, { checkpointLength: 500 }) });
    const { more } = await engine.resume('run').orThrow();
    await engine.close();
    cutBehind(path, rowsOf(path).at(-1)?.sequence ?? 0);
    const again = createEngine(newer, { store: sqliteStore(path) });
    expect((await again.resume('run').orThrow()).more).toBe(more);
    await again.close();
  });
});
