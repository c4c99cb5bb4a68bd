// Keeps many runs in one SQLite file that several processes may use at once.
//   Owns:         what each operation reads and writes; those that are more than one transaction stand in operation/.
//   Not its job:  transactions and waiting (file/store-file.ts), the encoding of entries (row/).
//   Q1. An append is one transaction: after a crash, either all of it is there or none of it.
//   Q2. The owner's token is checked inside that transaction, so a process that lost a run never writes to it again.
import { encodeValue } from '../../base/encode.ts';
import { RepriseError } from '../../base/error.ts';
import { noOptions } from '../../base/options/option-shape.ts';
import type { Value } from '../../base/value.ts';
import type { RunCheckpoint } from '../../journal/run/checkpoint.ts';
import type { Entry, RunEntry } from '../../journal/entry.ts';
import type {
  CancelRequest,
  Claim,
  ClaimedRun,
  DueQuery,
  Label,
  Later,
  Lease,
  PlacedCheckpoint,
  PlacedChunks,
  PrunableStore,
  PruneQuery,
  Queue,
  Release,
  RunQuery,
  RunSummary,
  SharedJournal,
} from '../../port/store.ts';
import { isTooFarAhead, takenFrom } from '../claims.ts';
import { sortedLabels } from '../labels.ts';
import { fingerprintOf, isEnded } from '../progress.ts';
import { pruneSettings } from '../prune-query.ts';
import { runEnded, runExists, runOwned } from '../run-error.ts';
import { limitOf } from '../run-query.ts';
import type { Inbox, Message } from '../../port/inbox.ts';
import type { Errands } from '../../port/errands.ts';
import type { Recordings } from '../../port/recordings.ts';
import type { Workers } from '../../port/workers.ts';
import { appendEntries, forgetRun } from './operation/append.ts';
import type { WrittenRuns } from './operation/append.ts';
import { cancelRequests, isReadable, requestedCancel } from './operation/cancels.ts';
import { claimDueRuns, dueRuns } from './operation/due.ts';
import { foundOwner, foundRun, ownedRun, unknownRun } from './operation/found-run.ts';
import { addParts, addRows, addRun, claimFor, openFor } from './row/adding.ts';
import { forkRun } from './operation/forking.ts';
import { addMessage, inboxOf, messageText, restInbox } from './operation/inbox.ts';
import { fileErrands } from './operation/errands.ts';
import { deleteRun, prune, sweep } from './operation/forgetting.ts';
import { CheckpointSizes } from '../row/checkpoint-sizes.ts';
import { columnSum, isIntact, placedSum } from '../row/checksum.ts';
import { KnownParts } from '../row/known-parts.ts';
import { storeSettings } from './options.ts';
import type { SqliteStoreOptions } from './options.ts';
import { readJournal } from './operation/read-journal.ts';
import { fileRecordings } from './operation/recordings.ts';
import { claimOf, isOwnedByAnother, listedSummaryOf, summaryOf } from './row/rows.ts';
import type { CheckpointRow } from '../row/stored-entry.ts';
import type { SummaryRow } from './row/rows.ts';
import { listStatement } from './file/statements.ts';
import type { WriteStatements } from './file/statements.ts';
import { StoreFile } from './file/store-file.ts';
import { WriteGroup } from './file/write-group.ts';
import { damagedLabel, damagedMessage } from './file/store-error.ts';
import { leftAloneBy } from '../driving.ts';
import { StoredBatch } from '../row/stored-batch.ts';
import { isMalformed, storedCheckpoint } from '../row/stored-entry.ts';
import { vacuum } from './operation/vacuum.ts';
import { fileWorkers } from './operation/workers.ts';
import type { VacuumOptions, VacuumResult } from './operation/vacuum.ts';

/** A store of runs in a SQLite file. */
export interface SqliteStore extends PrunableStore {
  delete(runId: string): Promise<void>;
  prune(query: PruneQuery): Promise<readonly RunSummary[]>;
  /**
   * Returns the space of deleted runs to the disk, in small steps that let others write in between.
   *
   * @throws RepriseError `store-rewrite-needed` for a file created by a release that could not do this
   */
  vacuum(options?: VacuumOptions): Promise<VacuumResult>;
  /**
   * What SQLite finds wrong with the file itself, such as an index that lacks a row, so that a run that is due is never
   * found; empty if nothing is. Reads the whole file. What it holds about runs is checked whenever it is read.
   */
  check(): Later<readonly string[]>;
}

