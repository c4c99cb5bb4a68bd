import type { Entry, RunEntry } from '../../../journal/entry.ts';
import { isShared } from '../../../journal/run/inheritance.ts';
import type { Claim, Lease, SharedJournal } from '../../../port/store.ts';
import { runExists } from '../../run-error.ts';
import type { CheckpointSizes } from '../../row/checkpoint-sizes.ts';
import { addCheckpoint, addEntry, addParts, addRun } from '../row/adding.ts';
import type { RowPlace } from '../row/adding.ts';
import { columnSum, isIntact } from '../../row/checksum.ts';
import type { Column, TextCodec } from '../../row/codec.ts';
import { KnownParts } from '../../row/known-parts.ts';
import { nextTurn } from '../../row/pause.ts';
import type { EntryRow } from '../../row/stored-entry.ts';
import type { WriteStatements } from '../file/statements.ts';
import type { OpenFile, StoreFile } from '../file/store-file.ts';
import { StoredBatch } from '../../row/stored-batch.ts';
import type { StoredPart, StoredRow } from '../../row/stored-batch.ts';
import { damagedEntry, namesIn, partNamesIn, storedEntry } from '../../row/stored-entry.ts';
import { foundRun, unknownRun } from './found-run.ts';

const pageCount = 500;
/** A few milliseconds' work. */
const pageLength = 500_000;

export interface ForkQuery {
  readonly run: RunEntry;
  readonly shared: SharedJournal;
  /** What comes after the shared entries. */
  readonly more: readonly Entry[];
  readonly claim: Claim | undefined;
  readonly sizes: CheckpointSizes;
}

interface CopiedRow extends StoredRow {
  /** Its place in the parent. */
  readonly place: number;
}

interface Page {
  readonly rows: readonly CopiedRow[];
  readonly parts: readonly StoredPart[];
  /** The place in the parent of the entry after them. */
  readonly next: number;
}

interface OwnEntries {
  readonly batch: StoredBatch;
  readonly parts: readonly StoredPart[];
}

/** @throws RepriseError `run-exists`, `run-unknown`, `store-unreadable` */
export async function forkRun(file: StoreFile, query: ForkQuery): Promise<Lease> {
  for (;;) {
    // Somebody swept the copy while it was written: that is rare, and the next one is another.
    const lease = await new Copy(file, query).write();
    if (lease !== undefined) return lease;
  }
}

class Copy {
  readonly #file: StoreFile;
  readonly #query: ForkQuery;
  readonly #copiedParts = new Set<string>();
  #number = 0;
  #parent = 0;
  /** The place of the next entry. The first is the run's own. */
  #next = 1;
  /** The place of the shared commit that the checkpoint follows. */
  #commit = 0;
  #length = 0;
  /** The step that the entries written so far have committed. */
  #step = 0;

  constructor(file: StoreFile, query: ForkQuery) {
    this.#file = file;
    this.#query = query;
  }

  /** Undefined if somebody swept it. */
  async write(): Promise<Lease | undefined> {
    await this.#file.write((sql, open) => this.#reserve(sql, open));
    for (let place = 1; place < this.#query.shared.end; ) {
      const page = await this.#file.writePrepared(
        (open) => this.#read(open, place),
        (sql, read) => (this.#isReserved(sql) ? this.#addPage(sql, read) : undefined),
      );
      if (page === undefined) return undefined;
      this.#count(page);
      place = page.next;
      await nextTurn();
    }
    return this.#file.writePrepared(
      ({ codec }) => this.#own(codec),
      (sql, own) => (this.#isReserved(sql) ? this.#begin(sql, own) : undefined),
    );
  }

