// The recorded order of a step: which places its entries hold.
import type { Entry, OutcomeEntry, TimerFiring } from '../entry.ts';

export interface PlacesOptions {
  /** Whether the places of this attempt are wanted. */
  readonly isWanted: (at: string) => boolean;
  /** Whether the parts of bodies come as they were recorded. */
  readonly withParts: boolean;
}

/** Gathers the places of entries. */
export class RecordedPlaces {
  readonly #options: PlacesOptions;
  readonly #byAttempt = new Map<string, number[]>();
  /** The first place that no entry holds. */
  next = 0;
  /** Those that are wanted, and the highest of them. */
  readonly numbers = new Set<number>();
  highest = -1;

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  /** Those that are wanted. */
  get byAttempt(): ReadonlyMap<string, readonly number[]> {
    return this.#byAttempt;
  }

  add(entry: Entry): void {
    if (!hasPlaces(entry)) return;
    for (const place of placesIn(entry, true)) this.next = Math.max(this.next, place + 1);
    if (!this.#options.isWanted(entry.at)) return;
    const places = [...placesIn(entry, this.#options.withParts)];
    const earlier = this.#byAttempt.get(entry.at);
    if (earlier === undefined) this.#byAttempt.set(entry.at, places);
    else earlier.push(...places);
    for (const place of places) {
      this.numbers.add(place);
      this.highest = Math.max(this.highest, place);
    }
  }
}

/**
 * Where an attempt that has not ended started: its start is not journaled, so this is the last free place before
 * everything that is. Undefined if nothing is.
 */
export function placeOfStart(
  byAttempt: ReadonlyMap<string, readonly number[]>,
  freeUpTo: (place: number) => number,
  at: string,
): number | undefined {
  const places = byAttempt.get(at);
  if (places === undefined) return undefined;
  return freeUpTo(places.reduce((first, other) => Math.min(first, other)) - 1);
}

/** Finds the last free place up to a given one. It goes over a row of taken places once, however often it is asked. */
export function freePlaces(entries: readonly Entry[]): (place: number) => number {
  let taken: ReadonlySet<number> | undefined;
  const known = new Map<number, number>();
  return (from) => {
    let place = from;
    const passed: number[] = [];
    taken ??= takenPlaces(entries);
    while (taken.has(place)) {
      passed.push(place);
      place = known.get(place) ?? place - 1;
    }
    for (const one of passed) known.set(one, place);
    return place;
  };
}

/** Every place that an entry holds. */
function takenPlaces(entries: readonly Entry[]): ReadonlySet<number> {
  const taken = new Set<number>();
  for (const entry of entries) if (hasPlaces(entry)) for (const place of placesIn(entry, true)) taken.add(place);
  return taken;
}

/** Most entries have none: their attempt was alone. */
function hasPlaces(entry: Entry): boolean {
  if (entry.kind === 'outcome' || entry.kind === 'effect') return entry.observed.order !== undefined;
  return entry.kind === 'ambient' && entry.observed.firings !== undefined;
}

function* placesIn(entry: Entry, withParts: boolean): Generator<number, void> {
  if (entry.kind === 'outcome') yield* outcomePlaces(entry);
  else if (entry.kind === 'ambient') for (const { order } of entry.observed.firings ?? []) yield order;
  else if (entry.kind === 'effect' && entry.observed.order !== undefined) {
    const { asked, given, parts } = entry.observed.order;
    yield asked;
    yield given;
    if (withParts) for (const [first, count] of parts ?? []) for (let at = 0; at < count; at += 1) yield first + at;
  }
}

function outcomePlaces({ observed: { order } }: OutcomeEntry): readonly number[] {
  if (order === undefined) return [];
  return [order.started, order.ended];
}

/** Tells a firing of a timer from the others of its attempt. */
export function firingName({ delayMs, occurrence, turn }: Omit<TimerFiring, 'order'>): string {
  return `${delayMs}:${occurrence}:${turn}`;
}
