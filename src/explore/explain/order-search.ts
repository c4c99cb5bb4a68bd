// Looks for an order under which a run comes out as it was recorded.
//   It begins with orders of its own, and then changes the best one a little, again and again: what was right stays, step by
//   step, and within the first wrong step as far as it can be told.
//   O1. An order is better than another one if more steps are right, or as many and the next one is more alike.
//   O2. What is equally good replaces what was there, so that the search does not stand still.
import { drawStream } from '../../base/draw.ts';
import { listedStrategy } from '../strategy/ranked.ts';
import { searchStrategy } from '../strategy/random.ts';
import type { Strategy } from '../strategy/strategy.ts';
import type { TraceItem, Traced } from '../order/trace.ts';
import type { Judged } from './judged-run.ts';

/** Every so many orders, all beyond the steps that are right is drawn. */
const drawnEvery = 5;
/** So often the change is in a step that seemed to be right: what it left in a variable may not be. */
const earlierShare = 0.2;

export class OrderSearch {
  readonly #seed: string;
  readonly #draw: () => number;
  #best: Judged;
  #count = 0;

  constructor(seed: string, first: Judged) {
    this.#seed = seed;
    this.#draw = drawStream(seed, 'explain').next;
    this.#best = first;
  }

  get best(): Judged {
    return this.#best;
  }

  /** The next order to try. */
  get next(): Strategy {
    const number = this.#count;
    this.#count += 1;
    const { run, right } = this.#best;
    if (number % drawnEvery > 0) return listedStrategy(this.#changed());
    const kept = run.trace.filter((item) => stepOf(item) <= right);
    return listedStrategy(keysOf(kept), searchStrategy(this.#seed, Math.floor(number / drawnEvery), run.trace.length));
  }

  tried(judged: Judged): void {
    if (isAsGood(judged, this.#best)) this.#best = judged;
  }

  /** The best order with one thing moved to another place, or a few. */
  #changed(): readonly string[] {
    const { right, run } = this.#best;
    const items = orderOf(run);
    const isEarlier = right > 0 && this.#draw() < earlierShare;
    const places = [...items.keys()].filter((place) => isEarlier === stepOf(items[place] as TraceItem) <= right);
    if (places.length === 0) return keysOf(items);
    for (let moves = 1 + Math.floor(-Math.log2(1 - this.#draw())); moves > 0; moves -= 1) this.#move(items, places);
    return keysOf(items);
  }

  #move(items: TraceItem[], places: readonly number[]): void {
    const [first, last] = [places[0] as number, places.at(-1) as number];
    const from = places[this.#below(places.length)] as number;
    const [item] = items.splice(from, 1) as [TraceItem];
    // Half of the time by little.
    const to =
      this.#draw() < 0.5
        ? from + (this.#draw() < 0.5 ? -1 : 1) * (1 + this.#below(2))
        : first + this.#below(last - first + 1);
    items.splice(Math.min(Math.max(to, first), last), 0, item);
  }

  #below(count: number): number {
    return Math.floor(this.#draw() * count);
  }
}

function isAsGood(one: Judged, other: Judged): boolean {
  return one.right === other.right ? one.likeness >= other.likeness : one.right > other.right;
}

/** What happened, and what was given up where it was. */
function orderOf({ trace, givenUp }: Traced): TraceItem[] {
  const byPlace = Map.groupBy(givenUp, ({ happened }) => happened);
  const items: TraceItem[] = [];
  for (let place = 0; place <= trace.length; place += 1) {
    items.push(...(byPlace.get(place) ?? []));
    const item = trace[place];
    if (item !== undefined) items.push(item);
  }
  return items;
}

function keysOf(items: readonly TraceItem[]): readonly string[] {
  return items.map(({ event }) => event.key);
}

/** The top-level step. */
function stepOf({ event }: TraceItem): number {
  return event.attempt.path[0] as number;
}
