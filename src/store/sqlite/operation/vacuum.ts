// Returns the space of deleted runs to the disk. SQLite's own VACUUM rewrites the whole file and blocks all other
// writers meanwhile; this frees a few pages at a time.
import { statSync } from 'node:fs';
import { RepriseError } from '../../../base/error.ts';
import { trueOrFalse } from '../../../base/options/option-kind.ts';
import { checkOptions, optionShape } from '../../../base/options/option-shape.ts';
import { sweep, turnPauseMs } from './forgetting.ts';
import type { SqliteHandle } from '../file/handle.ts';
import { pause } from '../../row/pause.ts';
import { readOnlyError } from '../file/store-error.ts';
import type { OpenFile, StoreFile } from '../file/store-file.ts';

/** How many pages to free before other writers get a turn: a few milliseconds' work. */
const pagesPerTurn = 200;
const incremental = 2;

/**
 * Only needed for a file that was created by a release that could not vacuum. Without it such a file is refused with
 * `store-rewrite-needed`.
 */
export interface VacuumOptions {
  /**
   * Rewrites the whole file if it was created before space could be returned in steps. Until it is done, no other
   * process can write, and the disk needs room for a second file. Once is enough.
   */
  readonly rewrite?: boolean;
}

export const vacuumOptions = optionShape<VacuumOptions>('store.vacuum', { rewrite: trueOrFalse });

/** What a vacuum gave back to the disk, and what the store still takes. All sizes are in bytes. */
export interface VacuumResult {
  /** How much smaller the file is. */
  readonly freedBytes: number;
  readonly fileBytes: number;
  /** The size of the write-ahead log. It stays above 0 while another process is reading. */
  readonly logBytes: number;
}

/** @throws RepriseError `option-invalid`, `store-rewrite-needed` */
export async function vacuum(file: StoreFile, options: VacuumOptions): Promise<VacuumResult> {
  checkOptions(vacuumOptions, options);
  const { rewrite = false } = options;
  const before = await withHandle(file, (handle) => checked(handle, file.path, rewrite));
  await sweep(file);
  if (before.isRewritten) {
    await withHandle(file, (handle) => {
      handle.pragma(`auto_vacuum = ${incremental}`);
      handle.exec('VACUUM');
    });
  }
  while (await file.write((_sql, { handle }) => vacuumTurn(handle))) await pause(turnPauseMs);
  // PASSIVE blocks no writer, so it goes first; that leaves little for TRUNCATE, which does.
  await withHandle(file, (handle) => handle.pragma('wal_checkpoint(PASSIVE)'));
  await withHandle(file, (handle) => handle.pragma('wal_checkpoint(TRUNCATE)'));
  const fileBytes = sizeOf(file.path);
  return { freedBytes: before.bytes - fileBytes, fileBytes, logBytes: sizeOf(`${file.path}-wal`) };
}

function withHandle<Result>(file: StoreFile, work: (handle: SqliteHandle) => Result): Promise<Result> | Result {
  return file.read(({ handle, write }: OpenFile) => {
    if (write === undefined) throw readOnlyError(file.path);
    return work(handle);
  });
}

function checked(handle: SqliteHandle, path: string, rewrite: boolean): { bytes: number; isRewritten: boolean } {
  const bytes = numberOf(handle, 'page_count') * numberOf(handle, 'page_size');
  if (numberOf(handle, 'auto_vacuum') === incremental) return { bytes, isRewritten: false };
  if (rewrite) return { bytes, isRewritten: true };
  throw new RepriseError('store-rewrite-needed', `the store ${path} was created by a release that could not vacuum`, {
    nextStep: 'Call vacuum({ rewrite: true }) once, while nothing else writes and the disk has room for a second file.',
    fields: { path },
  });
}

/** Whether there are more pages to free. */
function vacuumTurn(handle: SqliteHandle): boolean {
  const before = numberOf(handle, 'freelist_count');
  if (before === 0) return false;
  handle.pragma(`incremental_vacuum(${pagesPerTurn})`);
  const after = numberOf(handle, 'freelist_count');
  return after > 0 && after < before;
}

function numberOf(handle: SqliteHandle, pragma: string): number {
  return Number(handle.pragma(pragma, { simple: true }));
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
