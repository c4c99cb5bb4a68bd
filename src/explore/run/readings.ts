// What the runs of an exploration have read of clocks and drawn, and whether two values differ in nothing else. Which of two
// branches of an attempt gets which reading depends on the order in every program: it follows from when, and not from what.
//   R1. A reading counts only where it stands as it was read: as a number, as a text of that time, as the id that was drawn.
//       What was computed of it is the result of code.
import { canonicalTextOf } from '../../base/canonical-json.ts';
import { sameValue } from '../../base/equal.ts';
import { canonicalRecord } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { formsOf } from '../../journal/ambient/draw-forms.ts';
import type { Entry } from '../../journal/entry.ts';
import { entryIdentity } from '../../journal/entry-identity.ts';

/** Shorter texts may stand anywhere by accident. */
const drawnLengthMin = 8;

const timeShape =
  /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/g;
const tokenShape = /[\w+/=-]+(?:\.[\w+/=-]+)*/g;
const uuidShape = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/gi;

export class Readings {
  /** Milliseconds since 1970, and the seconds that they are in. */
  readonly #times = new Set<number>();
  readonly #seconds = new Set<number>();
  /** Of clocks that only move forward. */
  readonly #moments = new Set<string>();
  readonly #texts = new Set<string>();

  /** `source`: a clock, or what was drawn from. */
  note(source: string, value: Value): void {
    if (source === 'Date.now' || source === 'now') this.#time(Number(value));
    else if (source === 'Temporal.Now.instant') {
      this.#time(Number((value as bigint) / 1_000_000n));
      this.#moments.add(String(value));
    } else if (typeof value === 'bigint' || source === 'performance.now') this.#moments.add(String(value));
    else for (const { text } of formsOf(value)) if (text.length >= drawnLengthMin) this.#texts.add(text);
  }

  /** What a recording holds: some of it may be read in no order that is tried, and stands in a request. */
  noteRecorded(entry: Entry): void {
    if (entry.kind === 'ambient')
      for (const { source, values } of entry.observed.reads ?? []) for (const value of values) this.note(source, value);
    else if (entry.kind === 'effect' && entry.type === 'now' && entry.outcome.kind === 'value')
      this.note('now', entry.outcome.value);
  }

  #time(ms: number): void {
    this.#times.add(ms);
    this.#seconds.add(Math.floor(ms / 1000));
  }

  get areAny(): boolean {
    return this.#times.size + this.#moments.size + this.#texts.size > 0;
  }

  /** Whether two values differ in readings alone. */
  areAlike(one: Value, other: Value): boolean {
    return sameValue(one, other) || this.#masked(one) === this.#masked(other);
  }

  areEntriesAlike(one: readonly Entry[], other: readonly Entry[]): boolean {
    if (!this.areAny || one.length !== other.length) return false;
    return one.every((entry, place) => this.#isEntryAlike(entry, other[place] as Entry));
  }

  #isEntryAlike(one: Entry, other: Entry): boolean {
    return one === other || this.areAlike(partsOf(one), partsOf(other));
  }

  /** The entries of another run, with the readings of the one in the place of its own. */
  aligned(one: readonly Entry[], other: readonly Entry[]): readonly Entry[] {
    if (!this.areAny) return other;
    const known = new Map(one.map((entry) => [entryIdentity(entry), entry]));
    return other.map((entry) => {
      const before = known.get(entryIdentity(entry));
      if (before === undefined) return entry;
      const { observed } = entry as { readonly observed?: unknown };
      const parts = this.#alignedValue(partsOf(before), partsOf(entry));
      return { ...(parts as unknown as Entry), ...(observed === undefined ? {} : { observed }) } as Entry;
    });
  }

  #alignedValue(one: Value, other: Value): Value {
    if (sameValue(one, other) || this.#masked(one) === this.#masked(other)) return one;
    if (Array.isArray(one) && Array.isArray(other))
      return other.map((item, place) => (place < one.length ? this.#alignedValue(one[place] as Value, item) : item));
    if (!isRecord(one) || !isRecord(other)) return other;
    return canonicalRecord(
      Object.entries(other).map(([name, part]) => [
        name,
        Object.hasOwn(one, name) ? this.#alignedValue(one[name], part) : part,
      ]),
    );
  }

  #masked(value: Value): string {
    return canonicalTextOf(value)
      .replace(timeShape, (text) => (this.#isTime(Date.parse(text)) ? '<time>' : text))
      .replace(uuidShape, (text) => (this.#texts.has(text.toLowerCase()) ? '<drawn>' : text))
      .replace(tokenShape, (text) => (this.#isReading(text) ? '<read>' : text));
  }

  #isTime(ms: number): boolean {
    return this.#times.has(ms) || (ms % 1000 === 0 && this.#seconds.has(ms / 1000));
  }

  #isReading(text: string): boolean {
    if (this.#moments.has(text)) return /\.|.{8}/.test(text);
    if (text.length < drawnLengthMin) return false;
    if (this.#texts.has(text)) return true;
    if (/^\d{13}$/.test(text)) return this.#times.has(Number(text));
    return /^\d{10}$/.test(text) && this.#seconds.has(Number(text));
  }
}

/** What is compared of an entry. */
function partsOf(entry: Entry): Value {
  const { observed: _observed, ...parts } = entry as unknown as { readonly [name: string]: Value };
  return parts;
}

function isRecord(value: Value): value is { readonly [name: string]: Value } {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