/**
 * A store of runs in a SQLite file. The file is opened on first use, and created if it does not exist.
 *
 * Commits survive the death of the process; with `sync: 'full'` they survive a power cut too. Several processes may
 * share one file.
 *
 * @throws RepriseError on first use: `peer-missing`, `node-too-old`, `store-unreadable`, `store-read-only`,
 *   `store-locked`, `store-version-unknown`, `store-other-codec`
 */
export function sqliteStore(path: string, options: SqliteStoreOptions = noOptions): SqliteStore {
  const settings = storeSettings(path, options);
  return new FileStore(new StoreFile(path, settings), new CheckpointSizes(settings.checkpointLength));
}

class FileStore implements SqliteStore {
  readonly isDurable = true;
  readonly recordings: Recordings;
  readonly workers: Workers;
  readonly errands: Errands;
  readonly #file: StoreFile;
  readonly #runs: WrittenRuns;

  constructor(file: StoreFile, sizes: CheckpointSizes) {
    this.#file = file;
    this.#runs = { known: new KnownParts(), sizes, reached: new Map(), group: new WriteGroup(file) };
    this.recordings = fileRecordings(file);
    this.workers = fileWorkers(file);
    this.errands = fileErrands(file);
  }

  time(): number {
    return this.#file.now();
  }

