// The schema of a store file: versioned by `user_version`, marked by `application_id`, migrated version by version.
import { RepriseError } from '../../../base/error.ts';
import type { StoreCodec } from '../../row/codec.ts';
import { writeCodec } from './file-codec.ts';
import type { SqliteHandle } from './handle.ts';
import { inboxTables } from '../operation/inbox.ts';
import { recordingColumns } from '../operation/recording-statements.ts';
import { workerTables } from '../operation/worker-statements.ts';

/** "rpri": tells Reprise stores from other SQLite files. */
const applicationId = 0x72707269;

/**
 * Each migration brings a file from the previous version to its own. Never change one that has been released.
 *
 * An append writes its entries and nothing else: `step` and `time` of a run are those of its last entry, and its row in
 * `run` changes only with its owner and its status. Keeping a summary beside the entries doubled the cost of an append.
 * There are no foreign keys for the same reason: every writer of entries has just looked up their run.
 */
const migrations: readonly string[] = [
  `CREATE TABLE run (
     number     INTEGER PRIMARY KEY,
     id         TEXT NOT NULL UNIQUE,
     graph      TEXT NOT NULL,
     status     TEXT NOT NULL,
     token      INTEGER NOT NULL,
     created_at INTEGER NOT NULL
   );
   CREATE INDEX run_by_status ON run (status, number);
   CREATE INDEX run_by_graph ON run (graph, number);
   CREATE TABLE entry (
     run      INTEGER NOT NULL,
     sequence INTEGER NOT NULL,
     step     INTEGER NOT NULL,
     time     INTEGER NOT NULL,
     json     TEXT NOT NULL,
     PRIMARY KEY (run, sequence)
   ) WITHOUT ROWID;
   CREATE TABLE part (
     run    INTEGER NOT NULL,
     digest TEXT NOT NULL,
     json   TEXT NOT NULL,
     PRIMARY KEY (run, digest)
   ) WITHOUT ROWID;`,
  `ALTER TABLE run ADD COLUMN owner TEXT;
   ALTER TABLE run ADD COLUMN wake_at INTEGER;
   ALTER TABLE run ADD COLUMN cancel TEXT;
   CREATE INDEX run_by_owner ON run (owner) WHERE owner IS NOT NULL;
   CREATE TABLE owner (
     id         TEXT PRIMARY KEY,
     expires_at INTEGER NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE label (
     run   INTEGER NOT NULL,
     label TEXT NOT NULL,
     step  INTEGER NOT NULL,
     PRIMARY KEY (run, label)
   ) WITHOUT ROWID;`,
  // `deleted`: runs that are gone, but may still have entries in the file.
  `CREATE TABLE setting (
     name  TEXT PRIMARY KEY,
     value NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE deleted (number INTEGER PRIMARY KEY);`,
  // `sequence` is that of the commit it follows; `length` is that of its full text, parts included.
  `CREATE TABLE checkpoint (
     run      INTEGER NOT NULL,
     sequence INTEGER NOT NULL,
     step     INTEGER NOT NULL,
     length   INTEGER NOT NULL,
     json     TEXT NOT NULL,
     PRIMARY KEY (run, sequence)
   ) WITHOUT ROWID;`,
  // Nothing changes in the tables, but entries may be of kinds that an older release would take for damage.
  '',
  // `crc`: see checksum.ts. `last`: the sequence of a run's last entry, while no process drives the run. `takeovers`: see
  // `Lease`. A worker looks for runs by status: with these indexes it never meets a run that has ended.
  `${inboxTables}
   ALTER TABLE owner ADD COLUMN lease_ms INTEGER;
   ALTER TABLE owner ADD COLUMN doubted_at INTEGER;
   ALTER TABLE run ADD COLUMN takeovers INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE run ADD COLUMN last INTEGER;
   ALTER TABLE run ADD COLUMN crc INTEGER;
   ALTER TABLE entry ADD COLUMN crc INTEGER;
   ALTER TABLE checkpoint ADD COLUMN crc INTEGER;
   ALTER TABLE label ADD COLUMN crc INTEGER;
   DROP INDEX run_by_graph;
   CREATE INDEX run_by_graph ON run (graph, status, number);
   CREATE INDEX run_by_wake ON run (graph, wake_at) WHERE wake_at IS NOT NULL;
   CREATE INDEX run_by_cancel ON run (graph, number) WHERE status IN ('paused', 'queued') AND cancel IS NOT NULL;`,
  recordingColumns,
  workerTables,
];
export const schemaVersion = migrations.length;

