// The rungs: each tries schedules of its own kind, and says what they have shown. The first that finds an order which changes
// the result ends the climb.
import type { Rung, RungName } from '../report/explore/explore-facts.ts';
import { StepCoverage, triplesEventsMax } from './order/coverage.ts';
import { ordersFrom, ordersWithin } from './order/count-orders.ts';
import { EventOrder, stepsOf } from './order/event-order.ts';
import type { EventName } from './order/event-names.ts';
import type { Exploration, Tried } from './run/exploration.ts';
import type { Hold } from './schedule/schedule.ts';
import { EveryOrder } from './strategy/every-order.ts';
import { OrdersWithin } from './strategy/orders-within.ts';
import { fifoStrategy } from './strategy/fifo.ts';
import { lastInFirstOut, leftToRight, rightToLeft } from './strategy/families.ts';
import { heldStrategy } from './strategy/held.ts';
import { searchStrategy } from './strategy/random.ts';
import type { Strategy } from './strategy/strategy.ts';
import { isPart, wholeAnswers } from './strategy/whole-answers.ts';
import type { Trace } from './order/trace.ts';
import type { VariableWrite } from './watch/write-log.ts';
import type { WatchedGraph } from './watch/watched-graph.ts';

export interface Found {
  readonly rung: RungName;
  readonly tried: Tried;
  readonly after: number;
}

export interface Climb {
  readonly rungs: readonly Rung[];
  readonly found: Found | undefined;
  /** No order changes anything, and a rung has proved it. */
  readonly isProved: boolean;
}

export interface ClimbSetup {
  readonly seed: string;
  /** Has watched the first runs. */
  readonly watched: WatchedGraph | undefined;
  /** Of `count` processes that share the work this is number `index`, from 0. */
  readonly shard: { readonly index: number; readonly count: number };
  /** The first drawn order. Beyond 0, what comes before drawn orders has been tried already. */
  readonly from: number;
}

/** So many exchanged writes are tried before all pairs are. */
const suspectsMax = 12;

/** Beyond so many events, which of them may swap is not counted. */
const countedEventsMax = 4_000;
const tooMany = `the run has more than ${countedEventsMax} events`;

export async function climb(exploration: Exploration, setup: ClimbSetup): Promise<Climb> {
  const ladder = new Ladder(exploration, setup);
  if (exploration.first.choiceCount === 0) return { rungs: [], found: undefined, isProved: false };
  const rungs = [
    () => ladder.within(),
    () => ladder.pairs(),
    () => ladder.suspects(),
    () => ladder.allOrders(),
    () => ladder.triples(),
    () => ladder.search(),
  ];
  for (const rung of setup.from === 0 ? rungs : rungs.slice(-1)) {
    const found = await rung();
    if (found !== undefined) return { rungs: ladder.rungs, found, isProved: false };
    if (ladder.areNoOthers) break;
    // What is proved is tried in some orders all the same: if one of them changed the result, the proof would be wrong.
    if (ladder.isProved && ladder.hasTriedPairs && (await ladder.isConfirmed())) break;
  }
  return { rungs: ladder.rungs, found: undefined, isProved: await ladder.isConfirmed() };
}

class Ladder {
  readonly rungs: Rung[] = [];
  readonly #exploration: Exploration;
  readonly #seed: string;
  readonly #shard: ClimbSetup['shard'];
  readonly #from: number;
  readonly #watched: ClimbSetup['watched'];
  /** Whether every order within attempts has run, and no variable was written in any of them. */
  #isWithinComplete = false;
  readonly #steps: readonly { readonly order: EventOrder; readonly coverage: StepCoverage }[];
  /** How many orders there are, about. */
  #orders = 1;
  #triedCount = 0;
  /** Whether anything is still to be said about which orders were seen. */
  #isCounting = true;

