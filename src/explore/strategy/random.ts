// Strategies that draw. Each is good at something else: splits at one task in a gap of another, priorities at few changes of
// the running task, random priorities of events at several races at once, uniform choices at nothing in particular.
import { drawStream } from '../../base/draw.ts';
import { KeptRanks } from './kept-ranks.ts';
import { NumberTable } from './number-table.ts';
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
  const cutOf = (chain: number): number => Math.floor(cuts.of(chain) * cutMax);
  const ranks = new KeptRanks(({ event, arrived }) => {
    const { chain } = event.attempt;
    const rank = (counts.get(chain) ?? 0) >= cutOf(chain) ? 10 + second.of(chain) : first.of(chain);
    return rank + (isMixed ? own.of(event.number) : arrived * 1e-6) * 1e-6;
  });
  return {
    name: 'split',
    pick(ready) {
      const place = ranks.lowest(ready);
      const { chain } = (ready[place] as (typeof ready)[number]).event.attempt;
      const count = (counts.get(chain) ?? 0) + 1;
      counts.set(chain, count);
      if (count === cutOf(chain)) ranks.forget(chain);
      return place;
    },
  };
}

/** A task is cut after so many events at most. */
const cutMax = 8;

/** Each event has a priority of its own (partial-order sampling). */
function eventPriorities(draw: Draw): Strategy {
  const own = new Drawn(draw);
  const ranks = new KeptRanks(({ event }) => own.of(event.number));
  return { name: 'pos', pick: (ready) => ranks.lowest(ready) };
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
  const ranks = new KeptRanks(({ event }) => chains.of(event.attempt.chain) + own.of(event.number) * 1e-6);
  return {
    name: `pct ${depth}`,
    pick(ready, happened) {
      const place = ranks.lowest(ready);
      const change = changes.get(happened.length);
      if (change === undefined) return place;
      const { chain } = (ready[place] as (typeof ready)[number]).event.attempt;
      chains.set(chain, change);
      ranks.forget(chain);
      return ranks.lowest(ready);
    },
  };
}

/** Drawn when it is first asked for. */
class Drawn {
  readonly #known = new NumberTable();
  readonly #draw: Draw;

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  of(index: number): number {
    const known = this.#known.get(index);
    if (!Number.isNaN(known)) return known;
    const drawn = this.#draw();
    this.set(index, drawn);
    return drawn;
  }

  set(index: number, value: number): void {
    this.#known.set(index, value);
  }
}
