// Reads a journal page by page while others write to it, or even delete it. The result is the journal from a place on
// without a gap, or an error.
import type { RepriseError } from '../../base/error.ts';
import type { Entry } from '../../journal/entry.ts';
import type { RunStatus } from '../../port/store.ts';
import { isEnded } from '../progress.ts';
import type { EntryRow } from './rows.ts';
import type { StoreFile } from './store-file.ts';
import { damagedEntry, storedEntry } from './stored-entry.ts';
import type { EntryPlace } from './stored-entry.ts';

const pageCount = 500;

export interface JournalQuery {
  readonly runId: string;
  readonly from: number;
  readonly limit: number;
  /** The error for a run that does not exist, or no longer does. */
  readonly unknown: () => RepriseError;
}

interface RunRow {
  readonly number: number;
  readonly status: RunStatus;
  /** The sequence of the last entry, if no process drives the run. */
  readonly last: number | null;
}

export async function* readJournal(file: StoreFile, query: JournalQuery): AsyncIterable<Entry> {
  const find = (): RunRow | Promise<RunRow> =>
    file.read(({ read }) => {
      const row = read.run.get(query.runId) as RunRow | undefined;
      if (row === undefined) throw query.unknown();
      return row;
    });
  const run = await find();
  try {
    yield* pages(file, query, run);
  } catch (thrown) {
    // The run may have been deleted during the read. Run numbers are never reused.
    if ((await find()).number !== run.number) throw query.unknown();
    throw thrown;
  }
}

async function* pages(
  file: StoreFile,
  { runId, from, limit, unknown }: JournalQuery,
  { number, status, last: lastSequence }: RunRow,
): AsyncIterable<Entry> {
  const place = (sequence: number): EntryPlace => ({ path: file.path, runId, sequence });
  const lookUp = (name: string): unknown =>
    (file.open().read.part.get(number, name) as { readonly json: unknown } | undefined)?.json;
  const end = from + limit;
  let sequence = from;
  let last: Entry | undefined;
  for (let first = from; sequence === first && first < end; first += pageCount) {
    const before = Math.min(first + pageCount, end);
    const rows = await file.read(({ read }) => read.entries.all(number, first, before));
    for (const row of rows as readonly EntryRow[]) {
      if (row.sequence !== sequence) throw damagedEntry(place(sequence), 'it is missing');
      last = await file.read(({ codec }) => storedEntry(row, lookUp, codec, place(row.sequence)));
      yield last;
      sequence += 1;
    }
  }
  if (sequence === end) return;
  // The rest may have been deleted rather than damaged.
  const isThere = await file.read(({ read }) => (read.run.get(runId) as RunRow | undefined)?.number === number);
  if (!isThere) throw unknown();
  // SQLite keeps no checksum of its pages, so entries can be missing without it noticing.
  if (lastSequence !== null && sequence <= lastSequence) throw damagedEntry(place(sequence), 'it is missing');
  if (from > 0 && last === undefined) return;
  if (last === undefined || (isEnded(status) && last.kind !== 'end'))
    throw damagedEntry(place(sequence), 'it is missing');
}
