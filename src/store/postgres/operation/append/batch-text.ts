// The rows of entries as the arrays that a statement unnests. A statement has only the pieces that are needed: each costs the
// server some time, also where it is given nothing.
import type { StoredCheckpoint, StoredPart, StoredRow } from '../../../row/stored-batch.ts';
import { tailText } from './tails.ts';
import type { TailMove } from './tails.ts';

export interface Batch {
  readonly rows: readonly StoredRow[];
  readonly parts: readonly StoredPart[];
  /** The ids of the bundles that the parts are in. */
  readonly bundles: readonly string[];
  readonly checkpoint: StoredCheckpoint | undefined;
  /** The numbers of the messages that the entries take. */
  readonly messages: readonly number[];
  /** What becomes of the run's tail, and whether the rows go there. They stand for themselves unless it says so. */
  readonly tail?: TailMove | undefined;
}

/**
 * `json`: texts without line breaks, which go as one text; `lines`: the same of texts that may have them. A driver would escape
 * the many quotes in each.
 */
type ArrayType = 'int' | 'float8' | 'text' | 'json' | 'lines';

interface Piece {
  /** What its arrays hold. The first says to which batch a row belongs, counted from 1. */
  readonly types: readonly ArrayType[];
  /** `rows`: the unnested arrays. `from`: the runs (number, at, i, expected, n). */
  readonly text: (s: string, rows: string, from: string) => string;
}

/** How many entries a text of several holds. */
const linesText = (text: string): string => `(length(${text}) - length(replace(${text}, E'\\n', '')) + 1)`;

const pieces = {
  entries: {
    types: ['int', 'int', 'int', 'float8', 'json'],
    text: (s, rows, from) => `added_entry AS (INSERT INTO ${s}.entry (run, sequence, step, time, json)
      SELECT l.at, l.expected + e.place, e.step, e.time, e.json
      FROM ${rows} AS e (i, place, step, time, json) JOIN ${from} l ON l.i = e.i)`,
  },
  parts: {
    types: ['int', 'text', 'json'],
    text: (s, rows, from) => `added_part AS (INSERT INTO ${s}.part (run, digest, json)
      SELECT l.at, p.digest, p.json FROM ${rows} AS p (i, digest, json) JOIN ${from} l ON l.i = p.i
      ON CONFLICT DO NOTHING)`,
  },
  bundles: {
    types: ['int', 'text'],
    text: (s, rows, from) => `added_bundle AS (INSERT INTO ${s}.bundle (id, run)
      SELECT b.id::uuid, l.number FROM ${rows} AS b (i, id) JOIN ${from} l ON l.i = b.i ON CONFLICT DO NOTHING)`,
  },
  checkpoints: {
    types: ['int', 'int', 'int', 'json'],
    text: (s, rows, from) => `added_checkpoint AS (INSERT INTO ${s}.checkpoint (run, sequence, step, length, json)
      SELECT l.at, l.expected + l.n, c.step, c.length, c.json
      FROM ${rows} AS c (i, step, length, json) JOIN ${from} l ON l.i = c.i)`,
  },
  messages: {
    types: ['int', 'int'],
    text: (s, rows, from) => `taken_message AS (UPDATE ${s}.message m SET json = NULL
      FROM ${rows} AS t (i, number) JOIN ${from} l ON l.i = t.i WHERE m.run = l.number AND m.number = t.number)`,
  },
  /** Rows that go to the tail. One that ends elsewhere than before them is not null, and so is refused (`tails.ts`, T5). */
  tails: {
    types: ['int', 'int', 'float8', 'lines'],
    text: (s, rows, from) => `grown_tail AS (INSERT INTO ${s}.tail AS t (run, last, step, time, json)
      SELECT l.number, l.expected + l.n, w.step, w.time, w.json
      FROM ${rows} AS w (i, step, time, json) JOIN ${from} l ON l.i = w.i
      ON CONFLICT (run) DO UPDATE SET last = excluded.last, step = excluded.step, time = excluded.time,
        json = CASE WHEN t.json = '' THEN excluded.json
          WHEN t.last = excluded.last - ${linesText('excluded.json')} THEN excluded.json || E'\\n' || t.json END)`,
  },
  /** Rows that fill it: it becomes a row of the journal with them. */
  filled: {
    types: ['int', 'int', 'float8', 'lines'],
    text: (
      s,
      rows,
      from,
    ) => `full_row AS MATERIALIZED (SELECT l.number, l.at, l.expected, l.expected + l.n AS last, w.step, w.time, w.json
      FROM ${rows} AS w (i, step, time, json) JOIN ${from} l ON l.i = w.i),
    full_tail AS MATERIALIZED (SELECT t.run, t.last, t.step, t.time, t.json FROM ${s}.tail t JOIN full_row f ON t.run = f.number
      WHERE t.json <> '' FOR UPDATE OF t),
    emptied_tail AS (UPDATE ${s}.tail t SET json = '' FROM full_tail f WHERE t.run = f.run),
    filled_entry AS (INSERT INTO ${s}.entry (run, sequence, step, time, json)
      SELECT f.at, f.last, f.step, f.time, f.json || coalesce(E'\\n' || t.json, '')
        FROM full_row f LEFT JOIN full_tail t ON t.run = f.number AND t.last = f.expected
      UNION ALL SELECT f.at, t.last, t.step, t.time, t.json
        FROM full_row f JOIN full_tail t ON t.run = f.number AND t.last <> f.expected)`,
  },
  /** Runs whose tail is over: it becomes a row of the journal, before the rows of the append. */
  over: {
    types: ['int'],
    text: (s, rows, from) => `over_tail AS (DELETE FROM ${s}.tail t USING ${from} l
        WHERE l.i IN (SELECT w.i FROM ${rows} AS w (i)) AND t.run = l.number
      RETURNING l.at, t.last, t.step, t.time, t.json),
    over_entry AS (INSERT INTO ${s}.entry (run, sequence, step, time, json)
      SELECT at, last, step, time, json FROM over_tail WHERE json <> '')`,
  },
} as const satisfies Readonly<Record<string, Piece>>;

