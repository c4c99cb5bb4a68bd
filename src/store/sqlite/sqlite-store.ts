// Runs in one SQLite file: many runs, several processes at once. An append is one transaction, checked against the
// owner's token inside of it; so a process that lost a run can never write to it.
import { existsSync } from 'node:fs';
import { RepriseError } from '../../base/error.ts';
import { MalformedValue } from '../../base/encode.ts';
import type { Json } from '../../base/encode.ts';
import { nearestName } from '../../base/nearest-name.ts';
import { decodeEntry, encodeEntry } from '../../journal/entry-codec.ts';
import type { Entry, RunEntry } from '../../journal/entry.ts';
import type { Later, Lease, RunQuery, RunStatus, RunStore, RunSummary } from '../../port/store.ts';
import { loadSqlite } from './handle.ts';
import type { SqliteHandle, Statement } from './handle.ts';
import { pause } from './pause.ts';
import { checkSchema, migrate, schemaVersion } from './schema.ts';
import { isBusy, storeError } from './store-error.ts';

export interface SqliteStoreOptions {
  /**
   * What a commit survives: `normal` (the default) the death of the process, `full` a power cut as well, at about a
   * tenth of the speed.
   */
  readonly sync?: 'normal' | 'full';
  /** `read`: nothing is written, and a read-only file will do. */
  readonly mode?: 'write' | 'read';
  /** How long to wait for another process's write, in milliseconds; 10,000 by default. Beyond: `store-locked`. */
  readonly busyMs?: number;
}

const busyMsDefault = 10_000;
const pauseMsMax = 50;
const readBatch = 500;

/**
 * A store of runs in a SQLite file. It is opened at the first use, and made if it does not exist.
 *
 * Durable against the death of the process; `sync: 'full'` against a power cut. Several processes may use one file.
 *
 * @throws RepriseError at the first use: `peer-missing`, `node-too-old`, `store-unreadable`, `store-read-only`,
 *   `store-locked`, `store-version-unknown`
 */
export function sqliteStore(path: string, options: SqliteStoreOptions = {}): RunStore {
  checkOptions(path, options);
  return new SqliteStore(path, options);
}

interface Statements {
  readonly begin: Statement;
  readonly commit: Statement;
  readonly rollback: Statement;
  readonly find: Statement;
  readonly insertRun: Statement;
  readonly insertEntry: Statement;
  readonly advance: Statement;
  readonly take: Statement;
  readonly read: Statement;
}

interface RunRow {
  readonly number: number;
  readonly id: string;
  readonly graph: string;
  readonly status: RunStatus;
  readonly step: number;
  readonly entries: number;
  readonly token: number;
  readonly created_at: number;
  readonly updated_at: number;
}

class SqliteStore implements RunStore {
  readonly isDurable = true;
  readonly #path: string;
  readonly #options: SqliteStoreOptions;
  #handle: SqliteHandle | undefined;
  #statements: Statements | undefined;
  #isClosed = false;

  constructor(path: string, options: SqliteStoreOptions) {
    this.#path = path;
    this.#options = options;
  }

