// Opens the file of a store: for writing, for reading, or for reading where nothing at all may be written.
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { RepriseError } from '../../../base/error.ts';
import type { StoreCodec, TextCodec } from '../../row/codec.ts';
import { fileCodec, oldFileCodec } from './file-codec.ts';
import { loadSqlite } from './handle.ts';
import type { SqliteHandle } from './handle.ts';
import type { StoreSettings } from '../options.ts';
import { checkReadable, checkSchemaAtOnce, codecVersion, migrate, schemaVersion } from './schema.ts';

/** In a read-only folder SQLite can open only a copy in memory. A larger file has to be copied by hand. */
const copiedBytesMax = 1024 * 1024 * 1024;

/** For every handle: better-sqlite3's own wait would block the event loop the whole time. */
const noWait = { timeout: 0 } as const;

export interface OpenedFile {
  readonly handle: SqliteHandle;
  readonly codec: TextCodec;
  /** The version of its schema: an older one if the file is only read. */
  readonly version: number;
}

/**
 * Opens the file and checks its schema; for writing, it also brings the schema up to date.
 *
 * @throws RepriseError; also SQLite's own errors, which the caller turns into coded ones
 */
export function openFile(path: string, settings: StoreSettings): OpenedFile {
  if (settings.mode === 'read') return openToRead(path, settings.codec);
  const Sqlite = loadSqlite(process.versions.node);
  if (!existsSync(dirname(path))) {
    throw new RepriseError('store-unreadable', `the folder of the store ${path} does not exist`, {
      nextStep: 'Create the folder first, or choose another file.',
      fields: { path },
    });
  }
  const handle = opened(() => new Sqlite(path, { ...noWait, readonly: false, fileMustExist: false }), path);
  // SQLite opens a file even if it may not write to it, and fails only at the first statement.
  const prepare = (): Omit<OpenedFile, 'handle'> => ({
    codec: prepared(handle, path, settings),
    version: schemaVersion,
  });
  return opened(() => checked(handle, prepare), path);
}

function prepared(handle: SqliteHandle, path: string, settings: StoreSettings): TextCodec {
  const { version, isNew } = checkSchemaAtOnce(handle, path);
  // Lets `vacuum` return space in small steps. It has no effect once the first table exists.
  if (isNew) handle.pragma('auto_vacuum = INCREMENTAL');
  handle.pragma('journal_mode = WAL');
  handle.pragma(`synchronous = ${settings.sync === 'full' ? 'FULL' : 'NORMAL'}`);
  // Overwrites deleted content if its page is written anyway; whole pages go with the next `vacuum`.
  handle.pragma('secure_delete = FAST');
  if (version < schemaVersion) migrate(handle, path, settings.codec);
  return fileCodec(handle, path, settings.codec);
}

function openToRead(path: string, codec: StoreCodec | undefined): OpenedFile {
  if (!existsSync(path)) {
    throw new RepriseError('store-unreadable', `the store ${path} does not exist`, {
      nextStep: 'Check the path in --store or in the config.',
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
      return { version, codec: version < codecVersion ? oldFileCodec(path, codec) : fileCodec(handle, path, codec) };
    }
    throw new RepriseError('store-unreadable', `the store ${path} is empty`, {
      nextStep: 'Check the path in --store or in the config.',
      fields: { path },
    });
  });
}

function checked(handle: SqliteHandle, check: () => Omit<OpenedFile, 'handle'>): OpenedFile {
  try {
    return { handle, ...check() };
  } catch (thrown) {
    handle.close();
    throw thrown;
  }
}

/** SQLite reads a WAL-mode file only if it may create a file beside it. Where no process can write, a copy will do. */
function isCopyNeeded(path: string): boolean {
  return !mayWrite(dirname(path)) && !existsSync(`${path}-shm`) && isWithoutLog(path);
}

function isWithoutLog(path: string): boolean {
  return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0;
}

function copyOf(path: string): Buffer {
  const { size } = statSync(path);
  if (size > copiedBytesMax) {
    throw new RepriseError('store-read-only', `the store ${path} is in a read-only folder`, {
      nextStep: 'Copy it to a writable folder, and read it there.',
      fields: { path },
    });
  }
  const bytes = readFileSync(path);
  // Sets the format for reading and writing from "WAL" to "legacy": a copy in memory has no log.
  if (bytes.length > 19 && bytes[18] === 2 && bytes[19] === 2) bytes.fill(1, 18, 20);
  return bytes;
}

function opened<Opened>(open: () => Opened, path: string): Opened {
  try {
    return open();
  } catch (thrown) {
    const isWritable = mayWrite(dirname(path)) && (!existsSync(path) || mayWrite(path));
    if (isWritable || !isPermissionError(thrown)) throw thrown;
    throw new RepriseError('store-read-only', `the store ${path} is not writable`, {
      nextStep: 'Give the process write permission for the file and its folder, or choose another store.',
      cause: thrown,
      fields: { path },
    });
  }
}

function isPermissionError(thrown: unknown): boolean {
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
