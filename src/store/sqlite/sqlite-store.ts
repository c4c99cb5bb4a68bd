// Runs in one SQLite file: many runs, several processes at once.
//   Owns:         transactions, waiting for other processes, owners of runs.
//   Not its job:  how an entry stands in the file (stored-entry.ts), how the file is opened (open-file.ts).
//   Q1. An append is one transaction, and all of it or nothing is there after a crash.
//   Q2. The owner's token is checked inside that transaction; so a process that lost a run never writes to it again.
//   Q3. Nothing waits without giving the event loop back, and nothing that need not wait makes a promise.
import { decodeValue, encodeValue } from '../../base/encode.ts';
import type { Json } from '../../base/encode.ts';
import { RepriseError } from '../../base/error.ts';
import type { Value } from '../../base/value.ts';
import type { Entry, RunEntry } from '../../journal/entry.ts';
import type {
  CancelRequest,
  Claim,
  Label,
  Later,
  Lease,
  Release,
  RunQuery,
  RunStatus,
  RunStore,
  RunSummary,
} from '../../port/store.ts';
import { sortedLabels } from '../labels.ts';
import { committedStep, entryTime, isEnded } from '../progress.ts';
import { leaseLost, runEnded, runExists, runOwned, runUnknown, storeClosed } from '../run-error.ts';
import { limitOf } from '../run-query.ts';
import type { SqliteHandle } from './handle.ts';
import { KnownParts } from './known-parts.ts';
import { openFile } from './open-file.ts';
import { storeSettings } from './options.ts';
import type { SqliteStoreOptions, StoreSettings } from './options.ts';
import { pause } from './pause.ts';
import { rollBack } from './schema.ts';
import { listStatement, readStatements, writeStatements } from './statements.ts';
import type { ReadStatements, WriteStatements } from './statements.ts';
import { isBusy, readOnlyError, storeError } from './store-error.ts';
import { damagedEntry, entryText, storedEntry } from './stored-entry.ts';
import type { EntryPlace } from './stored-entry.ts';

const pauseMsMax = 50;
const readCount = 500;

/**
 * A store of runs in a SQLite file. It is opened at the first use, and made if it does not exist.
 *
 * Durable against the death of the process; `sync: 'full'` against a power cut. Several processes may use one file.
 *
 * @throws RepriseError at the first use: `peer-missing`, `node-too-old`, `store-unreadable`, `store-read-only`,
 *   `store-locked`, `store-version-unknown`
 */
export function sqliteStore(path: string, options: SqliteStoreOptions = {}): RunStore {
  return new SqliteStore(path, storeSettings(path, options));
}

interface OpenFile {
  readonly handle: SqliteHandle;
  readonly read: ReadStatements;
  /** Not there in a store that is opened for reading. */
  readonly write: WriteStatements | undefined;
}

interface OwnerRow {
  readonly number: number;
  readonly token: number;
  readonly status: RunStatus;
  readonly owner: string | null;
  readonly cancel: string | null;
  /** The sequence of the last entry. */
  readonly last: number;
  /** When the claim of its owner is over. */
  readonly expires_at: number | null;
}

interface SummaryRow {
  readonly id: string;
  readonly graph: string;
  readonly status: RunStatus;
  readonly created_at: number;
  readonly wake_at: number | null;
  readonly sequence: number;
  readonly step: number;
  readonly time: number;
}

interface EntryRow {
  readonly sequence: number;
  readonly json: string;
}

interface StoredRow {
  readonly step: number;
  readonly time: number;
  readonly text: string;
}

class SqliteStore implements RunStore {
  readonly isDurable = true;
  readonly #path: string;
  readonly #settings: StoreSettings;
  readonly #known = new KnownParts();
  #file: OpenFile | undefined;
  #isClosed = false;
  /** Until the last write that waits for another process is done: what is asked for later must not overtake it. */
  #waiting: Promise<void> | undefined;

  constructor(path: string, settings: StoreSettings) {
    this.#path = path;
    this.#settings = settings;
  }

