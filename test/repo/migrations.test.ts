import { expect, it } from 'vitest';
import { migrations } from '../../src/store/postgres/server/schema.ts';
import { migrationFaults } from './migrations.ts';

it('a later migration of PostgreSQL adds, and takes away only what two releases no longer use', () => {
  // The first one makes the tables.
  for (const [index, { text, oldest }] of migrations.entries()) {
    if (index === 0) continue;
    const contracts = oldest > (migrations[index - 1]?.oldest ?? 0);
    expect([index, migrationFaults(text('"runs"'), { contracts })]).toEqual([index, []]);
    // The release before knows the tables as the migration before left them.
    expect(oldest).toBeLessThanOrEqual(index);
  }
});

it.each([
  ['ALTER TABLE "s".run DROP COLUMN cancel;', 'takes away what the release before uses'],
  ['DROP INDEX "s".run_open;', 'takes away what the release before uses'],
  ['ALTER TABLE "s".run RENAME COLUMN cancel TO ended;', 'takes a name away that the release before uses'],
  ['ALTER TABLE "s".run ALTER COLUMN last TYPE bigint;', 'writes the whole table again under its lock'],
  ['ALTER TABLE "s".run ALTER last SET DATA TYPE bigint;', 'writes the whole table again under its lock'],
  ['ALTER TABLE "s".run ADD COLUMN key uuid DEFAULT gen_random_uuid();', 'writes the whole table again under its lock'],
  ['ALTER TABLE "s".run ADD COLUMN region text NOT NULL;', 'refuses rows of the release before'],
  [
    'ALTER TABLE "s".run ALTER COLUMN region SET NOT NULL;',
    'reads the whole table under its lock, and refuses what the release before writes',
  ],
  ['ALTER TABLE "s".run ADD CHECK (region <> \'\');', 'reads the whole table under its lock'],
  ['CREATE INDEX run_by_region ON "s".run (region);', 'builds an index while nobody may write to its table'],
  ['LOCK TABLE "s".run;', 'locks a table'],
])('a migration may not say %s', (text, why) => {
  expect(migrationFaults(text)).toEqual([why]);
});

it.each([
  'ALTER TABLE "s".run ADD COLUMN region text;',
  'ALTER TABLE "s".run ADD COLUMN region text NOT NULL DEFAULT \'\';',
  'ALTER TABLE "s".run ADD CONSTRAINT named CHECK (region <> \'\') NOT VALID;',
  'CREATE TABLE "s".region (name text PRIMARY KEY);\nCREATE INDEX region_by_name ON "s".region (name);',
])('a migration may say %s', (text) => {
  expect(migrationFaults(text)).toEqual([]);
});

it('only one that contracts may take away', () => {
  expect(migrationFaults('DROP TABLE "s".region;', { contracts: true })).toEqual([]);
});
