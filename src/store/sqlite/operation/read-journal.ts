// Reads a journal page by page while others write to it, or even delete it. The result is the journal from a place on
// without a gap, or an error.
//   J1. A page is bounded by entries and by the size of their texts, and so is what is held in memory.
//   J2. Between two pages the event loop has its turn: reading a long journal keeps no timer waiting.
import { RepriseError } from '../../../base/error.ts';
import type { Entry } from '../../../journal/entry.ts';
import { isEnded } from '../../progress.ts';
import { nextTurn } from '../../row/pause.ts';
import type { EntryRow } from '../../row/stored-entry.ts';
import type { OpenFile, StoreFile } from '../file/store-file.ts';
import { damagedEntry, storedEntryInPieces } from '../../row/stored-entry.ts';
import { foundRun, unknownRun } from './found-run.ts';
import type { RunRow } from './found-run.ts';

const pageCount = 500;
/** A few milliseconds' work, as are so many pieces of that on one entry. */
const pageLength = 500_000;
const entryPieces = 16;

export interface JournalQuery {
  readonly runId: string;
  readonly from: number;
  readonly limit: number;
}

interface Page {
  readonly entries: readonly Entry[];
  /** There may be more after them. */
  readonly isFull: boolean;
  /** What the entry after them is damaged by. */
  readonly damage: unknown;
  /** The entry after them, if there is more work on it than a page has time for. */
  readonly open?: Generator<undefined, Entry>;
}

export function readJournal(file: StoreFile, query: JournalQuery): AsyncIterable<Entry> {
  return { [Symbol.asyncIterator]: () => new JournalPages(file, query) };
}

/** No generator: that would cost an entry several promises instead of one. */
class JournalPages implements AsyncIterator<Entry, undefined> {
  readonly #file: StoreFile;
  readonly #query: JournalQuery;
  readonly #end: number;
  /** Of the next page. */
  #sequence: number;
  #run: RunRow | undefined;
  #page: Page | undefined;
  #next = 0;
  #last: Entry | undefined;
  #isOver = false;

  constructor(file: StoreFile, query: JournalQuery) {
    this.#file = file;
    this.#query = query;
    this.#sequence = query.from;
    this.#end = query.from + query.limit;
  }

  next(): Promise<IteratorResult<Entry, undefined>> {
    const value = this.#page?.entries[this.#next];
    if (value === undefined) return this.#turnPage();
    this.#next += 1;
    return Promise.resolve({ done: false, value });
  }

  return(): Promise<IteratorResult<Entry, undefined>> {
    this.#isOver = true;
    this.#page = undefined;
    return Promise.resolve({ done: true, value: undefined });
  }

  async #turnPage(): Promise<IteratorResult<Entry, undefined>> {
    if (this.#isOver) return { done: true, value: undefined };
    this.#run ??= await this.#find();
    try {
      const found = await this.#nextPage(this.#run);
      if (found) return await this.next();
      this.#isOver = true;
      await this.#checkEnd(this.#run);
    } catch (thrown) {
      this.#isOver = true;
      // The run may have been deleted during the read. Run numbers are never reused.
      if ((await this.#find()).number !== this.#run.number) throw unknownRun(this.#file.path, this.#query.runId);
      throw thrown;
    }
    return { done: true, value: undefined };
  }

  #find(): RunRow | Promise<RunRow> {
    return this.#file.read(({ read }) => foundRun(read, this.#file.path, this.#query.runId));
  }

  async #nextPage(run: RunRow): Promise<boolean> {
    const before = this.#page;
    if (before?.damage !== undefined) throw before.damage;
    if (before?.isFull === false || this.#sequence >= this.#end) return false;
    if (before !== undefined) await nextTurn();
    const open = before?.open;
    const page = await (open === undefined
      ? this.#file.read((file) => this.#read(file, run.number))
      : this.#readOn(open));
    this.#page = page;
    this.#next = 0;
    this.#sequence += page.entries.length;
    this.#last = page.entries.at(-1) ?? this.#last;
    if (page.entries.length === 0 && page.damage !== undefined) throw page.damage;
    return page.entries.length > 0 || page.open !== undefined;
  }

  async #readOn(open: Generator<undefined, Entry>): Promise<Page> {
    for (;;) {
      const piece = await this.#file.read(() => ahead(open));
      if (piece.done === true) return { entries: [piece.value], isFull: true, damage: undefined };
      await nextTurn();
    }
  }

  #read({ read, codec }: OpenFile, number: number): Page {
    const { runId } = this.#query;
    const { path } = this.#file;
    const first = this.#sequence;
    let length = 0;
    const lookUp = (name: string): unknown => {
      const found = (read.part.get(number, name) as { readonly json: unknown } | undefined)?.json;
      length += lengthOf(found);
      return found;
    };
    const entries: Entry[] = [];
    const rows = read.entries.iterate(number, first, Math.min(first + pageCount, this.#end));
    for (const row of rows as Iterable<EntryRow>) {
      const place = { path, runId, sequence: first + entries.length };
      try {
        if (row.sequence !== place.sequence) throw damagedEntry(place, 'it is missing');
        const work = storedEntryInPieces(row, lookUp, codec, place);
        const piece = ahead(work);
        if (piece.done !== true) return { entries, isFull: true, damage: undefined, open: work };
        entries.push(piece.value);
      } catch (damage) {
        if (!(damage instanceof RepriseError)) throw damage;
        return { entries, isFull: true, damage };
      }
      length += lengthOf(row.json);
      if (length >= pageLength) return { entries, isFull: true, damage: undefined };
    }
    return { entries, isFull: entries.length === pageCount, damage: undefined };
  }

  /** Whether the journal may really end here. */
  async #checkEnd({ number, status, last }: RunRow): Promise<void> {
    const sequence = this.#sequence;
    if (sequence === this.#end) return;
    const missing = (): RepriseError =>
      damagedEntry({ path: this.#file.path, runId: this.#query.runId, sequence }, 'it is missing');
    const found = await this.#find();
    // The rest may have been deleted rather than damaged.
    if (found.number !== number) throw unknownRun(this.#file.path, this.#query.runId);
    // SQLite keeps no checksum of its pages, so entries can be missing without it noticing.
    if (last !== null && sequence <= last) throw missing();
    if (this.#query.from > 0 && this.#last === undefined) return;
    // A run that had failed may have been resumed since: then what it has written begins after its end.
    const isAsBefore = found.status === status && found.last === last;
    if (this.#last === undefined || (isEnded(status) && isAsBefore && this.#last.kind !== 'end')) throw missing();
  }
}

function ahead(work: Generator<undefined, Entry>): IteratorResult<undefined, Entry> {
  let piece = work.next();
  for (let pieces = 1; pieces < entryPieces && piece.done !== true; pieces += 1) piece = work.next();
  return piece;
}

function lengthOf(column: unknown): number {
  return typeof column === 'string' || column instanceof Uint8Array ? column.length : 0;
}