  create(run: RunEntry, first: readonly Entry[] = [], owner?: Claim | Queue): Later<Lease> {
    const { runId } = run.observed;
    checkRunId(runId);
    const entries = [run, ...first];
    const claim = owner !== undefined && 'owner' in owner ? owner : undefined;
    const queue = owner !== undefined && 'status' in owner ? owner : undefined;
    return this.#file.writePrepared(
      ({ codec }) => {
        // An earlier run with this id may have been deleted, and its parts with it.
        forgetRun(this.#runs, runId);
        const batch = new StoredBatch({ runId, entries, known: this.#runs.known });
        return { batch, parts: batch.slice(codec, 'all') };
      },
      (sql, { batch, parts }) => {
        if (sql.owner.get(runId) !== undefined) throw runExists(runId);
        const { number, token } = addRun(sql, run, {
          claim,
          queue,
          now: this.#file.now(),
          fingerprint: fingerprintOf(first),
        });
        addParts(sql, number, parts);
        // Should the commit fail: to create or take the run forgets it first.
        this.#runs.reached.set(runId, addRows(sql, { runId, number, sequence: 0 }, batch));
        if (queue !== undefined) sql.queueRun.run(queue.wakeAt, number);
        this.#runs.sizes.begin(runId, { written: batch.length, checkpoint: 0 });
        return { runId, token };
      },
    );
  }

  async fork(run: RunEntry, shared: SharedJournal, more: readonly Entry[], claim?: Claim): Promise<Lease> {
    const { runId } = run.observed;
    checkRunId(runId);
    forgetRun(this.#runs, runId);
    return forkRun(this.#file, { run, shared, more, claim, sizes: this.#runs.sizes });
  }

  take(runId: string, claim?: Claim): Later<Lease> {
    const taken = this.#file.write((sql) => this.#take(sql, runId, claim));
    // Thrown only now: the doubt is kept.
    const orOwned = (lease: Lease | undefined): Lease => {
      if (lease === undefined) throw runOwned(runId);
      return lease;
    };
    return taken instanceof Promise ? taken.then(orOwned) : orOwned(taken);
  }

  /** Undefined where another owner holds it. */
  #take(sql: WriteStatements, runId: string, claim: Claim | undefined): Lease | undefined {
    forgetRun(this.#runs, runId);
    const row = foundOwner(sql, this.#file.path, runId);
    const { number, token, status } = row;
    if (status === 'done' || status === 'cancelled') throw runEnded(runId, status);
    const now = this.#file.now();
    if (claim !== undefined && isOwnedByAnother(row, claim, now)) {
      if (isTooFarAhead(claimOf(row), now)) sql.doubt.run(now, row.owner);
      return undefined;
    }
    claimFor(sql, claim, now);
    const from = takenFrom({ ...row, owner: row.owner ?? undefined }, claim);
    sql.takeRun.run(claim?.owner ?? null, from.takeovers ?? 0, ...openFor(claim), number);
    this.#runs.sizes.begin(
      runId,
      sql.sizes.get({ number }) as { readonly written: number; readonly checkpoint: number },
    );
    return { runId, token: token + 1, ...from };
  }

  append(
    lease: Lease,
    entries: readonly Entry[],
    checkpoint?: () => RunCheckpoint,
    place?: number,
  ): Later<CancelRequest | undefined> {
    return appendEntries(this.#file, this.#runs, lease, { entries, checkpoint, place });
  }

  dropChunks(lease: Lease, chunks: readonly PlacedChunks[]): Later<void> {
    const entries = chunks.map(({ entry }) => entry);
    return this.#file.writePrepared(
      ({ codec }) => {
        const batch = new StoredBatch({ runId: lease.runId, entries, known: this.#runs.known });
        batch.slice(codec, 'all');
        return batch.rows;
      },
      (sql, rows) => {
        const { number } = ownedRun(sql, this.#file.path, lease);
        for (const [index, { column, sum }] of rows.entries()) {
          const { place } = chunks[index] as PlacedChunks;
          // The row keeps its time, which the entry without its chunks no longer tells.
          const kept = sql.placeOfEntry.get(number, place) as
            | { readonly step: number; readonly time: number }
            | undefined;
          if (kept === undefined) continue;
          sql.replaceEntry.run(column, placedSum(sum, lease.runId, place, kept.step, kept.time), number, place);
        }
      },
    );
  }

  release(lease: Lease, release: Release = { status: 'interrupted' }): Later<void> {
    forgetRun(this.#runs, lease.runId);
    const wakeAt = release.status === 'interrupted' ? undefined : release.wakeAt;
    return this.#file.write((sql) => {
      const { number, last } = ownedRun(sql, this.#file.path, lease);
      sql.endRun.run(release.status, wakeAt ?? null, last, number);
      if (release.refusedBy !== undefined) sql.workers.refuse.run({ number, fingerprint: release.refusedBy });
      sql.workers.forgetLeftAlone.run({ number, keep: release.leftAloneBy === undefined ? 0 : 1 });
      if (release.leftAloneBy !== undefined)
        sql.workers.refuse.run({ number, fingerprint: leftAloneBy(release.leftAloneBy) });
      restInbox(sql.inboxes, { number, now: this.#file.now() }, release);
    });
  }

  renew(claim: Claim): Later<readonly CancelRequest[]> {
    return this.#file.write((sql, file) => {
      const now = this.#file.now();
      claimFor(sql, claim, now);
      sql.forgetClaims.run(now);
      return cancelRequests(file, this.#file.path, claim.owner);
    });
  }

  cancelRequests(owner: string): Later<readonly CancelRequest[]> {
    return this.#file.read((file) => cancelRequests(file, this.#file.path, owner));
  }

  requestedCancel(runId: string): Later<CancelRequest | undefined> {
    return this.#file.read((file) => requestedCancel(file, this.#file.path, runId));
  }

  requestCancel(runId: string, reason: Value): Later<void> {
    const text = JSON.stringify(encodeValue(reason));
    return this.#file.writePrepared(
      ({ codec }) => codec.encode(text),
      (sql, column, file) => {
        const { number, status, cancel } = foundOwner(sql, this.#file.path, runId);
        if (isEnded(status)) throw runEnded(runId, status);
        // The first reason stays, unless it cannot be read.
        if (cancel === null || !isReadable(file, cancel)) sql.cancel.run(column, number);
      },
    );
  }

  send(runId: string, message: Message, last?: number): Later<number | undefined> {
    const text = messageText(message);
    return this.#file.writePrepared(
      ({ codec }) => codec.encode(text),
      (sql, column) => {
        const { number, status } = foundOwner(sql, this.#file.path, runId);
        if (status === 'done' || status === 'cancelled') throw runEnded(runId, status);
        const receiver = { number, isPaused: status === 'paused' };
        return addMessage(sql.inboxes, receiver, { time: message.time, column, last, now: this.#file.now() });
      },
    );
  }

  inbox(runId: string, after = 0): Later<Inbox> {
    return this.#file.read(({ read, codec }) => {
      const run = foundRun(read, this.#file.path, runId);
      try {
        return inboxOf(read.inboxes, { number: run.number, after }, (column) => codec.decode(column));
      } catch (cause) {
        if (!isMalformed(cause)) throw cause;
        throw damagedMessage(this.#file.path, runId, cause);
      }
    });
  }

  due(graph: string, limit: number, isGone?: Claim['isGone']): Later<readonly RunSummary[]> {
    return dueRuns(this.#file, { graph, limit, isGone });
  }

  claimDue(query: DueQuery): Later<readonly ClaimedRun[]> {
    return claimDueRuns(this.#file, query, (sql, runId) => {
      const lease = this.#take(sql, runId, query.claim);
      if (lease === undefined) throw runOwned(runId);
      return lease;
    });
  }

  label(runId: string, { step, label }: Label): Later<void> {
    return this.#file.write((sql) => {
      sql.label.run(
        foundOwner(sql, this.#file.path, runId).number,
        label,
        step,
        placedSum(columnSum(label), runId, step),
      );
    });
  }

  labels(runId: string): Later<readonly Label[]> {
    return this.#file.read(({ read }) => {
      const row = foundRun(read, this.#file.path, runId);
      const rows = read.labels.all(row.number) as readonly (Label & { readonly crc: number | null })[];
      const damaged = rows.find(({ label, step, crc }) => !isIntact(crc, label, runId, step));
      if (damaged !== undefined) throw damagedLabel(this.#file.path, runId);
      return sortedLabels(rows.map(({ step, label }) => ({ step, label })));
    });
  }

  read(runId: string, from = 0, limit = Number.POSITIVE_INFINITY): AsyncIterable<Entry> {
    return readJournal(this.#file, { runId, from, limit });
  }

  checkpoint(runId: string, step = Number.MAX_SAFE_INTEGER): Later<PlacedCheckpoint | undefined> {
    return this.#file.read(({ read, codec }) => {
      const run = foundRun(read, this.#file.path, runId);
      const lookUp = (name: string): unknown =>
        (read.part.get(run.number, name) as { readonly json: unknown } | undefined)?.json;
      for (let before = Number.MAX_SAFE_INTEGER; ; ) {
        const row = read.checkpoint.get(run.number, step, before) as CheckpointRow | undefined;
        if (row === undefined) return undefined;
        const checkpoint = storedCheckpoint(row, lookUp, codec, runId);
        if (checkpoint !== undefined) return { place: row.sequence, checkpoint };
        // It is damaged, so the one before it has to do.
        before = row.sequence;
      }
    });
  }

  find(runId: string): Later<RunSummary | undefined> {
    return this.#file.read(({ read }) => {
      const row = read.summary.get(runId) as SummaryRow | undefined;
      return row === undefined ? undefined : summaryOf(row, this.#file.path);
    });
  }

  list(query: RunQuery): Later<readonly RunSummary[]> {
    const limit = limitOf(query);
    const { graph, status, after, tenant } = query;
    return this.#file.read(({ handle, read, version }) => {
      const last = after === undefined ? undefined : (read.run.get(after) as { readonly number: number } | undefined);
      if (after !== undefined && last === undefined) throw unknownRun(this.#file.path, after);
      const values = {
        limit,
        ...(graph === undefined ? {} : { graph }),
        ...(status === undefined ? {} : { status }),
        ...(tenant === undefined ? {} : { tenant }),
        ...(last === undefined ? {} : { after: last.number }),
      };
      return listStatement(handle, values, version)
        .all(values)
        .map((row) => listedSummaryOf(row as SummaryRow));
    });
  }

  async delete(runId: string): Promise<void> {
    await this.#file.write((sql) => deleteRun(sql, runId, foundOwner(sql, this.#file.path, runId), this.#file.now()));
    forgetRun(this.#runs, runId);
    await sweep(this.#file);
  }

  async prune(query: PruneQuery): Promise<readonly RunSummary[]> {
    return prune(this.#file, pruneSettings(query));
  }

  check(): Later<readonly string[]> {
    return this.#file.read(({ handle }) => {
      const found = handle.prepare('PRAGMA integrity_check').all() as readonly { readonly integrity_check: string }[];
      return found.map((row) => row.integrity_check).filter((what) => what !== 'ok');
    });
  }

  async vacuum(options: VacuumOptions = noOptions): Promise<VacuumResult> {
    return vacuum(this.#file, options);
  }

  close(): void {
    this.#file.close();
  }
}

/** SQLite stores UTF-8, which turns every lone surrogate into the same character: two ids would become one. */
function checkRunId(runId: string): void {
  if (runId.isWellFormed()) return;
  throw new RepriseError('option-invalid', `the run id ${JSON.stringify(runId)} contains a lone surrogate`, {
    nextStep: 'Use a well-formed string.',
    fields: { option: 'runId', runId },
  });
}
