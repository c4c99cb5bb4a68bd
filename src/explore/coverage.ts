// Which orders of two and of three events of a step were seen, counted exactly.
import { BitRows, bitCount } from './bit-rows.ts';
import type { EventName } from './event-names.ts';
import type { EventOrder } from './event-order.ts';
import type { Trace } from './trace.ts';

export interface Counted {
  readonly seen: number;
  /** How many the run allows. */
  readonly of: number;
}

/** For more events, triples take too much memory to count. */
export const triplesEventsMax = 600;

export class StepCoverage {
  readonly #order: EventOrder;
  readonly #size: number;
  /** For each event: what came after it. */
  readonly #pairs: BitRows;
  /** For each two events in an order: what came after both. Made when triples are asked for. */
  #triples: BitRows | undefined;
  /** Orders that do not come although they are asked for: they are not asked for again, and count as not seen. */
  readonly #missedPairs: BitRows;
  #missedTriples: BitRows | undefined;

  constructor(order: EventOrder) {
    this.#order = order;
    this.#size = order.events.length;
    this.#pairs = new BitRows(this.#size);
    this.#missedPairs = new BitRows(this.#size);
  }

  add(step: Trace): void {
    const places = step.map(({ event }) => this.#order.placeOf(event)).filter((place) => place !== undefined);
    const later = new Uint32Array(this.#pairs.width);
    const laterThan: Uint32Array[] = [];
    for (let index = places.length - 1; index >= 0; index -= 1) {
      const place = places[index] as number;
      laterThan[index] = later.slice();
      unite(this.#pairs.row(place), later);
      later[place >>> 5] = (later[place >>> 5] as number) | (1 << (place & 31));
    }
    if (this.#triples === undefined) return;
    for (let first = 0; first < places.length; first += 1)
      for (let second = first + 1; second < places.length; second += 1)
        unite(
          this.#triples.row((places[first] as number) * this.#size + (places[second] as number)),
          laterThan[second] as Uint32Array,
        );
  }

  /** From here on triples are counted too. */
  countTriples(): void {
    this.#triples ??= new BitRows(this.#size, this.#size * this.#size);
    this.#missedTriples ??= new BitRows(this.#size, this.#size * this.#size);
  }

  get pairs(): Counted {
    let [seen, of] = [0, 0];
    for (let first = 0; first < this.#size; first += 1) {
      const may = this.#swappable(first);
      const row = this.#pairs.row(first);
      for (const [word, bits] of may.entries()) {
        of += bitCount(bits);
        seen += bitCount(bits & (row[word] as number));
      }
    }
    return { seen, of };
  }

  /** What may come before an event as well as after it. */
  #swappable(place: number): Uint32Array {
    const may = this.#order.mayFollow(place);
    for (let other = 0; other < this.#size; other += 1)
      if (this.#order.isBefore(place, other)) may[other >>> 5] = (may[other >>> 5] as number) & ~(1 << (other & 31));
    return may;
  }

  get triples(): Counted {
    let [seen, of] = [0, 0];
    this.#eachTriple((may, row) => {
      for (const [word, bits] of may.entries()) {
        of += bitCount(bits);
        seen += bitCount(bits & (row[word] as number));
      }
      return undefined;
    });
    return { seen, of };
  }

  /** Two events in an order that was not seen. */
  get unseenPair(): readonly EventName[] | undefined {
    for (let first = 0; first < this.#size; first += 1) {
      const second = firstBit(this.#swappable(first), this.#pairs.row(first), this.#missedPairs.row(first));
      if (second !== undefined) return this.#names([first, second]);
    }
    return undefined;
  }

  /** Three events in an order that was not seen. */
  get unseenTriple(): readonly EventName[] | undefined {
    return this.#eachTriple((may, row, first, second) => {
      const missed = this.#missedTriples?.row(first * this.#size + second) ?? row;
      const third = firstBit(may, row, missed);
      return third === undefined ? undefined : this.#names([first, second, third]);
    });
  }

  /** These events were asked for in this order: if they did not come so, they are not asked for again. */
  asked(events: readonly EventName[]): void {
    const [first, second, third] = events.map((event) => this.#order.placeOf(event));
    if (first === undefined || second === undefined) return;
    if (third === undefined) this.#missedPairs.set(first, second);
    else this.#missedTriples?.set(first * this.#size + second, third);
  }

  #names(places: readonly number[]): readonly EventName[] {
    return places.map((place) => this.#order.events[place] as EventName);
  }

  /** Each two events that may come in an order, with what may come after both, until something is found. */
  #eachTriple<Found>(
    look: (may: Uint32Array, seen: Uint32Array, first: number, second: number) => Found | undefined,
  ): Found | undefined {
    const triples = this.#triples;
    if (triples === undefined) return undefined;
    const following = Array.from({ length: this.#size }, (_, place) => this.#order.mayFollow(place));
    for (const [first, afterFirst] of following.entries())
      for (const [second, afterSecond] of following.entries()) {
        if (first === second || !hasBit(afterFirst, second)) continue;
        const may = afterFirst.map((bits, word) => bits & (afterSecond[word] as number));
        const found = look(may, triples.row(first * this.#size + second), first, second);
        if (found !== undefined) return found;
      }
    return undefined;
  }
}

function unite(row: Uint32Array, more: Uint32Array): void {
  for (let word = 0; word < row.length; word += 1) row[word] = (row[word] as number) | (more[word] as number);
}

function hasBit(row: Uint32Array, bit: number): boolean {
  return ((row[bit >>> 5] as number) & (1 << (bit & 31))) !== 0;
}

/** The first bit that may be there and is not. */
function firstBit(may: Uint32Array, seen: Uint32Array, missed: Uint32Array): number | undefined {
  for (const [word, bits] of may.entries()) {
    const left = bits & ~((seen[word] as number) | (missed[word] as number));
    if (left !== 0) return word * 32 + 31 - Math.clz32(left & -left);
  }
  return undefined;
}