  create(run: RunEntry): Later<Lease> {
    return this.#write((sql) => {
      const { runId, time } = run.observed;
      if (sql.find.get(runId) !== undefined) throw existsError(runId);
      sql.insertRun.run(runId, run.graph.name, time, time);
      const { number } = sql.find.get(runId) as RunRow;
      sql.insertEntry.run(number, 0, JSON.stringify(encodeEntry(run)));
      return { runId, token: 1 };
    });
  }

  take(runId: string): Later<Lease> {
    return this.#write((sql) => {
      const row = this.#row(sql, runId);
      sql.take.run('running', row.number);
      return { runId, token: row.token + 1 };
    });
  }

  append(lease: Lease, entries: readonly Entry[]): Later<void> {
    const encoded = entries.map((entry) => JSON.stringify(encodeEntry(entry)));
    return this.#write((sql) => {
      const row = this.#owned(sql, lease);
      for (const [index, json] of encoded.entries()) sql.insertEntry.run(row.number, row.entries + index, json);
      const { status, step, time } = progressOf(entries, row);
      sql.advance.run(status, step, row.entries + encoded.length, time, row.number);
    });
  }

  release(lease: Lease): Later<void> {
    return this.#write((sql) => {
      sql.take.run('interrupted', this.#owned(sql, lease).number);
    });
  }

  async *read(runId: string): AsyncIterable<Entry> {
    const { number } = this.#guarded(() => this.#row(this.#open(), runId));
    for (let next = 0; ; next += readBatch) {
      const rows = this.#guarded(() => this.#open().read.all(number, next, next + readBatch)) as {
        readonly json: string;
      }[];
      for (const [index, row] of rows.entries()) yield this.#decode(row.json, runId, next + index);
      if (rows.length < readBatch) return;
    }
  }

  find(runId: string): RunSummary | undefined {
    const row = this.#guarded(() => this.#open().find.get(runId)) as RunRow | undefined;
    return row === undefined ? undefined : summaryOf(row);
  }

  list({ graph, status, limit = 100 }: RunQuery): readonly RunSummary[] {
    const conditions = [
      ...(graph === undefined ? [] : ['graph = @graph']),
      ...(status === undefined ? [] : ['status = @status']),
    ];
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    return this.#guarded(() => {
      this.#open();
      const select = (this.#handle as SqliteHandle).prepare(
        `SELECT * FROM run ${where} ORDER BY number DESC LIMIT @limit`,
      );
      return select
        .all({ limit, ...(graph === undefined ? {} : { graph }), ...(status === undefined ? {} : { status }) })
        .map((row) => summaryOf(row as RunRow));
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#handle?.close();
    this.#handle = undefined;
    this.#statements = undefined;
  }

  #decode(json: string, runId: string, sequence: number): Entry {
    try {
      return decodeEntry(JSON.parse(json) as Json);
    } catch (cause) {
      if (!(cause instanceof MalformedValue) && !(cause instanceof SyntaxError)) throw cause;
      throw new RepriseError(
        'store-unreadable',
        `entry ${sequence} of run "${runId}" in ${this.#path} is damaged: ${cause.message}`,
        {
          nextStep: 'Other runs of the file can still be read.',
          cause,
          fields: { path: this.#path, runId, sequence },
        },
      );
    }
  }

  /** At once where the file is free; with a promise where another process is writing. */
  #write<Result>(work: (sql: Statements) => Result): Later<Result> {
    if (this.#options.mode === 'read') throw readOnlyError(this.#path);
    try {
      return this.#transaction(work);
    } catch (thrown) {
      if (!isBusy(thrown)) throw storeError(thrown, this.#path);
      return this.#writeLater(work, thrown);
    }
  }

  async #writeLater<Result>(work: (sql: Statements) => Result, first: unknown): Promise<Result> {
    let last = first;
    let waitedMs = 0;
    for (
      let pauseMs = 1;
      waitedMs < (this.#options.busyMs ?? busyMsDefault);
      pauseMs = Math.min(pauseMs * 2, pauseMsMax)
    ) {
      await pause(pauseMs);
      waitedMs += pauseMs;
      try {
        return this.#transaction(work);
      } catch (thrown) {
        if (!isBusy(thrown)) throw storeError(thrown, this.#path);
        last = thrown;
      }
    }
    throw storeError(last, this.#path);
  }

  #transaction<Result>(work: (sql: Statements) => Result): Result {
    const sql = this.#open();
    sql.begin.run();
    try {
      const result = work(sql);
      sql.commit.run();
      return result;
    } catch (thrown) {
      // A full disk rolls back by itself; a second rollback would hide why.
      try {
        sql.rollback.run();
      } catch (rollback) {
        if (!/no transaction is active/.test(String(rollback))) throw rollback;
      }
      throw thrown;
    }
  }

  #guarded<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (thrown) {
      throw storeError(thrown, this.#path);
    }
  }

  #row(sql: Statements, runId: string): RunRow {
    const row = sql.find.get(runId) as RunRow | undefined;
    if (row !== undefined) return row;
    throw new RepriseError('run-unknown', `there is no run "${runId}" in ${this.#path}`, {
      nextStep: `List its runs with \`reprise list --store ${this.#path}\`.`,
      fields: { runId },
    });
  }

  #owned(sql: Statements, lease: Lease): RunRow {
    const row = this.#row(sql, lease.runId);
    if (row.token === lease.token) return row;
    throw new RepriseError('lease-lost', `run "${lease.runId}" has another owner now`, {
      nextStep: 'Let that one go on: this one has written nothing since.',
      fields: { runId: lease.runId },
    });
  }

  #open(): Statements {
    if (this.#isClosed)
      throw new RepriseError('store-closed', `the store ${this.#path} is closed`, { nextStep: 'Open it again.' });
    if (this.#statements !== undefined) return this.#statements;
    const isRead = this.#options.mode === 'read';
    if (isRead && !existsSync(this.#path)) {
      throw new RepriseError('store-unreadable', `there is no store ${this.#path}`, {
        nextStep: 'Check the path given by --store or by the config.',
      });
    }
    const Sqlite = loadSqlite();
    const handle = openHandle(
      () => new Sqlite(this.#path, { readonly: isRead, fileMustExist: isRead, timeout: 0 }),
      this.#path,
    );
    try {
      this.#prepareFile(handle, isRead);
      this.#statements = statementsOf(handle, isRead);
    } catch (thrown) {
      handle.close();
      throw thrown;
    }
    this.#handle = handle;
    return this.#statements;
  }

  #prepareFile(handle: SqliteHandle, isRead: boolean): void {
    const { version } = checkSchema(handle, this.#path);
    if (isRead) {
      if (version === 0)
        throw new RepriseError('store-unreadable', `the store ${this.#path} is empty`, { nextStep: 'Check the path.' });
      return;
    }
    handle.pragma('journal_mode = WAL');
    handle.pragma(`synchronous = ${this.#options.sync === 'full' ? 'FULL' : 'NORMAL'}`);
    if (version < schemaVersion) migrate(handle, this.#path);
  }
}

function openHandle(open: () => SqliteHandle, path: string): SqliteHandle {
  try {
    return open();
  } catch (thrown) {
    // A folder that does not exist is a TypeError of better-sqlite3, without a code.
    if (thrown instanceof TypeError) {
      throw new RepriseError('store-unreadable', `the store ${path} cannot be opened: ${thrown.message}`, {
        nextStep: 'Make its folder first.',
        cause: thrown,
      });
    }
    throw thrown;
  }
}

function statementsOf(handle: SqliteHandle, isRead: boolean): Statements {
  const prepare = (sql: string): Statement => handle.prepare(sql);
  const find = prepare('SELECT * FROM run WHERE id = ?');
  const read = prepare('SELECT json FROM entry WHERE run = ? AND sequence >= ? AND sequence < ? ORDER BY sequence');
  if (isRead)
    return {
      begin: find,
      commit: find,
      rollback: find,
      insertRun: find,
      insertEntry: find,
      advance: find,
      take: find,
      find,
      read,
    };
  return {
    begin: prepare('BEGIN IMMEDIATE'),
    commit: prepare('COMMIT'),
    rollback: prepare('ROLLBACK'),
    find,
    insertRun: prepare(
      "INSERT INTO run (id, graph, status, step, entries, token, created_at, updated_at) VALUES (?, ?, 'running', 0, 1, 1, ?, ?)",
    ),
    insertEntry: prepare('INSERT INTO entry (run, sequence, json) VALUES (?, ?, ?)'),
    advance: prepare('UPDATE run SET status = ?, step = ?, entries = ?, updated_at = ? WHERE number = ?'),
    take: prepare('UPDATE run SET status = ?, token = token + 1 WHERE number = ?'),
    read,
  };
}

function progressOf(
  entries: readonly Entry[],
  row: RunRow,
): { readonly status: RunStatus; readonly step: number; readonly time: number } {
  let { status, step, updated_at: time } = row;
  for (const entry of entries) {
    if (entry.kind === 'commit' && !entry.at.includes('/')) {
      step = Number(entry.at);
      time = entry.observed.time;
    } else if (entry.kind === 'end') {
      status = entry.end.status;
      time = entry.observed.time;
    }
  }
  return { status, step, time };
}

function summaryOf(row: RunRow): RunSummary {
  return {
    runId: row.id,
    graph: row.graph,
    status: row.status,
    step: row.step,
    entryCount: row.entries,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function existsError(runId: string): RepriseError {
  return new RepriseError('run-exists', `there is a run "${runId}" already`, {
    nextStep: "Choose another run id, or pass onExisting: 'attach' to get its result.",
    fields: { runId },
  });
}

function readOnlyError(path: string): RepriseError {
  return new RepriseError('store-read-only', `the store ${path} was opened for reading`, {
    nextStep: "Open it without mode: 'read'.",
  });
}

function checkOptions(path: string, options: SqliteStoreOptions): void {
  const invalid = (what: string, nextStep: string): RepriseError =>
    new RepriseError('option-invalid', what, { nextStep });
  if (typeof path !== 'string' || path === '')
    throw invalid('sqliteStore needs the path of a file', 'Give one: sqliteStore("runs.db").');
  const known = ['sync', 'mode', 'busyMs'];
  for (const key of Object.keys(options)) {
    if (!known.includes(key))
      throw invalid(
        `sqliteStore has no option "${key}"`,
        `Did you mean "${nearestName(key, known) ?? known.join('", "')}"?`,
      );
  }
  if (options.sync !== undefined && options.sync !== 'normal' && options.sync !== 'full')
    throw invalid('option "sync" is unknown', 'Give "normal" or "full".');
  if (options.mode !== undefined && options.mode !== 'write' && options.mode !== 'read')
    throw invalid('option "mode" is unknown', 'Give "write" or "read".');
  if (options.busyMs !== undefined && !(options.busyMs >= 0))
    throw invalid('option "busyMs" is no time', 'Give milliseconds, 0 or more.');
}