  create(run: RunEntry, first: readonly Entry[] = [], claim?: Claim): Later<Lease> {
    const { runId, time } = run.observed;
    checkRunId(runId);
    const { rows, parts } = this.#encoded(runId, [run, ...first]);
    return this.#write((sql) => {
      if (sql.owner.get(runId) !== undefined) throw runExists(runId);
      claimFor(sql, claim);
      const added = sql.addRun.run(runId, run.graph.name, time, claim?.owner ?? null);
      addRows(sql, { number: Number(added.lastInsertRowid), next: 0, rows, parts });
      return { runId, token: 1 };
    });
  }

  take(runId: string, claim?: Claim): Later<Lease> {
    this.#known.forget(runId);
    return this.#write((sql) => {
      const row = this.#owner(sql, runId);
      const { number, token, status } = row;
      if (status === 'done' || status === 'cancelled') throw runEnded(runId, status);
      if (claim !== undefined && isOwnedByAnother(row, claim)) throw runOwned(runId);
      claimFor(sql, claim);
      sql.takeRun.run(claim?.owner ?? null, number);
      return { runId, token: token + 1 };
    });
  }

  append(lease: Lease, entries: readonly Entry[]): Later<CancelRequest | undefined> {
    const { runId } = lease;
    const { rows, parts } = this.#encoded(runId, entries);
    const end = entries.find((entry) => entry.kind === 'end');
    const written = this.#write((sql) => {
      const { number, last, cancel } = this.#owned(sql, lease);
      addRows(sql, { number, next: last + 1, rows, parts });
      if (end !== undefined) sql.endRun.run(end.end.status, null, number);
      return cancel === null ? undefined : cancelRequest(runId, cancel);
    });
    const settle = (cancel: CancelRequest | undefined): CancelRequest | undefined => {
      if (end !== undefined) this.#known.forget(runId);
      else if (parts.size > 0) this.#known.add(runId, parts.keys());
      return cancel;
    };
    return written instanceof Promise ? written.then(settle) : settle(written);
  }

  release(lease: Lease, release: Release = { status: 'interrupted' }): Later<void> {
    this.#known.forget(lease.runId);
    const wakeAt = release.status === 'paused' ? release.wakeAt : undefined;
    return this.#write((sql) => {
      sql.endRun.run(release.status, wakeAt ?? null, this.#owned(sql, lease).number);
    });
  }

  renew(claim: Claim): Later<readonly CancelRequest[]> {
    return this.#write((sql) => {
      claimFor(sql, claim);
      sql.forgetClaims.run(claim.now);
      return this.#cancels(claim.owner);
    });
  }

  cancelRequests(owner: string): Later<readonly CancelRequest[]> {
    return this.#patiently(() => this.#cancels(owner));
  }

  #cancels(owner: string): readonly CancelRequest[] {
    const rows = this.#open().read.cancels.all(owner) as readonly { readonly id: string; readonly cancel: string }[];
    return rows.map(({ id, cancel }) => cancelRequest(id, cancel));
  }

  requestCancel(runId: string, reason: Value): Later<void> {
    const text = JSON.stringify(encodeValue(reason));
    return this.#write((sql) => {
      const { number, status } = this.#owner(sql, runId);
      if (isEnded(status)) throw runEnded(runId, status);
      sql.cancel.run(text, number);
    });
  }

  due(graph: string, now: number, limit: number): Later<readonly RunSummary[]> {
    return this.#patiently(() =>
      this.#open()
        .read.due.all({ graph, now, limit })
        .map((row) => summaryOf(row as SummaryRow)),
    );
  }

  label(runId: string, { step, label }: Label): Later<void> {
    return this.#write((sql) => {
      sql.label.run(this.#owner(sql, runId).number, label, step);
    });
  }

  labels(runId: string): Later<readonly Label[]> {
    return this.#patiently(() =>
      sortedLabels(this.#open().read.labels.all(this.#readable(runId).number) as readonly Label[]),
    );
  }

  async *read(runId: string, from = 0, limit = Number.POSITIVE_INFINITY): AsyncIterable<Entry> {
    const { number, status } = await this.#patiently(() => this.#readable(runId));
    const lookUp = (digest: string): string | undefined =>
      (this.#open().read.part.get(number, digest) as { readonly json: string } | undefined)?.json;
    const place = (sequence: number): EntryPlace => ({ path: this.#path, runId, sequence });
    let sequence = from;
    let last: Entry | undefined;
    const end = from + limit;
    for (let first = from; sequence === first && first < end; first += readCount) {
      const before = Math.min(first + readCount, end);
      const rows = await this.#patiently(() => this.#open().read.entries.all(number, first, before));
      for (const row of rows as readonly EntryRow[]) {
        if (row.sequence !== sequence) throw damagedEntry(place(sequence), 'it is gone');
        last = await this.#patiently(() => storedEntry(row.json, lookUp, place(sequence)));
        yield last;
        sequence += 1;
      }
    }
    // SQLite has no digest of its pages: entries may be missing without its knowing.
    if (sequence === end || (from > 0 && last === undefined)) return;
    if (last === undefined || (isEnded(status) && last.kind !== 'end'))
      throw damagedEntry(place(sequence), 'it is gone');
  }

  find(runId: string): Later<RunSummary | undefined> {
    return this.#patiently(() => {
      const row = this.#open().read.summary.get(runId) as SummaryRow | undefined;
      return row === undefined ? undefined : summaryOf(row);
    });
  }

  list(query: RunQuery): Later<readonly RunSummary[]> {
    const limit = limitOf(query);
    const { graph, status } = query;
    const values = { limit, ...(graph === undefined ? {} : { graph }), ...(status === undefined ? {} : { status }) };
    return this.#patiently(() =>
      listStatement(this.#open().handle, values)
        .all(values)
        .map((row) => summaryOf(row as SummaryRow)),
    );
  }

  close(): void {
    this.#isClosed = true;
    this.#file?.handle.close();
    this.#file = undefined;
  }

  /** Entries as rows, and those of their parts that the file may not have yet. Once, however often the write is tried. */
  #encoded(
    runId: string,
    entries: readonly Entry[],
  ): { readonly rows: readonly StoredRow[]; readonly parts: ReadonlyMap<string, string> } {
    const parts = new Map<string, string>();
    const emit = (digest: string, text: string): void => {
      if (!this.#known.has(runId, digest)) parts.set(digest, text);
    };
    const rows = entries.map((entry) => ({
      step: committedStep(entry),
      time: entryTime(entry),
      text: entryText(entry, emit),
    }));
    return { rows, parts };
  }

  #write<Result>(work: (sql: WriteStatements) => Result): Later<Result> {
    const write = (): Result => {
      const sql = this.#open().write;
      if (sql === undefined) throw readOnlyError(this.#path);
      return inTransaction(sql, work);
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

  /** Does it at once where the file is free, and with a promise where another process is writing. */
  #patiently<Result>(work: () => Result): Later<Result> {
    try {
      return work();
    } catch (thrown) {
      if (isBusy(thrown) && this.#settings.busyMs > 0) return this.#later(work);
      throw storeError(thrown, this.#path);
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
        if (!isBusy(thrown) || waitedMs >= busyMs) throw storeError(thrown, this.#path);
      }
    }
  }

  #readable(runId: string): { readonly number: number; readonly status: RunStatus } {
    const row = this.#open().read.run.get(runId);
    if (row === undefined) throw this.#unknown(runId);
    return row as { readonly number: number; readonly status: RunStatus };
  }

  #owner(sql: WriteStatements, runId: string): OwnerRow {
    const row = sql.owner.get(runId) as OwnerRow | undefined;
    if (row === undefined) throw this.#unknown(runId);
    return row;
  }

  #owned(sql: WriteStatements, lease: Lease): OwnerRow {
    const row = this.#owner(sql, lease.runId);
    if (row.token !== lease.token) throw leaseLost(lease.runId);
    return row;
  }

  #unknown(runId: string): Error {
    return runUnknown(runId, this.#path, `List its runs with \`reprise list --store ${this.#path}\`.`);
  }

  #open(): OpenFile {
    if (this.#isClosed) throw storeClosed(`the store ${this.#path}`);
    if (this.#file !== undefined) return this.#file;
    const handle = openFile(this.#path, this.#settings);
    try {
      const write = this.#settings.mode === 'read' ? undefined : writeStatements(handle);
      this.#file = { handle, read: readStatements(handle), write };
      return this.#file;
    } catch (thrown) {
      handle.close();
      throw thrown;
    }
  }
}

/** SQLite keeps UTF-8, in which all halves of characters are the same: two ids would be one. */
function checkRunId(runId: string): void {
  if (runId.isWellFormed()) return;
  throw new RepriseError('option-invalid', `the run id ${JSON.stringify(runId)} holds half a character`, {
    nextStep: 'Give an id of whole characters.',
    fields: { runId },
  });
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

function addRows(
  sql: WriteStatements,
  added: {
    readonly number: number;
    readonly next: number;
    readonly rows: readonly StoredRow[];
    readonly parts: ReadonlyMap<string, string>;
  },
): void {
  const { number, rows } = added;
  for (const [digest, text] of added.parts) sql.addPart.run(number, digest, text);
  let sequence = added.next;
  for (const { step, time, text } of rows) {
    sql.addEntry.run(number, sequence, step, time, text);
    sequence += 1;
  }
}

function claimFor(sql: WriteStatements, claim: Claim | undefined): void {
  if (claim !== undefined) sql.claim.run(claim.owner, claim.expiresAt);
}

function isOwnedByAnother({ status, owner, expires_at: expiresAt }: OwnerRow, claim: Claim): boolean {
  if (status !== 'running' || owner === null || owner === claim.owner) return false;
  return (expiresAt ?? 0) > claim.now && claim.isGone?.(owner) !== true;
}

function cancelRequest(runId: string, text: string): CancelRequest {
  return { runId, reason: decodeValue(JSON.parse(text) as Json) };
}

function summaryOf(row: SummaryRow): RunSummary {
  return {
    runId: row.id,
    graph: row.graph,
    status: row.status,
    step: row.step,
    entryCount: row.sequence + 1,
    createdAt: row.created_at,
    updatedAt: row.time,
    ...(row.wake_at === null ? {} : { wakeAt: row.wake_at }),
  };
}
