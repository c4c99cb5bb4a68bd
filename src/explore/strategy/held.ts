import type { EventNames } from '../event-names.ts';
import type { Hold } from '../schedule.ts';
import type { Trace, TraceItem } from '../trace.ts';
import { fifoStrategy } from './fifo.ts';
import type { Strategy } from './strategy.ts';

/** Another strategy, under which some events wait until others have happened, unless nothing else is ready. */
export function heldStrategy(holds: readonly Hold[], base: Strategy = fifoStrategy): Strategy {
  const happened = new Happened();
  let open = holds;
  let held = heldBy(open);
  return {
    name: base.name,
    pick(ready, trace) {
      if (open.length === 0) return base.pick(ready, trace);
      if (happened.follow(trace) && open.some(({ until }) => happened.has(until))) {
        open = open.filter(({ until }) => !happened.has(until));
        held = heldBy(open);
      }
      if (!ready.some(({ event }) => held.has(event.key))) return base.pick(ready, trace);
      const free = ready.filter(({ event }) => !held.has(event.key));
      if (free.length === 0) return base.pick(ready, trace);
      const picked = free.length === 1 ? 0 : base.pick(free, trace);
      return ready.indexOf(free[picked] as TraceItem);
    },
  };
}

function heldBy(holds: readonly Hold[]): ReadonlySet<string> {
  return new Set(holds.map(({ event }) => event));
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