  #reserve(sql: WriteStatements, { read }: OpenFile): void {
    const { run, shared } = this.#query;
    if (sql.owner.get(run.observed.runId) !== undefined) throw runExists(run.observed.runId);
    this.#parent = foundRun(read, this.#file.path, shared.runId).number;
    this.#number = (sql.nextNumber.get() as { readonly number: number }).number;
    sql.raise.run('number of deleted', this.#number);
    sql.addDeleted.run(this.#number);
  }

  #isReserved(sql: WriteStatements): boolean {
    return sql.isDeleted.get(this.#number) !== undefined;
  }

  #read(open: OpenFile, first: number): Page {
    const { shared } = this.#query;
    const { read, codec } = open;
    const { path } = this.#file;
    const rows: CopiedRow[] = [];
    const parts: StoredPart[] = [];
    let length = 0;
    let next = first;
    for (const row of read.entries.iterate(this.#parent, first, Math.min(first + pageCount, shared.end))) {
      const { sequence, step, time, json, crc } = row as EntryRow;
      const place = { path, runId: shared.runId, sequence: next };
      if (sequence !== next) break;
      if (!isIntact(crc, json, shared.runId, sequence, step, time)) throw damagedEntry(place, 'its checksum is wrong');
      const column = json as Column;
      const text = codec.decode(column);
      if (this.#isShared(open, row as EntryRow, text)) {
        rows.push({ place: sequence, step, time, column, sum: columnSum(column) });
        length += text.length + this.#readParts(open, partNamesIn(text), parts);
      }
      next += 1;
      if (length >= pageLength) break;
    }
    if (next > first) return { rows, parts, next };
    if (foundRun(read, path, shared.runId).number !== this.#parent) throw unknownRun(path, shared.runId);
    throw damagedEntry({ path, runId: shared.runId, sequence: first }, 'it is missing');
  }

  /** Nearly every text says that it is: only terms are not. */
  #isShared(open: OpenFile, row: EntryRow, text: string): boolean {
    if (row.crc !== null && !text.includes('"terms":')) return true;
    const { shared } = this.#query;
    const lookUp = (name: string): unknown =>
      (open.read.part.get(this.#parent, name) as { readonly json: unknown } | undefined)?.json;
    const place = { path: this.#file.path, runId: shared.runId, sequence: row.sequence };
    return isShared(storedEntry(row, lookUp, open.codec, place));
  }

  /** Adds these parts, and those that they refer to. Returns the length of their texts. */
  #readParts(open: OpenFile, digests: readonly string[], parts: StoredPart[]): number {
    const { read, codec } = open;
    const { run, shared } = this.#query;
    let length = 0;
    for (const digest of digests) {
      if (this.#copiedParts.has(digest)) continue;
      this.#copiedParts.add(digest);
      const row = read.part.get(this.#parent, codec.partName(shared.runId, digest)) as
        | { readonly json: Column }
        | undefined;
      // A reader of the fork finds out, as one of its parent does.
      if (row === undefined) continue;
      parts.push({ name: codec.partName(run.observed.runId, digest), column: row.json });
      const within = codec.decode(row.json);
      length += within.length + this.#readParts(open, namesIn(within), parts);
    }
    return length;
  }

  #addPage(sql: WriteStatements, page: Page): Page {
    addParts(sql, this.#number, page.parts);
    this.#addRowsFrom(sql, this.#next, page.rows);
    return page;
  }

  #count({ rows }: Page): void {
    const { place } = this.#query.shared.checkpoint;
    const before = rows.findIndex((row) => row.place === place);
    if (before >= 0) this.#commit = this.#next + before;
    this.#next += rows.length;
    for (const { column, step } of rows) {
      this.#length += column.length;
      this.#step = Math.max(this.#step, step);
    }
  }

  /** Its own entries, and the checkpoint that a resume of it reads instead of the shared ones. */
  #own(codec: TextCodec): OwnEntries {
    const { run, more, shared, sizes } = this.#query;
    const { runId } = run.observed;
    sizes.begin(runId, { written: 0, checkpoint: 0 });
    const batch = new StoredBatch({
      runId,
      entries: [run, ...more],
      known: new KnownParts(),
      checkpointOf: () => (sizes.isDue(runId, this.#length) ? shared.checkpoint.checkpoint : undefined),
    });
    return { batch, parts: batch.slice(codec, 'all') };
  }

  #begin(sql: WriteStatements, { batch: { rows, checkpoint, length }, parts }: OwnEntries): Lease {
    const { run, claim, sizes } = this.#query;
    const { runId } = run.observed;
    if (sql.owner.get(runId) !== undefined) throw runExists(runId);
    const { token } = addRun(sql, run, { claim, number: this.#number, now: this.#file.now() });
    sql.forgetDeleted.run(this.#number);
    addParts(sql, this.#number, parts);
    // The first of them is the first of the run, and the others come after what is shared.
    const [first, ...others] = rows;
    if (first !== undefined) addEntry(sql, this.#placeOf(0), first, 0);
    this.#addRowsFrom(sql, this.#next, others);
    if (checkpoint !== undefined)
      addCheckpoint(sql, { runId, number: this.#number, sequence: this.#commit }, checkpoint);
    sizes.begin(runId, {
      written: checkpoint === undefined ? this.#length : length,
      checkpoint: checkpoint?.length ?? 0,
    });
    return { runId, token };
  }

  #addRowsFrom(sql: WriteStatements, sequence: number, rows: readonly StoredRow[]): void {
    let step = this.#step;
    for (const [index, row] of rows.entries()) step = addEntry(sql, this.#placeOf(sequence + index), row, step);
  }

  #placeOf(sequence: number): RowPlace {
    return { runId: this.#query.run.observed.runId, number: this.#number, sequence };
  }
}
