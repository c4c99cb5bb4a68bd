// The rungs: each tries schedules of its own kind, and says what they have shown. The first that finds an order which changes
// the result ends the climb.
import type { Rung, RungName } from '../report/explore-facts.ts';
import { StepCoverage, triplesEventsMax } from './coverage.ts';
import { EventOrder, stepsOf } from './event-order.ts';
import type { EventName } from './event-names.ts';
import type { Exploration, Tried } from './exploration.ts';
import type { Hold } from './schedule.ts';
import { EveryOrder } from './strategy/every-order.ts';
import { lastInFirstOut, leftToRight, rightToLeft } from './strategy/families.ts';
import { heldStrategy } from './strategy/held.ts';
import { searchStrategy } from './strategy/random.ts';
import type { Strategy } from './strategy/strategy.ts';
import type { Trace } from './trace.ts';

export interface Found {
  readonly rung: RungName;
  readonly tried: Tried;
  readonly after: number;
}

export interface Climb {
  readonly rungs: readonly Rung[];
  readonly found: Found | undefined;
}

export interface ClimbSetup {
  readonly seed: string;
  /** Of `count` processes that share the work this is number `index`, from 0. */
  readonly shard: { readonly index: number; readonly count: number };
}

/** Beyond so many events, which of them may swap is not counted. */
const countedEventsMax = 4_000;
const tooMany = `the run has more than ${countedEventsMax} events`;

export async function climb(exploration: Exploration, { seed, shard }: ClimbSetup): Promise<Climb> {
  const ladder = new Ladder(exploration, seed, shard);
  if (exploration.first.choiceCount === 0) return { rungs: [], found: undefined };
  for (const rung of [() => ladder.pairs(), () => ladder.allOrders(), () => ladder.triples(), () => ladder.search()]) {
    const found = await rung();
    if (found !== undefined || ladder.areAllRun) return { rungs: ladder.rungs, found };
  }
  return { rungs: ladder.rungs, found: undefined };
}

class Ladder {
  readonly rungs: Rung[] = [];
  readonly #exploration: Exploration;
  readonly #seed: string;
  readonly #shard: ClimbSetup['shard'];
  readonly #steps: readonly { readonly order: EventOrder; readonly coverage: StepCoverage }[];
  /** How many orders there are, about. */
  #orders = 1;
  #triedCount = 0;
  /** Whether anything is still to be said about which orders were seen. */
  #isCounting = true;

