// What a store is asked for all day must cost the same however many runs have ended: SQLite's own plans say so.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, expect, it } from 'vitest';
import { listStatement, readStatements, writeStatements } from '../../../../src/store/sqlite/file/statements.ts';
import type { Preparing, Statement } from '../../../../src/store/sqlite/file/handle.ts';
import { schemaVersion } from '../../../../src/store/sqlite/file/schema.ts';
import { sqliteStore } from '../../../../src/store/sqlite/sqlite-store.ts';
import { sharedFolder } from '../../../support/folder.ts';
import { runEntry } from '../../../support/journals.ts';

const path = join(sharedFolder(), 'runs.db');

beforeAll(async () => {
  const store = sqliteStore(path);
  await store.create(runEntry('run-1'));
  await store.close();
});

const atOnce = (handle: Preparing): Preparing => handle;

function textsOf(prepare: (handle: Preparing) => unknown): readonly string[] {
  const texts: string[] = [];
  const handle = {
    prepare: (text: string): Statement => {
      texts.push(text);
      return {} as Statement;
    },
  };
  prepare(handle);
  return texts;
}

/** The plans of the statements that `prepare` makes, by their text. */
function plansOf(prepare: (handle: Preparing) => unknown): readonly string[] {
  const file = new Database(path);
  const plans = textsOf(prepare)
    .filter((text) => /^\s*(?:SELECT|WITH)/.test(text))
    .map((text) => {
      const named = Object.fromEntries([...text.matchAll(/@(\w+)/g)].map(([, name]) => [name, 'x']));
      const places = [...text.matchAll(/\?/g)].map(() => 'x');
      const values = Object.keys(named).length > 0 ? [named] : places;
      const rows = file.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...values) as readonly { readonly detail: string }[];
      return rows.map(({ detail }) => detail).join('\n');
    });
  file.close();
  return plans;
}

/** A table of runs or entries that is gone through row by row, whatever is asked for. */
const scan = /SCAN (?:run|entry|last|owner|part|checkpoint)\b(?! USING (?:COVERING )?INDEX)/;

it.each([
  ['by graph and status', { graph: 'x', status: 'x' }],
  ['by graph', { graph: 'x' }],
  ['by status', { status: 'x' }],
  ['all of them', {}],
])('a list reads no more than its runs, in their order: %s', (_what, query) => {
  for (const after of [{}, { after: 1 }]) {
    const [plan] = plansOf((handle) => listStatement(handle, { ...query, ...after, limit: 100 }, schemaVersion));
    // All runs in the order of their numbers, up to the limit.
    expect(plan?.replaceAll(/SCAN run(?=\n)/g, 'all runs')).not.toMatch(scan);
    if (!('graph' in query)) expect(plan).not.toMatch(/TEMP B-TREE/);
  }
});

it('due runs are found by graph and status, never among those that have ended', () => {
  const [due] = plansOf((handle) => {
    const only = (text: string): Statement => (text.includes('@gone') ? handle.prepare(text) : ({} as Statement));
    readStatements({ prepare: only }, schemaVersion, atOnce);
  });
  expect(due).not.toMatch(scan);
  const found = [...(due ?? '').matchAll(/SEARCH run USING.*?(run_by_\w+) \(([^)]*)\)/g)].map(([, ...index]) => index);
  expect(found).toEqual([
    ['run_by_graph', 'graph=? AND status=?'],
    ['run_by_graph', 'graph=? AND status=?'],
    ['run_by_wake', 'graph=? AND wake_at>? AND wake_at<?'],
    ['run_by_cancel', 'graph=?'],
  ]);
});

it('begin, append, release, renewal and a look for cancels read no table row by row', () => {
  const texts = plansOf((handle) => writeStatements(handle, atOnce));
  for (const plan of texts) expect(plan).not.toMatch(/SCAN (?:run|entry|last|part|checkpoint)\b/);
});

it('a file that is opened compiles only what a run needs, and all that it may need can be compiled', () => {
  const file = new Database(path);
  const prepared = (later: typeof atOnce | undefined): number => {
    let count = 0;
    const handle = {
      prepare: (text: string): Statement => {
        count += 1;
        return file.prepare(text) as Statement;
      },
    };
    readStatements(handle, schemaVersion, later);
    writeStatements(handle, later);
    return count;
  };
  expect(prepared(undefined)).toBeLessThan(prepared(atOnce) / 3);
  file.close();
});

it('no statement is compiled again because of what it is given', () => {
  const texts = [
    ...textsOf((handle) => readStatements(handle, schemaVersion, atOnce)),
    ...textsOf((handle) => writeStatements(handle, atOnce)),
    ...textsOf((handle) =>
      listStatement(handle, { graph: 'x', status: 'x', tenant: 'x', limit: 1, after: 1 }, schemaVersion),
    ),
  ];
  // SQLite looks at values that stand directly beside a comparison, and behind a limit.
  for (const text of texts) expect(text).not.toMatch(/(?:[=<>]|\b(?:LIMIT|OFFSET|BETWEEN|LIKE|GLOB|IN|IS)) *[?@]/);
});