type PieceName = keyof typeof pieces;
const names = Object.keys(pieces) as readonly PieceName[];

/** The rows of several batches. */
export class BatchArrays {
  readonly #arrays = new Map<PieceName, unknown[][]>();

  add(which: number, { rows, parts, bundles, checkpoint, messages, tail }: Batch): void {
    if (tail === 'grows' || tail === 'is-full') {
      const last = rows.at(-1);
      this.#push(tail === 'grows' ? 'tails' : 'filled', which, last?.step, last?.time, tailText(rows));
    } else {
      this.#arrayOf('entries');
      for (const [index, { step, time, column }] of rows.entries())
        this.#push('entries', which, index + 1, step, time, column);
    }
    if (tail === 'is-over') this.#push('over', which);
    for (const { name, column } of parts) this.#push('parts', which, name, column);
    for (const bundle of bundles) this.#push('bundles', which, bundle);
    if (checkpoint !== undefined)
      this.#push('checkpoints', which, checkpoint.step, checkpoint.length, checkpoint.column);
    for (const message of messages) this.#push('messages', which, message);
  }

  /** The pieces that a statement needs for these rows. */
  get pieces(): readonly PieceName[] {
    return names.filter((name) => this.#arrays.has(name));
  }

  values(): readonly unknown[] {
    return this.pieces.flatMap((name) => {
      const { types }: Piece = pieces[name];
      return this.#arrayOf(name).map((array, index) => arrayValue(array, types[index] as ArrayType));
    });
  }

  #push(piece: PieceName, ...row: readonly unknown[]): void {
    const arrays = this.#arrayOf(piece);
    for (const [index, value] of row.entries()) arrays[index]?.push(value);
  }

  #arrayOf(piece: PieceName): unknown[][] {
    const arrays = this.#arrays.get(piece) ?? pieces[piece].types.map(() => []);
    this.#arrays.set(piece, arrays);
    return arrays;
  }
}

/** No text of JSON has it: it would be escaped there. */
const lineSeparator = '\x1e';

/** Numbers go as the text of an array, which a driver would make of each of them. */
function arrayValue(array: readonly unknown[], type: ArrayType): unknown {
  if (type === 'text') return array;
  if (type === 'lines') return array.join(lineSeparator);
  return type === 'json' ? array.join('\n') : `{${array.join(',')}}`;
}

function arrayText(type: ArrayType, number: number): string {
  if (type === 'lines') return `string_to_array($${number}::text, E'\\x1e')`;
  return type === 'json' ? `string_to_array($${number}::text, E'\\n')` : `$${number}::${type}[]`;
}

/** The greatest step of these rows: an entry may come late and be about an earlier one. Null without rows. */
export function stepOf(rows: readonly StoredRow[]): number | null {
  return rows.length === 0 ? null : rows.reduce((reached, { step }) => Math.max(reached, step), 0);
}

/**
 * Adds what `BatchArrays` gives, from the parameter `first` on, to the runs of `from (number, at, i, expected, n)`: under `at`
 * their rows stand, `expected` is the place of their last entry, `n` how many are added.
 */
export function addText(
  s: string,
  {
    from,
    first,
    pieces: wanted,
  }: { readonly from: string; readonly first: number; readonly pieces: readonly PieceName[] },
): string {
  let next = first;
  return wanted
    .map((name) => {
      const { types, text }: Piece = pieces[name];
      const rows = `unnest(${types.map((type) => arrayText(type, next++)).join(', ')})`;
      return text(s, rows, from);
    })
    .join(',\n    ');
}

export type { PieceName };
