// The tail of a run: what a stream has written last, in one row that grows, until it is as long as is worth a row of the journal.
// A row of its own for each few words would take more room for itself than for them.
//   T1. An append that adds to a tail is as durable as any: it changes a row where another adds one.
//   T2. What is no stream ends the tail: it is made a row of the journal with the same statement, before what is appended.
//   T3. The tail is the end of its run's journal. So the appends of a run go one after another: one that looks for the tail
//       sees all that was written before it.
//   T4. A process that does not know of a run's tail, since another wrote it, ends it. It does not know either once an append
//       has failed: that may have been written.
//   T5. A tail that ends elsewhere than before what is appended does not grow. Where one lease is used by two processes, one
//       may think that there is no tail, and leave that of the other behind.
import type { Entry } from '../../../../journal/entry.ts';
import type { Lease } from '../../../../port/store.ts';
import type { StoredRow } from '../../../row/stored-batch.ts';

/** `grows`: by the rows of the append. `is-full`: it becomes a row with them. `is-over`: it becomes one without them. */
export type TailMove = 'grows' | 'is-full' | 'is-over';

/** In bytes. Two tails fit a page of the server; and what is longer than 2,000 is compressed in the journal. */
const tailMax = 3_900;
/** What is longer than that has rows of its own: a reader takes rows apart as a whole. */
const sharedMax = 50_000;

/** Whether a stream has written all of this. */
export function isStreamed(entries: readonly Entry[]): boolean {
  return entries.length > 0 && entries.every(({ kind }) => kind === 'chunk' || kind === 'ambient');
}

/**
 * Several entries as the text of one row, the last first: a server logs of a row that grows at its beginning only what is new.
 * No text of an entry has a line break.
 */
export function tailText(rows: readonly StoredRow[]): string {
  return rows
    .map(({ column }) => String(column))
    .reverse()
    .join('\n');
}

/** How long the tails are that this process has written, by lease. */
export class Tails {
  /** 0: there is none. One that has become a row stays, without a text: 1. */
  readonly #lengths = new Map<number, number>();

  /** A run was begun: it has no tail. */
  begin({ token }: Lease): void {
    this.#lengths.set(token, 0);
  }

  /** What it has is not known. */
  forget({ token }: Lease): void {
    this.#lengths.delete(token);
  }

  /** `streamed`: the rows of a stream, or nothing. */
  moveOf({ token }: Lease, streamed: readonly StoredRow[] | undefined): TailMove | undefined {
    const length = this.#lengths.get(token);
    if (length === undefined) return 'is-over';
    const more = streamed === undefined ? Number.POSITIVE_INFINITY : lengthOf(streamed);
    if (more > sharedMax) return length === 0 ? undefined : 'is-over';
    return length + more <= tailMax ? 'grows' : 'is-full';
  }

  written({ token }: Lease, move: TailMove | undefined, rows: readonly StoredRow[]): void {
    const grown = (this.#lengths.get(token) ?? 0) + lengthOf(rows);
    this.#lengths.set(token, move === 'grows' ? grown : move === 'is-full' ? 1 : 0);
  }
}

/** With the line break that it comes after. */
function lengthOf(rows: readonly StoredRow[]): number {
  return Buffer.byteLength(tailText(rows)) + 1;
}
