// Opens the file of a store: to write, to read, or to read where nothing at all may be written.
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { RepriseError } from '../../base/error.ts';
import type { StoreCodec, TextCodec } from './codec.ts';
import { fileCodec, oldFileCodec } from './file-codec.ts';
import { loadSqlite } from './handle.ts';
import type { SqliteHandle } from './handle.ts';
import type { StoreSettings } from './options.ts';
import { checkReadable, checkSchemaAtOnce, codecVersion, migrate, schemaVersion } from './schema.ts';

/** SQLite opens in a folder that cannot be written only what it has a copy of; a larger one has to be copied by hand. */
const copiedBytesMax = 1024 * 1024 * 1024;

/** What every handle is opened with: better-sqlite3's own waiting would block the event loop for its whole length. */
const noWait = { timeout: 0 } as const;

export interface OpenedFile {
  readonly handle: SqliteHandle;
  readonly codec: TextCodec;
}

/**
 * A handle of the file, its schema checked and brought up to date.
 *
 * @throws RepriseError; or what SQLite throws, which the caller makes a coded error of
 */
export function openFile(path: string, settings: StoreSettings): OpenedFile {
  if (settings.mode === 'read') return openToRead(path, settings.codec);
  const Sqlite = loadSqlite(process.versions.node);
  if (!existsSync(dirname(path))) {
    throw new RepriseError('store-unreadable', `the folder of the store ${path} does not exist`, {
      nextStep: 'Make the folder first, or choose another file.',
      fields: { path },
    });
  }
  const handle = opened(() => new Sqlite(path, { ...noWait, readonly: false, fileMustExist: false }), path);
  // Where nothing may be written, SQLite opens a file all the same, and fails at the first thing that it wants to do.
  return opened(() => checked(handle, () => prepared(handle, path, settings)), path);
}

function prepared(handle: SqliteHandle, path: string, settings: StoreSettings): TextCodec {
  const { version, isNew } = checkSchemaAtOnce(handle, path);
  // So that room can be given back in small steps. It has to be said before the first table is there.
  if (isNew) handle.pragma('auto_vacuum = INCREMENTAL');
  handle.pragma('journal_mode = WAL');
  handle.pragma(`synchronous = ${settings.sync === 'full' ? 'FULL' : 'NORMAL'}`);
  // What is deleted is overwritten where its page is written anyway; whole pages go with the next `vacuum`.
  handle.pragma('secure_delete = FAST');
  if (version < schemaVersion) migrate(handle, path, settings.codec);
  return fileCodec(handle, path, settings.codec);
}

function openToRead(path: string, codec: StoreCodec | undefined): OpenedFile {
  if (!existsSync(path)) {
    throw new RepriseError('store-unreadable', `there is no store ${path}`, {
      nextStep: 'Check the path given by --store or by the config.',
      fields: { path },
    });
  }
  const Sqlite = loadSqlite(process.versions.node);
  const options = { ...noWait, readonly: true, fileMustExist: true };
  const handle = isCopyNeeded(path) ? new Sqlite(copyOf(path), options) : opened(() => new Sqlite(path, options), path);
  return checked(handle, () => {
    const { version } = checkSchemaAtOnce(handle, path);
    if (version > 0) {
      checkReadable(version, path);
      return version < codecVersion ? oldFileCodec(path, codec) : fileCodec(handle, path, codec);
    }
    throw new RepriseError('store-unreadable', `the store ${path} is empty`, {
      nextStep: 'Check the path given by --store or by the config.',
      fields: { path },
    });
  });
}

function checked(handle: SqliteHandle, check: () => TextCodec): OpenedFile {
  try {
    return { handle, codec: check() };
  } catch (thrown) {
    handle.close();
    throw thrown;
  }
}

/** SQLite reads a file in WAL mode only where it may write a file beside it; unless nobody else can write it either. */
function isCopyNeeded(path: string): boolean {
  return !mayWrite(dirname(path)) && !existsSync(`${path}-shm`) && isWithoutLog(path);
}

function isWithoutLog(path: string): boolean {
  return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0;
}

function copyOf(path: string): Buffer {
  const { size } = statSync(path);
  if (size > copiedBytesMax) {
    throw new RepriseError('store-read-only', `the store ${path} is in a folder that cannot be written`, {
      nextStep: 'Copy it to a folder that can be written, and read it there.',
      fields: { path },
    });
  }
  const bytes = readFileSync(path);
  // "Legacy" in place of "WAL" as the format for reading and writing: a copy in memory has no log.
  if (bytes.length > 19 && bytes[18] === 2 && bytes[19] === 2) bytes.fill(1, 18, 20);
  return bytes;
}

function opened<Opened>(open: () => Opened, path: string): Opened {
  try {
    return open();
  } catch (thrown) {
    const isWritable = mayWrite(dirname(path)) && (!existsSync(path) || mayWrite(path));
    if (isWritable || !isOfRights(thrown)) throw thrown;
    throw new RepriseError('store-read-only', `the store ${path} cannot be written`, {
      nextStep: 'Give the process the right to write to the file and its folder, or choose another store.',
      cause: thrown,
      fields: { path },
    });
  }
}

function isOfRights(thrown: unknown): boolean {
  const code: unknown = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^SQLITE_(?:CANTOPEN|READONLY)/.test(code);
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
