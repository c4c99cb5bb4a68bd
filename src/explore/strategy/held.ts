import type { EventName, EventNames } from '../order/event-names.ts';
import type { Hold } from '../schedule/schedule.ts';
import type { Trace, TraceItem } from '../order/trace.ts';
import { fifoStrategy } from './fifo.ts';
import { NumberTable } from './number-table.ts';
import type { Strategy } from './strategy.ts';

/** Another strategy, under which some events wait until others have happened, unless nothing else is ready. */
export function heldStrategy(holds: readonly Hold[], base: Strategy = fifoStrategy): Strategy {
  const happened = new Happened();
  let open = holds;
  let held = new Held(open);
  return {
    name: base.name,
    pick(ready, trace) {
      if (open.length === 0) return base.pick(ready, trace);
      if (happened.follow(trace) && open.some(({ until }) => happened.has(until))) {
        open = open.filter(({ until }) => !happened.has(until));
        held = new Held(open);
      }
      const free = held.freeOf(ready);
      if (free === ready || free.length === 0) return base.pick(ready, trace);
      const picked = free.length === 1 ? 0 : base.pick(free, trace);
      return ready.indexOf(free[picked] as TraceItem);
    },
  };
}

class Held {
  readonly #keys: ReadonlySet<string>;
  /** By the number of an event, whether it is held. */
  readonly #known = new NumberTable();
  /** Made once: most choices have something that is held. */
  readonly #free: TraceItem[] = [];

  constructor(holds: readonly Hold[]) {
    this.#keys = new Set(holds.map(({ event }) => event));
  }

  /** What is ready and not held: the same list if that is everything, otherwise one that is good until the next call. */
  freeOf(ready: readonly TraceItem[]): readonly TraceItem[] {
    const free = this.#free;
    let count = 0;
    for (let place = 0; place < ready.length; place += 1) {
      const item = ready[place] as TraceItem;
      if (this.#holds(item.event)) continue;
      free[count] = item;
      count += 1;
    }
    free.length = count;
    return count === ready.length ? ready : free;
  }

  #holds({ number, key }: EventName): boolean {
    const known = this.#known.get(number);
    if (!Number.isNaN(known)) return known === 1;
    const holds = this.#keys.has(key);
    this.#known.set(number, holds ? 1 : 0);
    return holds;
  }
}

class Happened {
  readonly #keys = new Set<string>();
  #count = 0;

  /** Returns whether anything has happened since. */
  follow(trace: Trace): boolean {
    const from = this.#count;
    for (; this.#count < trace.length; this.#count += 1) this.#keys.add((trace[this.#count] as TraceItem).event.key);
    return this.#count > from;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }
}

/** Whether all events of a schedule are known: a name that was misspelt would hold nothing. */
export function unknownEvents(holds: readonly Hold[], names: EventNames): readonly string[] {
  const all = new Set(holds.flatMap(({ event, until }) => [event, until]));
  return [...all].filter((key) => names.byKey(key) === undefined);
}
