// The file of a store. It is opened on first use and written in transactions, which wait while another process writes.
//   Owns:         the handle, transactions, waiting.
//   Not its job:  what is read and written; how the file is opened (open-file.ts).
//   F1. Waiting never blocks the event loop, and work that need not wait never creates a promise.
//   F2. Writes happen in the order they were requested.
import type { Later } from '../../../port/store.ts';
import { storeClosed } from '../../run-error.ts';
import { openFile } from './open-file.ts';
import type { OpenedFile } from './open-file.ts';
import type { StoreSettings } from '../options.ts';
import { pause } from '../../row/pause.ts';
import { rollBack } from './schema.ts';
import { readStatements, writeStatements } from './statements.ts';
import type { ReadStatements, WriteStatements } from './statements.ts';
import { isBusy, readOnlyError, storeError } from './store-error.ts';

const pauseMsMax = 50;

export interface OpenFile extends OpenedFile {
  readonly read: ReadStatements;
  /** Undefined in a store opened for reading. */
  readonly write: WriteStatements | undefined;
}

export class StoreFile {
  readonly path: string;
  readonly #settings: StoreSettings;
  #file: OpenFile | undefined;
  #isClosed = false;
  /** Settles when the last write that waits for another process is done. Later writes queue after it (F2). */
  #waiting: Promise<void> | undefined;

  constructor(path: string, settings: StoreSettings) {
    this.path = path;
    this.#settings = settings;
  }

  /** By which claims hold and runs are due. */
  now(): number {
    return this.#settings.now();
  }

  get isReadOnly(): boolean {
    return this.#settings.mode === 'read';
  }

  /** @throws RepriseError `store-closed` */
  open(): OpenFile {
    if (this.#isClosed) throw storeClosed(`the store ${this.path}`);
    if (this.#file !== undefined) return this.#file;
    const opened = openFile(this.path, this.#settings);
    const { handle, version } = opened;
    try {
      const write = this.#settings.mode === 'read' ? undefined : writeStatements(handle);
      this.#file = { ...opened, read: readStatements(handle, version), write };
      return this.#file;
    } catch (thrown) {
      handle.close();
      throw thrown;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#file?.handle.close();
    this.#file = undefined;
  }

  /** Synchronous if the file is free; returns a promise if another process is writing. */
  read<Result>(work: (file: OpenFile) => Result): Later<Result> {
    return this.#patiently(() => work(this.open()));
  }

  /** Runs `work` in one transaction. */
  write<Result>(work: (sql: WriteStatements, file: OpenFile) => Result): Later<Result> {
    return this.writePrepared(
      () => undefined,
      (sql, _prepared, file) => work(sql, file),
    );
  }

  /** Like `write`, but `prepare` runs before the file is locked, and only once, however often the write is retried. */
  writePrepared<Prepared, Result>(
    prepare: (file: OpenFile) => Prepared,
    work: (sql: WriteStatements, prepared: Prepared, file: OpenFile) => Result,
  ): Later<Result> {
    let prepared: { readonly value: Prepared } | undefined;
    const write = (): Result => {
      const file = this.open();
      if (file.write === undefined) throw readOnlyError(this.path);
      prepared ??= { value: prepare(file) };
      return inTransaction(file.write, (sql) => work(sql, (prepared as { readonly value: Prepared }).value, file));
    };
    const written =
      this.#waiting === undefined ? this.#patiently(write) : this.#waiting.then(() => this.#patiently(write));
    if (written instanceof Promise) this.#wait(written);
    return written;
  }

  #wait(written: Promise<unknown>): void {
    const waiting = written
      .catch(() => undefined)
      .then(() => {
        if (this.#waiting === waiting) this.#waiting = undefined;
      });
    this.#waiting = waiting;
  }

  #patiently<Result>(work: () => Result): Later<Result> {
    try {
      return work();
    } catch (thrown) {
      if (isBusy(thrown) && this.#settings.busyMs > 0) return this.#later(work);
      throw storeError(thrown, this.path);
    }
  }

  async #later<Result>(work: () => Result): Promise<Result> {
    const { busyMs } = this.#settings;
    let waitedMs = 0;
    for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, pauseMsMax, busyMs - waitedMs)) {
      await pause(pauseMs);
      waitedMs += pauseMs;
      try {
        return work();
      } catch (thrown) {
        if (!isBusy(thrown) || waitedMs >= busyMs) throw storeError(thrown, this.path);
      }
    }
  }
}

function inTransaction<Result>(sql: WriteStatements, work: (sql: WriteStatements) => Result): Result {
  sql.begin.run();
  try {
    const result = work(sql);
    sql.commit.run();
    return result;
  } catch (thrown) {
    rollBack(() => sql.rollback.run());
    throw thrown;
  }
}
