// Which orders of three events were seen in the runs of a step. What a run has shown is looked up only for the three events that
// are asked about: as a rule, a few runs have shown all that may follow two of them, and the others are not looked at.
import { BitRows, bitCount, hasBit, lowestBit } from './bit-rows.ts';
import type { EventOrder } from './event-order.ts';

export interface Counted {
  readonly seen: number;
  /** How many the run allows. */
  readonly of: number;
}

interface SeenRun {
  /** For each event, its place in the run. */
  readonly places: Uint16Array;
  /** For each event: what came after it. */
  readonly later: BitRows;
}

/** So many runs are kept; what older ones have shown is summed up. */
const keptRunsMax = 256;

export class SeenTriples {
  readonly #order: EventOrder;
  readonly #size: number;
  #kept: SeenRun[] = [];
  /** What runs that are no longer kept have shown: for each two events in an order, what came after both. */
  #summed: BitRows | undefined;
  /** Orders that do not come although they are asked for: they are not asked for again, and count as not seen. */
  readonly #missed = new Map<number, Uint32Array>();
  /** Of what is asked about: what was seen. */
  readonly #row: Uint32Array;
  /** All orders before these two events were seen or asked for, in as much as the order allowed them then. */
  #from: { readonly first: number; readonly second: number; readonly changes: number };
  #following: { readonly rows: readonly Uint32Array[]; readonly changes: number } | undefined;

  constructor(order: EventOrder) {
    this.#order = order;
    this.#from = { first: 0, second: 0, changes: order.changeCount };
    this.#size = order.events.length;
    this.#row = new Uint32Array(Math.ceil(this.#size / 32));
  }

  /** A run, as the numbers of its events. `later`: for each event, what came after it there. */
  add(run: readonly number[], later: BitRows): void {
    const places = new Uint16Array(this.#size).fill(0xffff);
    for (const [place, event] of run.entries()) places[event] = place;
    this.#kept.push({ places, later });
    if (this.#kept.length === keptRunsMax) this.#sumUp();
  }

  get counted(): Counted {
    let [missing, of] = [0, 0];
    const isAllSeenOrAsked = this.unseen === undefined;
    this.#eachTwo(0, 0, (may, first, second) => {
      for (const word of may) of += bitCount(word);
      // Where nothing was asked for, nothing is missing then.
      if (isAllSeenOrAsked && !this.#missed.has(first * this.#size + second)) return undefined;
      const row = this.#seenAfter(first, second, may);
      for (let word = 0; word < may.length; word += 1)
        missing += bitCount((may[word] as number) & ~(row[word] as number));
      return undefined;
    });
    return { seen: of - missing, of };
  }

  /** Three events in an order that was not seen. */
  get unseen(): readonly [number, number, number] | undefined {
    const { first, second, changes } = this.#from;
    let found = this.#unseenFrom(first, second);
    if (found === undefined && changes !== this.#order.changeCount) {
      // More is allowed by now.
      this.#from = { first: 0, second: 0, changes: this.#order.changeCount };
      found = this.#unseenFrom(0, 0);
    }
    if (found === undefined) this.#from = { ...this.#from, first: this.#size, second: 0 };
    return found;
  }

  #unseenFrom(from: number, fromSecond: number): readonly [number, number, number] | undefined {
    return this.#eachTwo(from, fromSecond, (may, first, second) => {
      const missed = this.#missed.get(first * this.#size + second);
      for (let word = 0; missed !== undefined && word < may.length; word += 1)
        may[word] = (may[word] as number) & ~(missed[word] as number);
      const row = this.#seenAfter(first, second, may);
      for (let word = 0; word < may.length; word += 1) {
        const left = (may[word] as number) & ~(row[word] as number);
        if (left === 0) continue;
        this.#from = { ...this.#from, first, second };
        return [first, second, word * 32 + lowestBit(left)] as const;
      }
      return undefined;
    });
  }

  /** These events were asked for in this order: if they did not come so, they are not asked for again. */
  asked(first: number, second: number, third: number): void {
    const pair = first * this.#size + second;
    const missed = this.#missed.get(pair) ?? new Uint32Array(this.#row.length);
    missed[third >>> 5] = (missed[third >>> 5] as number) | (1 << (third & 31));
    this.#missed.set(pair, missed);
  }

  /** What came after two events in this order: all of it, or at least all of `may`. */
  #seenAfter(first: number, second: number, may: Uint32Array): Uint32Array {
    const row = this.#row;
    if (this.#summed === undefined) row.fill(0);
    else row.set(this.#summed.row(this.#rowOf(first, second)));
    for (const { places, later } of this.#kept) {
      if ((places[first] as number) >= (places[second] as number)) continue;
      if (later.completes(second, row, may)) break;
    }
    return row;
  }

  #sumUp(): void {
    const summed = this.#summed ?? new BitRows(this.#size, this.#size * this.#size);
    this.#summed = summed;
    for (const { places, later } of this.#kept)
      for (let second = 0; second < this.#size; second += 1) {
        const after = later.row(second);
        for (let first = 0; first < this.#size; first += 1)
          if ((places[first] as number) < (places[second] as number)) summed.unite(this.#rowOf(first, second), after);
      }
    this.#kept = [];
  }

  /** Rows with the same second event lie beside each other, since a run goes through all of them at once. */
  #rowOf(first: number, second: number): number {
    return second * this.#size + first;
  }

  /** Each two events that may come in this order, with what may come after both, until something is found. */
  #eachTwo<Found>(
    fromFirst: number,
    fromSecond: number,
    look: (may: Uint32Array, first: number, second: number) => Found | undefined,
  ): Found | undefined {
    const following = this.#followingEach();
    const may = new Uint32Array(this.#row.length);
    for (let first = fromFirst; first < this.#size; first += 1) {
      const afterFirst = following[first] as Uint32Array;
      for (let second = first === fromFirst ? fromSecond : 0; second < this.#size; second += 1) {
        if (first === second || !hasBit(afterFirst, second)) continue;
        const afterSecond = following[second] as Uint32Array;
        for (let word = 0; word < may.length; word += 1)
          may[word] = (afterFirst[word] as number) & (afterSecond[word] as number);
        const found = look(may, first, second);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  /** For each event, what may follow it. */
  #followingEach(): readonly Uint32Array[] {
    const changes = this.#order.changeCount;
    if (this.#following?.changes !== changes)
      this.#following = {
        changes,
        rows: Array.from({ length: this.#size }, (_, place) => this.#order.mayFollow(place)),
      };
    return this.#following.rows;
  }
}
