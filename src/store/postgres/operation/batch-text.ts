// The rows of entries as the arrays that a statement unnests.
import type { StoredCheckpoint, StoredPart, StoredRow } from '../../row/stored-batch.ts';

export interface Batch {
  readonly rows: readonly StoredRow[];
  readonly parts: readonly StoredPart[];
  readonly checkpoint: StoredCheckpoint | undefined;
}

/** Of several batches: the first array of each kind says to which of them a row belongs, counted from 1. */
export class BatchArrays {
  readonly #entries: [number[], number[], number[], number[], unknown[]] = [[], [], [], [], []];
  readonly #parts: [number[], string[], unknown[]] = [[], [], []];
  readonly #checkpoints: [number[], number[], number[], unknown[]] = [[], [], [], []];

  add(which: number, { rows, parts, checkpoint }: Batch): void {
    const [of, places, steps, times, texts] = this.#entries;
    let reached = 0;
    for (const [index, { step, time, column }] of rows.entries()) {
      of.push(which);
      places.push(index + 1);
      reached = Math.max(reached, step);
      steps.push(reached);
      times.push(time);
      texts.push(column);
    }
    for (const { name, column } of parts) {
      this.#parts[0].push(which);
      this.#parts[1].push(name);
      this.#parts[2].push(column);
    }
    if (checkpoint === undefined) return;
    this.#checkpoints[0].push(which);
    this.#checkpoints[1].push(checkpoint.step);
    this.#checkpoints[2].push(checkpoint.length);
    this.#checkpoints[3].push(checkpoint.column);
  }

  values(): readonly unknown[] {
    return [...this.#entries, ...this.#parts, ...this.#checkpoints];
  }
}

/** The greatest step of these rows: an entry may come late and be about an earlier one. Null without rows. */
export function stepOf(rows: readonly StoredRow[]): number | null {
  return rows.length === 0 ? null : rows.reduce((reached, { step }) => Math.max(reached, step), 0);
}

/**
 * Adds what `BatchArrays` gives, from the parameter `first` on, to the runs of `locked (number, i, expected, n, reached)`:
 * `expected` is the place of their last entry, `n` how many are added, `reached` the step that they had committed before.
 */
export function addText(s: string, first: number): string {
  const at = (index: number): string => `$${first + index}`;
  return `added_entry AS (INSERT INTO ${s}.entry (run, sequence, step, time, json)
      SELECT l.number, l.expected + e.place, greatest(l.reached, e.step), e.time, e.json
      FROM unnest(${at(0)}::int[], ${at(1)}::int[], ${at(2)}::int[], ${at(3)}::float8[], ${at(4)}::text[]) AS e (i, place, step, time, json)
      JOIN locked l ON l.i = e.i),
    added_part AS (INSERT INTO ${s}.part (run, digest, json)
      SELECT l.number, p.digest, p.json
      FROM unnest(${at(5)}::int[], ${at(6)}::text[], ${at(7)}::text[]) AS p (i, digest, json) JOIN locked l ON l.i = p.i
      ON CONFLICT DO NOTHING),
    added_checkpoint AS (INSERT INTO ${s}.checkpoint (run, sequence, step, length, json)
      SELECT l.number, l.expected + l.n, c.step, c.length, c.json
      FROM unnest(${at(8)}::int[], ${at(9)}::int[], ${at(10)}::int[], ${at(11)}::text[]) AS c (i, step, length, json)
      JOIN locked l ON l.i = c.i)`;
}
