// Drops the bodies of the committed steps of an ended run that is not recorded, and the parts that nothing names any more.
//   D1. Each turn is a transaction of its own that checks the token: a failed run may be resumed meanwhile, and what it
//       writes then may name parts that nothing named before.
//   D2. Entries of the open step stay: a resume needs them. So do small ones: dropping them would cost more than it frees.
import type { Entry } from '../../../journal/entry.ts';
import { holdsChunks, withoutBodies } from '../../../journal/run/without-bodies.ts';
import type { ReservedRun } from '../../../port/recordings.ts';
import { nextTurn } from '../../row/pause.ts';
import type { WriteStatements } from '../file/statements.ts';
import type { OpenFile, StoreFile } from '../file/store-file.ts';
import { placedSum } from '../../row/checksum.ts';
import type { Column } from '../../row/codec.ts';
import { KnownParts } from '../../row/known-parts.ts';
import type { EntryRow } from '../../row/stored-entry.ts';
import type { OwnerRow } from '../row/rows.ts';
import { StoredBatch } from '../../row/stored-batch.ts';
import { namesIn, partNamesIn, storedEntry } from '../../row/stored-entry.ts';

/** A turn is a few milliseconds' work: it ends after so many rows, or so much text. */
const rowsPerTurn = 200;
const lengthPerTurn = 500_000;
const smallLength = 1_000;

/** Returns whether chunks are left that would be dropped. */
export async function dropBodies(file: StoreFile, run: ReservedRun, keeps: 'chunks' | 'nothing'): Promise<boolean> {
  const number = await file.read((open) => numberOf(open, run));
  if (number === undefined) return false;
  let hasChunks = false;
  for (let from: number | undefined = 0; from !== undefined; ) {
    const first: number = from;
    const turn = await file.read((open) => lighterRows(file.path, open, { ...run, number, first, keeps }));
    const { rows, next } = turn;
    hasChunks ||= turn.hasChunks;
    const replaced = rows.length === 0 || (await file.write((sql) => isStill(sql, run) && replace(sql, number, rows)));
    if (!replaced) return false;
    from = next;
    await nextTurn();
  }
  await dropParts(file, run, number);
  return hasChunks;
}

function numberOf({ write }: OpenFile, run: ReservedRun): number | undefined {
  const row = write?.owner.get(run.runId) as OwnerRow | undefined;
  return row?.token === run.token ? row.number : undefined;
}

function isStill(sql: WriteStatements, run: ReservedRun): boolean {
  return (sql.owner.get(run.runId) as OwnerRow | undefined)?.token === run.token;
}

interface LighterRow {
  readonly sequence: number;
  readonly column: Column;
  readonly crc: number;
}

interface Turn {
  readonly rows: readonly LighterRow[];
  /** Where the next turn begins, if there is more. */
  readonly next: number | undefined;
  readonly hasChunks: boolean;
}

type TurnQuery = ReservedRun & {
  readonly number: number;
  readonly first: number;
  readonly keeps: 'chunks' | 'nothing';
};

/** The rows of a turn that hold bodies, without them. */
function lighterRows(path: string, { read, write, codec }: OpenFile, query: TurnQuery): Turn {
  const { runId, number, first, status, keeps } = query;
  const lookUp = (name: string): unknown =>
    (read.part.get(number, name) as { readonly json: unknown } | undefined)?.json;
  // Entries of the open step have the number of the last commit.
  const end = write?.recordings.lastStep.get(number) as { readonly step: number } | undefined;
  const step = status === 'failed' ? (end?.step ?? 0) : Number.MAX_SAFE_INTEGER;
  const rows: LighterRow[] = [];
  let next = first;
  let length = 0;
  let hasChunks = false;
  for (const row of read.entries.iterate(number, first, first + rowsPerTurn) as Iterable<EntryRow>) {
    next = row.sequence + 1;
    if (row.step < step && isLarge(row.json)) {
      const entry = storedEntry(row, lookUp, codec, { path, runId, sequence: row.sequence });
      hasChunks ||= keeps === 'chunks' && holdsChunks(entry);
      const lighter = lighterRow(row, withoutBodies(entry, keeps), runId, codec);
      if (lighter !== undefined) rows.push(lighter);
      length += lengthOf(row.json);
      if (length >= lengthPerTurn) break;
    }
  }
  return { rows, next: next === first ? undefined : next, hasChunks };
}