/** Files record their codec from this version on. */
export const codecVersion = 3;
/** Rows have checksums and runs have inboxes from this version on. */
export const checksumVersion = 6;
/** It is known of runs whether they were recorded from this version on. */
export const recordingVersion = 7;
/** It is known of runs which workers may drive them from this version on. */
export const workerVersion = 8;
/** The oldest version that can be read. An older file must first be migrated by a process that may write to it. */
const readVersion = 4;

/** Checks the file before it is used. @throws RepriseError `store-version-unknown`, `store-unreadable` */
function checkSchema(handle: SqliteHandle, path: string): { readonly version: number; readonly isNew: boolean } {
  const version = Number(handle.pragma('user_version', { simple: true }));
  const id = Number(handle.pragma('application_id', { simple: true }));
  const { count } = handle.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as { readonly count: number };
  if (id !== applicationId && (count > 0 || version > 0)) {
    throw new RepriseError('store-unreadable', `the file ${path} is a SQLite database, but not a Reprise store`, {
      nextStep: 'Choose another file for the store.',
      fields: { path },
    });
  }
  if (version > schemaVersion) {
    throw new RepriseError(
      'store-version-unknown',
      `the store ${path} has schema ${version}, but this release supports schemas up to ${schemaVersion}`,
      { nextStep: 'Update Reprise. Nothing was changed.', fields: { path, version, known: schemaVersion } },
    );
  }
  return { version, isNew: count === 0 && version === 0 };
}

/** Checks in one transaction: another process may be creating the store in an empty file right now. */
export function checkSchemaAtOnce(handle: SqliteHandle, path: string): ReturnType<typeof checkSchema> {
  handle.exec('BEGIN');
  try {
    return checkSchema(handle, path);
  } finally {
    rollBack(() => handle.exec('ROLLBACK'));
  }
}

/** @throws RepriseError `store-version-unknown` */
export function checkReadable(version: number, path: string): void {
  if (version >= readVersion) return;
  throw new RepriseError(
    'store-version-unknown',
    `the store ${path} has schema ${version}, but this release reads schemas ${readVersion} to ${schemaVersion}`,
    { nextStep: "Open it once without mode: 'read' to bring it up to date.", fields: { path, version } },
  );
}

/** Migrates the file to the newest schema in one transaction. A second process at the same time finds it done. */
export function migrate(handle: SqliteHandle, path: string, codec: StoreCodec | undefined): void {
  handle.exec('BEGIN IMMEDIATE');
  try {
    const { version } = checkSchema(handle, path);
    for (const migration of migrations.slice(version)) handle.exec(migration);
    // A file that is older than codecs has none.
    if (version < codecVersion) writeCodec(handle, version === 0 ? codec : undefined);
    handle.pragma(`application_id = ${applicationId}`);
    handle.pragma(`user_version = ${schemaVersion}`);
    handle.exec('COMMIT');
  } catch (thrown) {
    rollBack(() => handle.exec('ROLLBACK'));
    throw thrown;
  }
}

/** After some errors (a full disk) SQLite has already rolled back. Doing so again fails, and must not hide the error. */
export function rollBack(roll: () => unknown): void {
  try {
    roll();
  } catch (thrown) {
    if (!/no transaction is active/.test(String(thrown))) throw thrown;
  }
}
