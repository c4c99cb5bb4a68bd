// Which events of one top-level step certainly happen before which. What tasks are beside each other follows from keys. What
// comes first within an attempt is drawn from traces: an event that was never ready before another had happened comes after it.
//   E1. With more traces it only ever says less.
import { BitRows } from './bit-rows.ts';
import type { AttemptName, EventName } from './event-names.ts';
import { isSurelyBefore } from './trace.ts';
import type { Trace, TraceItem } from './trace.ts';

export class EventOrder {
  readonly events: readonly EventName[];
  readonly #places: ReadonlyMap<EventName, number>;
  /** By keys. */
  readonly #structural: BitRows;
  /** By the traces so far. */
  readonly #observed: BitRows;
  #changeCount = 0;

  constructor(step: Trace) {
    this.events = step.map(({ event }) => event);
    this.#places = new Map(this.events.map((event, place) => [event, place]));
    this.#structural = new BitRows(this.events.length);
    this.#observed = new BitRows(this.events.length);
    for (const places of this.#placesByTask())
      for (const later of places)
        for (const earlier of places)
          if (isBeforeByKey(this.events[earlier] as EventName, this.events[later] as EventName))
            this.#structural.set(later, earlier);
    for (const [first, second] of pairsOf(step))
      if (isSeenBefore(first, second)) this.#observed.set(this.#placeOf(second), this.#placeOf(first));
  }

  /** Those of different tasks of the step may come in either order. */
  #placesByTask(): Iterable<readonly number[]> {
    const tasks = new Map<number | undefined, number[]>();
    for (const [place, { attempt }] of this.events.entries()) {
      const [, rank] = attempt.path;
      const places = tasks.get(rank);
      if (places === undefined) tasks.set(rank, [place]);
      else places.push(place);
    }
    return tasks.values();
  }

  /** A run in which the events came in another order. */
  add(step: Trace): void {
    for (const [first, second] of pairsOf(step.filter(({ event }) => this.#places.has(event)))) {
      this.#allow(this.#placeOf(first), this.#placeOf(second));
      if (!isSeenBefore(first, second)) this.#allow(this.#placeOf(second), this.#placeOf(first));
    }
  }

  /** The first of two events need not come after the second. */
  #allow(later: number, earlier: number): void {
    if (!this.#observed.has(later, earlier)) return;
    this.#observed.clear(later, earlier);
    this.#changeCount += 1;
  }

  /** How often it has come to say less. */
  get changeCount(): number {
    return this.#changeCount;
  }

  placeOf(event: EventName): number | undefined {
    return this.#places.get(event);
  }

  isBefore(earlier: number, later: number): boolean {
    return this.#structural.has(later, earlier) || this.#observed.has(later, earlier);
  }

  /** What may come after this one: everything that does not certainly come before it. */
  mayFollow(place: number): Uint32Array {
    const structural = this.#structural.row(place);
    const observed = this.#observed.row(place);
    const may = new Uint32Array(structural.length);
    for (let word = 0; word < may.length; word += 1)
      may[word] = ~((structural[word] as number) | (observed[word] as number));
    const unused = may.length * 32 - this.events.length;
    if (unused > 0) may[may.length - 1] = (may[may.length - 1] as number) & (0xffffffff >>> unused);
    may[place >>> 5] = (may[place >>> 5] as number) & ~(1 << (place & 31));
    return may;
  }

  #placeOf({ event }: TraceItem): number {
    return this.#places.get(event) as number;
  }
}

/** The events of each top-level step, in order. */
export function stepsOf(trace: Trace): readonly Trace[] {
  const steps = new Map<number, TraceItem[]>();
  for (const item of trace) {
    const step = item.event.attempt.path[0] as number;
    const known = steps.get(step);
    if (known === undefined) steps.set(step, [item]);
    else known.push(item);
  }
  return [...steps.values()];
}

/** Two events that happened in this order, of one attempt or both at a certain time. */
function* pairsOf(step: Trace): Generator<readonly [TraceItem, TraceItem]> {
  const byAttempt = new Map<AttemptName, TraceItem[]>();
  const timers: TraceItem[] = [];
  for (const item of step) {
    const { attempt } = item.event;
    const earlier = byAttempt.get(attempt) ?? [];
    for (const first of earlier) yield [first, item];
    if (item.due !== undefined) {
      for (const first of timers) if (first.event.attempt !== attempt) yield [first, item];
      timers.push(item);
    }
    earlier.push(item);
    byAttempt.set(attempt, earlier);
  }
}

function isSeenBefore(first: TraceItem, second: TraceItem): boolean {
  if (first.due !== undefined && second.due !== undefined && isSurelyBefore(first as Timed, second as Timed))
    return true;
  return first.event.attempt === second.event.attempt && first.happened < second.since;
}

type Timed = TraceItem & { readonly due: NonNullable<TraceItem['due']> };

/** Steps and attempts come one after another; tasks of a step run beside each other; an attempt starts before what is in it. */
function isBeforeByKey(earlier: EventName, later: EventName): boolean {
  const [left, right] = [earlier.attempt.path, later.attempt.path];
  const shared = Math.min(left.length, right.length);
  for (let place = 0; place < shared; place += 1) {
    const [one, other] = [left[place] as number, right[place] as number];
    if (one !== other) return place % 3 !== 1 && one < other;
  }
  return left.length < right.length && earlier.key.endsWith(':start');
}