  constructor(exploration: Exploration, seed: string, shard: ClimbSetup['shard']) {
    this.#exploration = exploration;
    this.#seed = seed;
    this.#shard = shard;
    const { first } = exploration;
    const steps = this.#isCounted ? stepsOf(first.trace) : [];
    this.#steps = steps.map((step) => {
      const order = new EventOrder(step);
      return { order, coverage: new StepCoverage(order) };
    });
    this.#see(first.trace);
  }

  get areAllRun(): boolean {
    return this.rungs.some((rung) => rung.name === 'all orders' && 'isComplete' in rung && rung.isComplete);
  }

  get #isCounted(): boolean {
    return this.#exploration.first.trace.length <= countedEventsMax;
  }

  /** Every two events both ways. */
  async pairs(): Promise<Found | undefined> {
    const from = this.#triedCount;
    for (const strategy of [leftToRight(), rightToLeft(), lastInFirstOut()]) {
      const found = await this.#try('pairs', strategy);
      if (found !== undefined) return found;
    }
    // Where code decides what is ready, some pairs take an order made for them.
    for (const { coverage } of this.#steps) {
      for (
        let pair = coverage.unseenPair;
        pair !== undefined && this.#exploration.left > 0;
        pair = coverage.unseenPair
      ) {
        const found = await this.#try('pairs', heldStrategy(inThisOrder(pair)));
        if (found !== undefined) return found;
        coverage.asked(pair);
      }
    }
    const schedules = this.#triedCount - from;
    const counted = sum(this.#steps, ({ coverage }) => coverage.pairs);
    this.#add(this.#isCounted ? { name: 'pairs', schedules, ...counted } : { name: 'pairs', skipped: tooMany });
    return undefined;
  }

  /** Every order, where they fit. */
  async allOrders(): Promise<Found | undefined> {
    if (this.#orders > this.#exploration.left || this.#shard.index > 0) return undefined;
    const every = new EveryOrder();
    let orders = 0;
    for (let order = every.next; order !== undefined; order = every.next) {
      if (this.#exploration.left === 0) break;
      const found = await this.#try('all orders', order);
      if (found !== undefined) return found;
      orders += 1;
      every.ran(order);
    }
    this.#add({ name: 'all orders', orders, isComplete: every.next === undefined });
    return undefined;
  }

  /** Every three events in every order that the run allows. */
  async triples(): Promise<Found | undefined> {
    const isTooLarge = this.#steps.some(({ order }) => order.events.length > triplesEventsMax);
    if (isTooLarge || !this.#isCounted) {
      this.#add({ name: 'triples', skipped: isTooLarge ? `a step has more than ${triplesEventsMax} events` : tooMany });
      return undefined;
    }
    const from = this.#triedCount;
    for (const { coverage } of this.#steps) coverage.countTriples();
    // The rest is for the search.
    const until = this.#exploration.left / 2;
    for (const { coverage } of this.#steps) {
      for (let triple = coverage.unseenTriple; triple !== undefined; triple = coverage.unseenTriple) {
        if (this.#exploration.left <= until) break;
        const base = searchStrategy(this.#seed, (this.#triedCount - from) * 6, 0);
        const found = await this.#try('triples', heldStrategy(inThisOrder(triple), base));
        if (found !== undefined) return found;
        coverage.asked(triple);
      }
    }
    const counted = sum(this.#steps, ({ coverage }) => coverage.triples);
    this.#add({ name: 'triples', schedules: this.#triedCount - from, ...counted });
    return undefined;
  }

  async search(): Promise<Found | undefined> {
    this.#isCounting = false;
    const from = this.#triedCount;
    const { index, count } = this.#shard;
    for (let number = index; this.#exploration.left > 0; number += count) {
      const strategy = searchStrategy(this.#seed, number, this.#exploration.first.trace.length);
      const found = await this.#try('search', strategy);
      if (found !== undefined) return found;
    }
    if (this.#triedCount > from) this.#add({ name: 'search', schedules: this.#triedCount - from });
    return undefined;
  }

  async #try(rung: RungName, strategy: Strategy): Promise<Found | undefined> {
    this.#triedCount += 1;
    const tried = await this.#exploration.try(strategy);
    if (tried.change !== undefined) return { rung, tried, after: this.#triedCount };
    if (this.#isCounting) this.#see(tried.run.trace);
    return undefined;
  }

  #see(trace: Trace): void {
    this.#orders = Math.max(this.#orders, ordersFrom(trace));
    for (const [place, step] of stepsOf(trace).entries()) {
      const known = this.#steps[place];
      known?.order.add(step);
      known?.coverage.add(step);
    }
  }

  #add(rung: Rung): void {
    this.rungs.push(rung);
  }
}

function inThisOrder(events: readonly EventName[]): readonly Hold[] {
  return events.slice(1).map(({ key }, place) => ({ event: key, until: (events[place] as EventName).key }));
}

/** How many orders there would be if each choice had as many outcomes as in this run (Knuth 1975). */
function ordersFrom(trace: Trace): number {
  const readyCounts = new Array<number>(trace.length).fill(0);
  for (const { since, happened } of trace)
    for (let place = since; place <= happened; place += 1) readyCounts[place] = (readyCounts[place] as number) + 1;
  return readyCounts.reduce((product, count) => product * Math.max(1, count), 1);
}

function sum<Item>(
  items: readonly Item[],
  countOf: (item: Item) => { readonly seen: number; readonly of: number },
): { readonly seen: number; readonly of: number } {
  let [seen, of] = [0, 0];
  for (const item of items) {
    const counted = countOf(item);
    seen += counted.seen;
    of += counted.of;
  }
  return { seen, of };
}