function isLarge(json: unknown): boolean {
  return typeof json !== 'string' || json.length > smallLength || json.includes('"$');
}

function lengthOf(json: unknown): number {
  return typeof json === 'string' || json instanceof Uint8Array ? json.length : 0;
}

function lighterRow(
  row: EntryRow,
  lighter: Entry | undefined,
  runId: string,
  codec: OpenFile['codec'],
): LighterRow | undefined {
  if (lighter === undefined) return undefined;
  const { sequence } = row;
  const batch = new StoredBatch({ runId, entries: [lighter], known: new KnownParts() });
  // What is long in an entry without bodies, such as a name, stays as it is.
  if (batch.slice(codec, 'all').length > 0) return undefined;
  const [stored] = batch.rows;
  if (stored === undefined) return undefined;
  return { sequence, column: stored.column, crc: placedSum(stored.sum, runId, sequence, row.step, row.time) };
}

function replace(sql: WriteStatements, number: number, rows: readonly LighterRow[]): true {
  for (const { sequence, column, crc } of rows) sql.replaceEntry.run(column, crc, number, sequence);
  return true;
}

/** Deletes the parts that no entry and no checkpoint of the run names. */
async function dropParts(file: StoreFile, run: ReservedRun, number: number): Promise<void> {
  const named = new NamedParts(file, run.runId, number);
  if (!(await named.hasAny())) return;
  await named.findAll();
  for (let after = ''; ; ) {
    const names = await file.read(({ write }) => partNamesAfter(write, number, after));
    const last = names.at(-1);
    if (last === undefined) return;
    const unnamed = names.filter((name) => !named.has(name));
    const isDropped = await file.write((sql) => {
      if (!isStill(sql, run)) return false;
      for (const name of unnamed) sql.recordings.deletePart.run(number, name);
      return true;
    });
    if (!isDropped) return;
    after = last;
    await nextTurn();
  }
}

function partNamesAfter(write: WriteStatements | undefined, number: number, after: string): readonly string[] {
  const rows = write?.recordings.partNames.all(number, after, rowsPerTurn) ?? [];
  return (rows as readonly { readonly digest: string }[]).map(({ digest }) => digest);
}

class NamedParts {
  readonly #file: StoreFile;
  readonly #runId: string;
  readonly #number: number;
  readonly #names = new Set<string>();

  constructor(file: StoreFile, runId: string, number: number) {
    this.#file = file;
    this.#runId = runId;
    this.#number = number;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  async hasAny(): Promise<boolean> {
    return this.#file.read(({ write }) => partNamesAfter(write, this.#number, '').length > 0);
  }

  async findAll(): Promise<void> {
    await this.#file.read((open) => {
      const rows = open.write?.recordings.checkpoints.all(this.#number) ?? [];
      for (const { json } of rows as readonly EntryRow[]) this.#addText(open, json);
    });
    for (let from: number | undefined = 0; from !== undefined; ) {
      const first: number = from;
      from = await this.#file.read((open) => this.#turn(open, first));
      await nextTurn();
    }
  }

  #turn(open: OpenFile, first: number): number | undefined {
    let next = first;
    for (const row of open.read.entries.iterate(this.#number, first, first + rowsPerTurn) as Iterable<EntryRow>) {
      next = row.sequence + 1;
      this.#addText(open, row.json);
    }
    return next === first ? undefined : next;
  }

  #addText({ read, codec }: OpenFile, column: unknown): void {
    const waiting = [...partNamesIn(codec.decode(column))];
    for (let digest = waiting.pop(); digest !== undefined; digest = waiting.pop()) {
      const name = codec.partName(this.#runId, digest);
      if (this.#names.has(name)) continue;
      const part = read.part.get(this.#number, name) as { readonly json: unknown } | undefined;
      // A value may look like a name.
      if (part === undefined) continue;
      this.#names.add(name);
      waiting.push(...namesIn(codec.decode(part.json)));
    }
  }
}
