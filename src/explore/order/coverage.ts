// Which orders of two and of three events of a step were seen, counted exactly.
import { BitRows, bitCount, lowestBit } from './bit-rows.ts';
import type { EventName } from './event-names.ts';
import type { EventOrder } from './event-order.ts';
import { SeenTriples } from './seen-triples.ts';
import type { Counted } from './seen-triples.ts';
import type { Trace } from './trace.ts';

/** For more events, triples take too much memory to count. */
export const triplesEventsMax = 600;

export class StepCoverage {
  readonly #order: EventOrder;
  readonly #size: number;
  /** For each event: what came after it. */
  readonly #pairs: BitRows;
  /** Pairs that do not come although they are asked for: they are not asked for again, and count as not seen. */
  readonly #missedPairs: BitRows;
  /** Made when triples are asked for. */
  #triples: SeenTriples | undefined;

  constructor(order: EventOrder) {
    this.#order = order;
    this.#size = order.events.length;
    this.#pairs = new BitRows(this.#size);
    this.#missedPairs = new BitRows(this.#size);
  }

  add(step: Trace): void {
    const places = step.map(({ event }) => this.#order.placeOf(event)).filter((place) => place !== undefined);
    const after = new BitRows(this.#size);
    const later = new Uint32Array(after.width);
    for (let index = places.length - 1; index >= 0; index -= 1) {
      const place = places[index] as number;
      after.unite(place, later);
      later[place >>> 5] = (later[place >>> 5] as number) | (1 << (place & 31));
    }
    this.#pairs.uniteAll(after);
    this.#triples?.add(places, after);
  }

  /** From here on triples are counted too. */
  countTriples(): void {
    this.#triples ??= new SeenTriples(this.#order);
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
    return this.#triples?.counted ?? { seen: 0, of: 0 };
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
    const unseen = this.#triples?.unseen;
    return unseen === undefined ? undefined : this.#names(unseen);
  }

  /** These events were asked for in this order: if they did not come so, they are not asked for again. */
  asked(events: readonly EventName[]): void {
    const [first, second, third] = events.map((event) => this.#order.placeOf(event));
    if (first === undefined || second === undefined) return;
    if (third === undefined) this.#missedPairs.set(first, second);
    else this.#triples?.asked(first, second, third);
  }

  #names(places: readonly number[]): readonly EventName[] {
    return places.map((place) => this.#order.events[place] as EventName);
  }
}

/** The first bit that may be there and is not. */
function firstBit(may: Uint32Array, seen: Uint32Array, missed: Uint32Array): number | undefined {
  for (const [word, bits] of may.entries()) {
    const left = bits & ~((seen[word] as number) | (missed[word] as number));
    if (left !== 0) return word * 32 + lowestBit(left);
  }
  return undefined;
}
