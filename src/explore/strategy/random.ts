// Strategies that draw. Each is good at something else: splits at one task in a gap of another, priorities at few changes of
// the running task, random priorities of events at several races at once, uniform choices at nothing in particular.
import { drawStream } from '../../base/draw.ts';
import { lowest } from './strategy.ts';
import type { Strategy } from './strategy.ts';

type Draw = () => number;

const kinds = ['split', 'pct 1', 'pct 2', 'pos', 'pct 3', 'uniform'] as const;

/** Number `index` of a search. `length`: how many events a run has, about. */
export function searchStrategy(seed: string, index: number, length: number): Strategy {
  const { next: draw } = drawStream(seed, `schedule ${index}`);
  switch (kinds[index % kinds.length]) {
    case 'pct 1':
      return priorities(draw, 1, length);
    case 'pct 2':
      return priorities(draw, 2, length);
    case 'pct 3':
      return priorities(draw, 3, length);
    case 'pos':
      return eventPriorities(draw);
    case 'uniform':
      return { name: 'uniform', pick: (ready) => Math.floor(draw() * ready.length) };
    default:
      return split(draw);
  }
}

/**
 * Each task is cut at a place of its own: the parts before the cuts run in one order of tasks, what is left in another. Half
 * of the time, what is ready at once within a task goes by an order of its own as well.
 */
export function split(draw: Draw): Strategy {
  const first = new Drawn(draw);
  const second = new Drawn(draw);
  const own = new Drawn(draw);
  const cuts = new Drawn(draw);
  const counts = new Map<number, number>();
  const isMixed = draw() < 0.5;
  return {
    name: 'split',
    pick(ready) {
      const place = lowest(ready, ({ event, arrived }) => {
        const { chain } = event.attempt;
        const isAfterCut = (counts.get(chain) ?? 0) >= Math.floor(cuts.of(chain) * cutMax);
        const rank = isAfterCut ? 10 + second.of(chain) : first.of(chain);
        return rank + (isMixed ? own.of(event.number) : arrived * 1e-6) * 1e-6;
      });
      const { chain } = (ready[place] as (typeof ready)[number]).event.attempt;
      counts.set(chain, (counts.get(chain) ?? 0) + 1);
      return place;
    },
  };
}

/** A task is cut after so many events at most. */
const cutMax = 8;

/** Each event has a priority of its own (partial-order sampling). */
function eventPriorities(draw: Draw): Strategy {
  const ranks = new Drawn(draw);
  return { name: 'pos', pick: (ready) => lowest(ready, ({ event }) => ranks.of(event.number)) };
}

/**
 * Each task has a priority, and a few times the running one gets the lowest (PCT); within a task, events have priorities of
 * their own: over tasks alone it would be blind inside of them.
 */
function priorities(draw: Draw, depth: number, length: number): Strategy {
  const chains = new Drawn(draw);
  const own = new Drawn(draw);
  const changes = new Map<number, number>();
  for (let change = 1; change < depth; change += 1) changes.set(Math.floor(draw() * length), change);
  return {
    name: `pct ${depth}`,
    pick(ready, happened) {
      const rankOf = ({ event }: (typeof ready)[number]): number =>
        chains.of(event.attempt.chain) + own.of(event.number) * 1e-6;
      const place = lowest(ready, rankOf);
      const change = changes.get(happened.length);
      if (change === undefined) return place;
      chains.set((ready[place] as (typeof ready)[number]).event.attempt.chain, change);
      return lowest(ready, rankOf);
    },
  };
}

/** A number for each of the small numbers by which events and tasks are told. */
class Drawn {
  readonly #draw: Draw;
  readonly #known: (number | undefined)[] = [];

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  of(number: number): number {
    const known = this.#known[number];
    if (known !== undefined) return known;
    const drawn = this.#draw();
    this.set(number, drawn);
    return drawn;
  }

  set(number: number, value: number): void {
    while (this.#known.length < number) this.#known.push(undefined);
    this.#known[number] = value;
  }
}
