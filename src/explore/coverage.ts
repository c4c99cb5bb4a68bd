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
  /**
   * For each two events in an order: what came after both. Made when triples are asked for. Rows with the same second event lie
   * beside each other, since a run goes through all of them at once.
   */
  #triples: BitRows | undefined;
  /** Orders that do not come although they are asked for: they are not asked for again, and count as not seen. */
  readonly #missedPairs: BitRows;
  #missedTriples: BitRows | undefined;
  /** All triples that begin with an event before this one were seen or asked for. */
  #from = 0;

  constructor(order: EventOrder) {
    this.#order = order;
    this.#size = order.events.length;
    this.#pairs = new BitRows(this.#size);
    this.#missedPairs = new BitRows(this.#size);
  }

  add(step: Trace): void {
    const places = step.map(({ event }) => this.#order.placeOf(event)).filter((place) => place !== undefined);
    const later = new Uint32Array(this.#pairs.width);
    for (let index = places.length - 1; index >= 0; index -= 1) {
      const second = places[index] as number;
      if (this.#triples !== undefined)
        for (let before = 0; before < index; before += 1)
          this.#triples.unite(this.#rowOf(places[before] as number, second), later);
      this.#pairs.unite(second, later);
      later[second >>> 5] = (later[second >>> 5] as number) | (1 << (second & 31));
    }
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
    this.#eachTwo(0, (may, row) => {
      for (const [word, bits] of may.entries()) {
        of += bitCount(bits);
        seen += bitCount(bits & (this.#triples?.word(row, word) ?? 0));
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
    const found = this.#unseenTripleFrom(this.#from);
    // More may be allowed by now.
    if (found !== undefined || this.#from === 0) return found;
    this.#from = 0;
    return this.#unseenTripleFrom(0);
  }

  #unseenTripleFrom(from: number): readonly EventName[] | undefined {
    const [seen, missed] = [this.#triples, this.#missedTriples];
    if (seen === undefined || missed === undefined) return undefined;
    return this.#eachTwo(from, (may, row, first, second) => {
      for (const [word, bits] of may.entries()) {
        const left = bits & ~(seen.word(row, word) | missed.word(row, word));
        if (left === 0) continue;
        this.#from = first;
        return this.#names([first, second, word * 32 + lowestBit(left)]);
      }
      return undefined;
    });
  }

  /** These events were asked for in this order: if they did not come so, they are not asked for again. */
  asked(events: readonly EventName[]): void {
    const [first, second, third] = events.map((event) => this.#order.placeOf(event));
    if (first === undefined || second === undefined) return;
    if (third === undefined) this.#missedPairs.set(first, second);
    else this.#missedTriples?.set(this.#rowOf(first, second), third);
  }

  #rowOf(first: number, second: number): number {
    return second * this.#size + first;
  }

  #names(places: readonly number[]): readonly EventName[] {
    return places.map((place) => this.#order.events[place] as EventName);
  }

  /** Each two events that may come in this order, with what may come after both, until something is found. */
  #eachTwo<Found>(
    from: number,
    look: (may: Uint32Array, row: number, first: number, second: number) => Found | undefined,
  ): Found | undefined {
    const following = Array.from({ length: this.#size }, (_, place) => this.#order.mayFollow(place));
    const may = new Uint32Array(this.#pairs.width);
    for (let first = from; first < this.#size; first += 1) {
      const afterFirst = following[first] as Uint32Array;
      for (let second = 0; second < this.#size; second += 1) {
        if (first === second || !hasBit(afterFirst, second)) continue;
        const afterSecond = following[second] as Uint32Array;
        for (let word = 0; word < may.length; word += 1)
          may[word] = (afterFirst[word] as number) & (afterSecond[word] as number);
        const found = look(may, this.#rowOf(first, second), first, second);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }
}

function hasBit(row: Uint32Array, bit: number): boolean {
  return ((row[bit >>> 5] as number) & (1 << (bit & 31))) !== 0;
}

/** The first bit that may be there and is not. */
function firstBit(may: Uint32Array, seen: Uint32Array, missed: Uint32Array): number | undefined {
  for (const [word, bits] of may.entries()) {
    const left = bits & ~((seen[word] as number) | (missed[word] as number));
    if (left !== 0) return word * 32 + lowestBit(left);
  }
  return undefined;
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
