// Keeps many runs in one SQLite file that several processes may use at once.
//   Owns:         what each store operation reads and writes; the owners of runs.
//   Not its job:  transactions and waiting (store-file.ts), the encoding of entries (stored-entry.ts).
//   Q1. An append is one transaction: after a crash, either all of it is there or none of it. Parts of a large one go ahead
//       in transactions of their own: without its entries nothing refers to them, and they go with their run.
//   Q2. The owner's token is checked inside that transaction, so a process that lost a run never writes to it again.
import { MalformedValue, decodeValue, encodeValue } from '../../base/encode.ts';
import type { Json } from '../../base/encode.ts';
import { RepriseError } from '../../base/error.ts';
import { checkOptions, noOptions } from '../../base/options/option-shape.ts';
import type { Value } from '../../base/value.ts';
import type { RunCheckpoint } from '../../journal/checkpoint.ts';
import type { Entry, RunEntry } from '../../journal/entry.ts';
import type {
  CancelRequest,
  Claim,
  DeleteOptions,
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
import { holds, isTooFarAhead, takeoversAfter } from '../claims.ts';
import { sortedLabels } from '../labels.ts';
import { isEnded, isProgress } from '../progress.ts';
import { deleteOptions, pruneSettings } from '../prune-query.ts';
import { leaseLost, runEnded, runExists, runOwned, runUnknown } from '../run-error.ts';
import { limitOf } from '../run-query.ts';
import type { Inbox, Message } from '../../port/inbox.ts';
import { takenMessages } from '../../journal/taken-messages.ts';
import { addParts, addRows, addRun, claimFor } from './row/adding.ts';
import { forkRun } from './operation/forking.ts';
import { addMessage, inboxOf, messageText, restInbox, takeMessages } from './operation/inbox.ts';
import { deleteRun, prune, sweep } from './operation/forgetting.ts';
import { CheckpointSizes } from './row/checkpoint-sizes.ts';
import { columnSum, isIntact, placedSum } from './row/checksum.ts';
import { KnownParts } from './row/known-parts.ts';
import { storeSettings } from './options.ts';
import type { SqliteStoreOptions } from './options.ts';
import { nextTurn } from './file/pause.ts';
import { readJournal } from './operation/read-journal.ts';
import { claimOf, isOwnedByAnother, summaryOf } from './row/rows.ts';
import type { CheckpointRow, ClaimRow, OwnedRow, OwnerRow, SummaryRow } from './row/rows.ts';
import { listStatement } from './file/statements.ts';
import type { WriteStatements } from './file/statements.ts';
import { StoreFile } from './file/store-file.ts';
import type { OpenFile } from './file/store-file.ts';
import { damagedLabel, damagedMessage, damagedRequest } from './file/store-error.ts';
import { StoredBatch } from './row/stored-batch.ts';
import { storedCheckpoint } from './row/stored-entry.ts';
import { vacuum } from './operation/vacuum.ts';
import type { VacuumOptions, VacuumResult } from './operation/vacuum.ts';

/** A store of runs in a SQLite file. */
export interface SqliteStore extends PrunableStore {
  delete(runId: string, options: DeleteOptions): Promise<void>;
  prune(query: PruneQuery): Promise<readonly RunSummary[]>;
  /**
   * Returns the space of deleted runs to the disk, in small steps that let others write in between.
   *
   * @throws RepriseError `store-rewrite-needed` for a file created by a release that could not do this
   */
  vacuum(options?: VacuumOptions): Promise<VacuumResult>;
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
  readonly #file: StoreFile;
  readonly #known = new KnownParts();
  readonly #sizes: CheckpointSizes;

  constructor(file: StoreFile, sizes: CheckpointSizes) {
    this.#file = file;
    this.#sizes = sizes;
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
        this.#known.forget(runId);
        const batch = new StoredBatch({ runId, entries, known: this.#known });
        return { batch, parts: batch.slice(codec, 'all') };
      },
      (sql, { batch, parts }) => {
        if (sql.owner.get(runId) !== undefined) throw runExists(runId);
        const { number, token } = addRun(sql, run, { claim });
        addParts(sql, number, parts);
        addRows(sql, { runId, number, sequence: 0 }, batch);
        if (queue !== undefined) sql.queueRun.run(queue.wakeAt, number);
        this.#sizes.begin(runId, { written: batch.length, checkpoint: 0 });
        return { runId, token };
      },
    );
  }

  async fork(run: RunEntry, shared: SharedJournal, more: readonly Entry[], claim?: Claim): Promise<Lease> {
    const { runId } = run.observed;
    checkRunId(runId);
    this.#known.forget(runId);
    const unknown = (): RepriseError => this.#unknown(shared.runId);
    return forkRun(this.#file, { run, shared, more, claim, unknown, sizes: this.#sizes });
  }

  take(runId: string, claim?: Claim): Later<Lease> {
    this.#known.forget(runId);
    const taken = this.#file.write((sql) => {
      const row = this.#owner(sql, runId);
      const { number, token, status } = row;
      if (status === 'done' || status === 'cancelled') throw runEnded(runId, status);
      if (claim !== undefined && isOwnedByAnother(row, claim)) {
        if (isTooFarAhead(claimOf(row), claim.now)) sql.doubt.run(claim.now, row.owner);
        return undefined;
      }
      claimFor(sql, claim);
      const takeovers = takeoversAfter({ ...row, owner: row.owner ?? undefined }, claim?.owner);
      sql.takeRun.run(claim?.owner ?? null, takeovers, number);
      this.#sizes.begin(runId, sql.sizes.get({ number }) as { readonly written: number; readonly checkpoint: number });
      return { runId, token: token + 1, takeovers };
    });
    // Thrown only now: the doubt is kept.
    const orOwned = (lease: Lease | undefined): Lease => {
      if (lease === undefined) throw runOwned(runId);
      return lease;
    };
    return taken instanceof Promise ? taken.then(orOwned) : orOwned(taken);
  }

  append(lease: Lease, entries: readonly Entry[], checkpoint?: () => RunCheckpoint): Later<CancelRequest | undefined> {
    const { runId } = lease;
    const copied = [...entries];
    const end = entries.find((entry) => entry.kind === 'end');
    const hasProgress = entries.some(isProgress);
    const taken = takenMessages(copied);
    const checkpointOf = (length: number): RunCheckpoint | undefined =>
      this.#sizes.isDue(runId, length) ? checkpoint?.() : undefined;
    const batch = new StoredBatch({ runId, entries: copied, known: this.#known, checkpointOf });
    const writeSlice = (): Later<CancelRequest | undefined> =>
      this.#file.writePrepared(
        ({ codec }) => batch.slice(codec),
        (sql, parts, file) => {
          const { number, last, cancel, takeovers } = this.#owned(sql, lease);
          addParts(sql, number, parts);
          if (!batch.isComplete) return undefined;
          addRows(sql, { runId, number, sequence: last + 1 }, batch);
          takeMessages(sql.inboxes, number, taken);
          if (takeovers > 0 && hasProgress) sql.progressed.run(number);
          if (end !== undefined) sql.endRun.run(end.end.status, null, last + entries.length, number);
          return cancel === null ? undefined : this.#cancelRequest(file, runId, cancel);
        },
      );
    const settle = (cancel: CancelRequest | undefined): Later<CancelRequest | undefined> => {
      if (batch.digests.length > 0) this.#known.add(runId, batch.digests);
      if (!batch.isComplete) return nextTurn().then(writeSlice).then(settle);
      if (end === undefined) this.#sizes.add(runId, batch.length, batch.checkpoint?.length);
      else this.#forget(runId);
      return cancel;
    };
    const written = writeSlice();
    return written instanceof Promise ? written.then(settle) : settle(written);
  }

  #forget(runId: string): void {
    this.#known.forget(runId);
    this.#sizes.forget(runId);
  }

  dropChunks(lease: Lease, chunks: readonly PlacedChunks[]): Later<void> {
    const entries = chunks.map(({ entry }) => entry);
    return this.#file.writePrepared(
      ({ codec }) => {
        const batch = new StoredBatch({ runId: lease.runId, entries, known: this.#known });
        batch.slice(codec, 'all');
        return batch.rows;
      },
      (sql, rows) => {
        const { number } = this.#owned(sql, lease);
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
    this.#forget(lease.runId);
    const wakeAt = release.status === 'paused' ? release.wakeAt : undefined;
    return this.#file.write((sql) => {
      const { number, last } = this.#owned(sql, lease);
      sql.endRun.run(release.status, wakeAt ?? null, last, number);
      restInbox(sql.inboxes, number, release);
    });
  }

  renew(claim: Claim): Later<readonly CancelRequest[]> {
    return this.#file.write((sql, file) => {
      claimFor(sql, claim);
      sql.forgetClaims.run(claim.now);
      return this.#cancels(file, claim.owner);
    });
  }

  cancelRequests(owner: string): Later<readonly CancelRequest[]> {
    return this.#file.read((file) => this.#cancels(file, owner));
  }

  #cancels(file: OpenFile, owner: string): readonly CancelRequest[] {
    const rows = file.read.cancels.all(owner) as readonly { readonly id: string; readonly cancel: unknown }[];
    return rows.map(({ id, cancel }) => this.#cancelRequest(file, id, cancel));
  }

  #cancelRequest({ codec }: OpenFile, runId: string, column: unknown): CancelRequest {
    try {
      return { runId, reason: decodeValue(JSON.parse(codec.decode(column)) as Json) };
    } catch (cause) {
      if (!isMalformed(cause)) throw cause;
      throw damagedRequest(this.#file.path, runId, cause);
    }
  }

  requestCancel(runId: string, reason: Value): Later<void> {
    const text = JSON.stringify(encodeValue(reason));
    return this.#file.writePrepared(
      ({ codec }) => codec.encode(text),
      (sql, column) => {
        const { number, status } = this.#owner(sql, runId);
        if (isEnded(status)) throw runEnded(runId, status);
        sql.cancel.run(column, number);
      },
    );
  }

  send(runId: string, message: Message, last?: number): Later<number | undefined> {
    const text = messageText(message);
    return this.#file.writePrepared(
      ({ codec }) => codec.encode(text),
      (sql, column) => {
        const { number, status } = this.#owner(sql, runId);
        if (status === 'done' || status === 'cancelled') throw runEnded(runId, status);
        const receiver = { number, isPaused: status === 'paused' };
        return addMessage(sql.inboxes, receiver, { time: message.time, column, last });
      },
    );
  }

  inbox(runId: string, after = 0): Later<Inbox> {
    return this.#file.read(({ read, codec }) => {
      const run = read.run.get(runId) as { readonly number: number } | undefined;
      if (run === undefined) throw this.#unknown(runId);
      try {
        return inboxOf(read.inboxes, { number: run.number, after }, (column) => codec.decode(column));
      } catch (cause) {
        if (!isMalformed(cause)) throw cause;
        throw damagedMessage(this.#file.path, runId, cause);
      }
    });
  }

  due(graph: string, now: number, limit: number, isGone?: Claim['isGone']): Later<readonly RunSummary[]> {
    const found = this.#file.read(({ read }) => {
      const claims = read.claims.all(now) as readonly (ClaimRow & { readonly id: string })[];
      const gone = claims.filter((row) => isGone?.(row.id) === true || !holds(claimOf(row), now)).map(({ id }) => id);
      const rows = read.due.all({ graph, now, limit, gone: JSON.stringify(gone) }) as readonly SummaryRow[];
      return {
        runs: rows.map((row) => summaryOf(row, this.#file.path)),
        ahead: claims.filter((row) => row.doubted_at === null && isTooFarAhead(claimOf(row), now)),
      };
    });
    return found instanceof Promise ? found.then((given) => this.#doubted(given, now)) : this.#doubted(found, now);
  }

  /** Keeps that these claims were seen to end too far ahead, before the runs are given. */
  #doubted(
    { runs, ahead }: { readonly runs: readonly RunSummary[]; readonly ahead: readonly { readonly id: string }[] },
    now: number,
  ): Later<readonly RunSummary[]> {
    if (ahead.length === 0) return runs;
    return this.#file.write((sql) => {
      for (const { id } of ahead) sql.doubt.run(now, id);
      return runs;
    });
  }

  label(runId: string, { step, label }: Label): Later<void> {
    return this.#file.write((sql) => {
      sql.label.run(this.#owner(sql, runId).number, label, step, placedSum(columnSum(label), runId, step));
    });
  }

  labels(runId: string): Later<readonly Label[]> {
    return this.#file.read(({ read }) => {
      const row = read.run.get(runId) as { readonly number: number } | undefined;
      if (row === undefined) throw this.#unknown(runId);
      const rows = read.labels.all(row.number) as readonly (Label & { readonly crc: number | null })[];
      const damaged = rows.find(({ label, step, crc }) => !isIntact(crc, label, runId, step));
      if (damaged !== undefined) throw damagedLabel(this.#file.path, runId);
      return sortedLabels(rows.map(({ step, label }) => ({ step, label })));
    });
  }

  read(runId: string, from = 0, limit = Number.POSITIVE_INFINITY): AsyncIterable<Entry> {
    return readJournal(this.#file, { runId, from, limit, unknown: () => this.#unknown(runId) });
  }

  checkpoint(runId: string, step = Number.MAX_SAFE_INTEGER): Later<PlacedCheckpoint | undefined> {
    return this.#file.read(({ read, codec }) => {
      const run = read.run.get(runId) as { readonly number: number } | undefined;
      if (run === undefined) throw this.#unknown(runId);
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
    const { graph, status, after } = query;
    return this.#file.read(({ handle, read, version }) => {
      const last = after === undefined ? undefined : (read.run.get(after) as { readonly number: number } | undefined);
      if (after !== undefined && last === undefined) throw this.#unknown(after);
      const values = {
        limit,
        ...(graph === undefined ? {} : { graph }),
        ...(status === undefined ? {} : { status }),
        ...(last === undefined ? {} : { after: last.number }),
      };
      return listStatement(handle, values, version)
        .all(values)
        .map((row) => summaryOf(row as SummaryRow, this.#file.path));
    });
  }

  async delete(runId: string, options: DeleteOptions): Promise<void> {
    checkOptions(deleteOptions, options);
    await this.#file.write((sql) => deleteRun(sql, runId, this.#owner(sql, runId), options.now));
    this.#forget(runId);
    await sweep(this.#file);
  }

  async prune(query: PruneQuery): Promise<readonly RunSummary[]> {
    return prune(this.#file, pruneSettings(query));
  }

  async vacuum(options: VacuumOptions = noOptions): Promise<VacuumResult> {
    return vacuum(this.#file, options);
  }

  close(): void {
    this.#file.close();
  }

  #owner(sql: WriteStatements, runId: string): OwnerRow {
    const row = sql.owner.get(runId) as OwnerRow | undefined;
    if (row === undefined) throw this.#unknown(runId);
    return row;
  }

  #owned(sql: WriteStatements, lease: Lease): OwnedRow {
    const row = sql.owned.get(lease.runId) as OwnedRow | undefined;
    if (row === undefined) throw this.#unknown(lease.runId);
    if (row.token !== lease.token) throw leaseLost(lease.runId);
    return row;
  }

  #unknown(runId: string): RepriseError {
    const { path } = this.#file;
    return runUnknown(runId, path, `List its runs with \`reprise list --store ${path}\`.`);
  }
}

function isMalformed(thrown: unknown): thrown is MalformedValue | SyntaxError {
  return thrown instanceof MalformedValue || thrown instanceof SyntaxError;
}

/** SQLite stores UTF-8, which turns every lone surrogate into the same character: two ids would become one. */
function checkRunId(runId: string): void {
  if (runId.isWellFormed()) return;
  throw new RepriseError('option-invalid', `the run id ${JSON.stringify(runId)} contains a lone surrogate`, {
    nextStep: 'Use a well-formed string.',
    fields: { option: 'runId', runId },
  });
}
