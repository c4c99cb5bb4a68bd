import type { EventNames } from '../event-names.ts';
import type { Hold } from '../schedule.ts';
import type { Trace } from '../trace.ts';
import { fifoStrategy } from './fifo.ts';
import type { Strategy } from './strategy.ts';

/** Another strategy, under which some events wait until others have happened, unless nothing else is ready. */
export function heldStrategy(holds: readonly Hold[], base: Strategy = fifoStrategy): Strategy {
  const untilByEvent = new Map<string, string[]>();
  for (const { event, until } of holds) {
    const known = untilByEvent.get(event);
    if (known === undefined) untilByEvent.set(event, [until]);
    else known.push(until);
  }
  const happened = new Happened();
  return {
    name: base.name,
    pick(ready, trace) {
      happened.follow(trace);
      const isFree = ({ event }: { readonly event: { readonly key: string } }): boolean =>
        untilByEvent.get(event.key)?.every((until) => happened.has(until)) !== false;
      const free = ready.filter(isFree);
      if (free.length === ready.length || free.length === 0) return base.pick(ready, trace);
      const picked = free.length === 1 ? 0 : base.pick(free, trace);
      return ready.indexOf(free[picked] as (typeof ready)[number]);
    },
  };
}

class Happened {
  readonly #keys = new Set<string>();
  #count = 0;

  follow(trace: Trace): void {
    for (; this.#count < trace.length; this.#count += 1)
      this.#keys.add((trace[this.#count] as Trace[number]).event.key);
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
