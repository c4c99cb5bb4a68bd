// Positions: where in a run a reader stands. A place is the index of an entry in the journal, and nothing else.
import type { Entry } from '../../journal/entry.ts';
import { keyNumbers } from '../../journal/key.ts';
import { compareOuterLast } from './canonical-order.ts';

export type StreamOrder = 'arrival' | 'canonical';

/**
 * `arrival`: the place of an entry, and an item of it. `canonical`: a key, and an item of it. A failed run that is resumed
 * goes back in canonical order, so `ends` counts how often it had ended before.
 */
export type Position =
  | { readonly order: 'arrival'; readonly place: number; readonly item: number }
  | { readonly order: 'canonical'; readonly ends: number; readonly at: string; readonly item: number };

/** Where a step of the run itself begins: all that a reader needs to start there instead of at the first entry. */
export interface StepStart {
  /** The place of its first entry, right after the commit of the step before. */
  readonly place: number;
  /** The place of the last entry before it that holds the graph: the run's own, or a later edit. */
  readonly graphPlace: number;
  /** How often the run had ended before. */
  readonly ends: number;
}

/** The start of the journal. */
export const journalStart: StepStart = { place: 0, graphPlace: 0, ends: 0 };

/** The position of a reader that has read nothing yet. */
export function firstPosition(order: StreamOrder): Position {
  return order === 'arrival' ? { order, place: 0, item: 0 } : { order, ends: 0, at: '0', item: 0 };
}

/** Whether the first of two positions of one order comes later. */
export function isAfter(position: Position, other: Position): boolean {
  const order = compareWithoutItem(position, other);
  return order !== 0 ? order > 0 : position.item > other.item;
}

/** Of so many items in a row, the first at this position: how many come no later than `last`. */
export function countUpTo(last: Position, first: Position, count: number): number {
  const order = compareWithoutItem(first, last);
  if (order !== 0) return order > 0 ? 0 : count;
  return Math.min(count, Math.max(0, last.item - first.item + 1));
}

function compareWithoutItem(left: Position, right: Position): number {
  if (left.order === 'arrival') return right.order === 'arrival' ? left.place - right.place : -1;
  if (right.order === 'arrival') return -1;
  return left.ends - right.ends || compareOuterLast(keyNumbers(left.at), keyNumbers(right.at));
}

/** Gives items their positions, in the order in which they are read. */
export class PositionCounter {
  readonly #order: StreamOrder;
  /** `arrival`: how many items the entry that is being read has had. */
  #itemCount = 0;
  /** `canonical`: how many items each key of the open step has had. */
  readonly #counts = new Map<string, number>();
  #ends: number;

  constructor(order: StreamOrder, { ends }: StepStart) {
    this.#order = order;
    this.#ends = ends;
  }

  /** How often the run had ended, and was resumed. */
  get ends(): number {
    return this.#ends;
  }

  /** The position of the next item of an entry. A reset stands where its cause does, not where the void chunks stood. */
  next(entry: Entry, place: number): Position {
    if (this.#order === 'arrival') return { order: 'arrival', place, item: this.#itemCount };
    const at = entry.kind === 'end' ? String(entry.step + 1) : entry.at;
    return { order: 'canonical', ends: this.#ends, at, item: this.#counts.get(at) ?? 0 };
  }

  /** The position of the first of so many items, which are taken. */
  take(entry: Entry, place: number, count: number): Position {
    const position = this.next(entry, place);
    if (position.order === 'arrival') this.#itemCount += count;
    else this.#counts.set(position.at, position.item + count);
    return position;
  }

  entryBegins(): void {
    this.#itemCount = 0;
  }

  stepCommitted(): void {
    this.#counts.clear();
  }

  /** The run had ended and was resumed: its step is gone through again. */
  runResumed(): void {
    this.#ends += 1;
    this.#counts.clear();
  }
}
