// Gives room that deleted runs have left back to the disk. SQLite's own VACUUM writes the whole file anew, and nobody else
// writes meanwhile; here pages are given back a few at a time.
import { statSync } from 'node:fs';
import { RepriseError } from '../../base/error.ts';
import { trueOrFalse } from '../../base/options/option-kind.ts';
import { checkOptions, optionShape } from '../../base/options/option-shape.ts';
import { sweep, turnPauseMs } from './forgetting.ts';
import type { SqliteHandle } from './handle.ts';
import { pause } from './pause.ts';
import { readOnlyError } from './store-error.ts';
import type { OpenFile, StoreFile } from './store-file.ts';

/** How many pages are given back before others get their turn: a few milliseconds' work. */
const pagesPerTurn = 200;
const incremental = 2;

export interface VacuumOptions {
  /**
   * Rewrites the whole file, if it was created before space could be returned in steps. Meanwhile no other process can
   * write, and the disk needs room for a second file. Once is enough.
   */
  readonly rewrite?: boolean;
}

export const vacuumOptions = optionShape<VacuumOptions>('store.vacuum', { rewrite: trueOrFalse });

export interface VacuumResult {
  /** By how much the file is smaller. */
  readonly freedBytes: number;
  readonly fileBytes: number;
  /** What is left of the log beside the file: not 0 while somebody is reading. */
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
  // First what can be done without keeping anybody from writing, then the little that is left.
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
  throw new RepriseError('store-rewrite-needed', `the store ${path} was made when room was not given back in steps`, {
    nextStep: 'Call vacuum({ rewrite: true }) once, when nobody has to write and the disk has room for a second file.',
    fields: { path },
  });
}

/** Whether there is more to give back. */
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