  constructor(exploration: Exploration, { seed, shard, from, watched }: ClimbSetup) {
    this.#exploration = exploration;
    this.#seed = seed;
    this.#shard = shard;
    this.#from = from;
    this.#watched = watched;
    const { first } = exploration;
    const steps = this.#isCounted ? stepsOf(first.trace) : [];
    this.#steps = steps.map((step) => {
      const order = new EventOrder(step);
      return { order, coverage: new StepCoverage(order) };
    });
    this.#see(first.trace);
  }

  get #mayBeProved(): boolean {
    return this.#exploration.uncontrolled.size === 0 && !this.#exploration.untried.areAny;
  }

  get isProved(): boolean {
    if (!this.#mayBeProved) return false;
    return this.#isProvedByWatch || (this.areNoOthers && !this.#exploration.untried.areAnyBetween);
  }

  /** Before a watch proves anything, it listens for what no variable shows. */
  async isConfirmed(): Promise<boolean> {
    const watched = this.#watched;
    if (this.isProved && this.#isProvedByWatch && watched?.listens === false) {
      watched.listens = true;
      await this.#exploration.runWhole(fifoStrategy, { watched });
    }
    return this.isProved;
  }

  get hasTriedPairs(): boolean {
    return this.rungs.some(({ name }) => name === 'pairs');
  }

  /**
   * Nobody writes what another could read, so every attempt sees the same under every order of the others. By induction over
   * the events: what an attempt does follows from what it saw and what is delivered to it, and both are
   * the same.
   */
  get #isProvedByWatch(): boolean {
    return this.#seesAll && (this.#watched?.hasSeveralWaits === false || this.#isWithinComplete);
  }

  /** No watched run has written what a task can reach, as far as that can be seen. */
  get #seesAll(): boolean {
    const watched = this.#watched;
    // Fakes may share what no graph can reach.
    if (watched === undefined || this.#exploration.subject.isOutsideAsked) return false;
    return !watched.isCutShort && watched.isUntouched && watched.unread.length === 0;
  }

  /** Writers of one variable the other way round. */
  async suspects(): Promise<Found | undefined> {
    const holds = (this.#watched?.written ?? []).flatMap(({ writes }) => exchangedWrites(writes));
    for (const hold of holds.slice(0, suspectsMax)) {
      if (this.#exploration.left === 0) break;
      const found = await this.#try('watch', heldStrategy([hold]));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Every order of what an attempt waits for, where no attempt can see another. */
  async within(): Promise<Found | undefined> {
    const watched = this.#watched;
    if (watched === undefined || !watched.hasSeveralWaits || !watched.isUntouched) return undefined;
    if (ordersWithin(this.#exploration.first.trace) > this.#exploration.left) return undefined;
    const every = new OrdersWithin();
    let orders = 0;
    for (let order = every.next; order !== undefined && watched.isUntouched; order = every.next) {
      if (this.#exploration.left === 0) break;
      const found = await this.#try('within', order, true);
      if (found !== undefined) return found;
      orders += 1;
      every.ran(order);
    }
    this.#isWithinComplete = every.next === undefined;
    this.#add({ name: 'within', orders, isComplete: this.#isWithinComplete });
    return undefined;
  }

  /** Nobody writes, and there are too many orders within attempts: some of them are watched all the same. */
  get #isWithinOpen(): boolean {
    const watched = this.#watched;
    return watched?.isUntouched === true && watched.hasSeveralWaits && !this.#isWithinComplete;
  }

  /** What is shown of orders within attempts where they have not all run. */
  #addWithin(): void {
    const watched = this.#watched;
    if (watched === undefined || !this.#isWithinOpen || this.rungs.some(({ name }) => name === 'within')) return;
    const isShown = this.#mayBeProved && this.#seesAll;
    this.#add({
      ...{ name: 'within', orders: 0, isComplete: false, of: ordersWithin(this.#exploration.first.trace) },
      ...(isShown ? { watched: watched.runCount } : {}),
    });
  }

  /** Each order has run, with variables of its own: to draw more would be to run the same again. */
  get areNoOthers(): boolean {
    return this.#areAllRun && this.#exploration.subject.isFresh;
  }

  get #areAllRun(): boolean {
    return this.rungs.some(
      (rung) => rung.name === 'all orders' && 'isComplete' in rung && rung.isComplete && rung.grain === undefined,
    );
  }

  get #isCounted(): boolean {
    return this.#exploration.first.trace.length <= countedEventsMax;
  }

  /** Every two events both ways. */
  async pairs(): Promise<Found | undefined> {
    const from = this.#triedCount;
    for (const strategy of [leftToRight(), rightToLeft(), lastInFirstOut()]) {
      const found = await this.#try('pairs', strategy, this.#isWithinOpen);
      if (found !== undefined) return found;
    }
    this.#addWithin();
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
    if (this.#shard.index > 0) return undefined;
    if (this.#orders > this.#exploration.left) return this.#wholeAnswers();
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

  /** Where parts of bodies make too many orders: those in which all of an answer comes once it has begun to. */
  async #wholeAnswers(): Promise<Found | undefined> {
    if (!this.#exploration.first.trace.some(({ event }) => isPart(event))) return undefined;
    const ordersMax = this.#exploration.left / 4;
    const until = this.#exploration.left - ordersMax;
    const every = new EveryOrder();
    let orders = 0;
    for (let order = every.next; order !== undefined; order = every.next) {
      if (this.#exploration.left <= until) break;
      const found = await this.#try('all orders', wholeAnswers(order));
      if (found !== undefined) return found;
      orders += 1;
      // The first run tells about how many there are.
      if (orders === 1 && order.widths.reduce((product, width) => product * width, 1) > ordersMax) return undefined;
      every.ran(order);
    }
    this.#add({ name: 'all orders', orders, isComplete: every.next === undefined, grain: 'answers' });
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
    let next = this.#from;
    for (; this.#exploration.left > 0; next += count) {
      const strategy = searchStrategy(this.#seed, next + index, this.#exploration.first.trace.length);
      const found = await this.#try('search', strategy);
      if (found !== undefined) return found;
    }
    if (this.#triedCount > from) this.#add({ name: 'search', schedules: this.#triedCount - from, next });
    return undefined;
  }

  async #try(rung: RungName, strategy: Strategy, isWatched = false): Promise<Found | undefined> {
    this.#triedCount += 1;
    const tried = await this.#exploration.try(strategy, isWatched);
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

/** Where one attempt wrote a variable and another one did next: the first write comes only after the second. */
function exchangedWrites(writes: readonly VariableWrite[]): readonly Hold[] {
  return writes.slice(1).flatMap(({ arrival, attempt }, place) => {
    const before = writes[place] as VariableWrite;
    return before.attempt === attempt || before.arrival === '' ? [] : [{ event: before.arrival, until: arrival }];
  });
}

function inThisOrder(events: readonly EventName[]): readonly Hold[] {
  return events.slice(1).map(({ key }, place) => ({ event: key, until: (events[place] as EventName).key }));
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
