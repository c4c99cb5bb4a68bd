// The file of a store: opened at its first use, written in transactions, waited for where another process is writing.
//   Owns:         the handle, transactions, waiting.
//   Not its job:  what is read and written, and how the file is opened (open-file.ts).
//   F1. Nothing waits without giving the event loop back, and nothing that need not wait makes a promise.
//   F2. Writes happen in the order in which they were asked for.
import type { Later } from '../../port/store.ts';
import { storeClosed } from '../run-error.ts';
import { openFile } from './open-file.ts';
import type { OpenedFile } from './open-file.ts';
import type { StoreSettings } from './options.ts';
import { pause } from './pause.ts';
import { rollBack } from './schema.ts';
import { readStatements, writeStatements } from './statements.ts';
import type { ReadStatements, WriteStatements } from './statements.ts';
import { isBusy, readOnlyError, storeError } from './store-error.ts';

const pauseMsMax = 50;

export interface OpenFile extends OpenedFile {
  readonly read: ReadStatements;
  /** Not there in a store that is opened for reading. */
  readonly write: WriteStatements | undefined;
}

export class StoreFile {
  readonly path: string;
  readonly #settings: StoreSettings;
  #file: OpenFile | undefined;
  #isClosed = false;
  /** Until the last write that waits for another process is done: what is asked for later must not overtake it. */
  #waiting: Promise<void> | undefined;

  constructor(path: string, settings: StoreSettings) {
    this.path = path;
    this.#settings = settings;
  }

  /** @throws RepriseError `store-closed` */
  open(): OpenFile {
    if (this.#isClosed) throw storeClosed(`the store ${this.path}`);
    if (this.#file !== undefined) return this.#file;
    const opened = openFile(this.path, this.#settings);
    const { handle } = opened;
    try {
      const write = this.#settings.mode === 'read' ? undefined : writeStatements(handle);
      this.#file = { ...opened, read: readStatements(handle), write };
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

  /** Does it at once where the file is free, and with a promise where another process is writing. */
  read<Result>(work: (file: OpenFile) => Result): Later<Result> {
    return this.#patiently(() => work(this.open()));
  }

  /** In one transaction. */
  write<Result>(work: (sql: WriteStatements, file: OpenFile) => Result): Later<Result> {
    return this.writePrepared(
      () => undefined,
      (sql, _prepared, file) => work(sql, file),
    );
  }

  /** The same; `prepare` is done before the file is locked, and once, however often the write is tried. */
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
