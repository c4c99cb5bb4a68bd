// Orders that put every two events both ways where a run allows it. What follows from an event hangs below it, and what is
// beside each other hangs side by side: such a tree, walked from the left and from the right, shows every two events that are
// not above each other in both orders. Tasks and steps stand in it by their keys.
import type { AttemptName } from '../order/event-names.ts';
import { isBeforeInFifo } from '../order/trace.ts';
import type { Trace, TraceItem } from '../order/trace.ts';
import { NumberTable } from './number-table.ts';
import { firstBy } from './strategy.ts';
import type { Strategy } from './strategy.ts';

export function leftToRight(): Strategy {
  const tree = new EventTree();
  return {
    name: 'left to right',
    pick(ready, happened) {
      tree.add(ready, happened);
      return firstBy(ready, (left, right) => tree.isLeftOf(left, right));
    },
  };
}

export function rightToLeft(): Strategy {
  const tree = new EventTree();
  return {
    name: 'right to left',
    pick(ready, happened) {
      tree.add(ready, happened);
      return firstBy(ready, (left, right) => tree.isLeftOf(right, left));
    },
  };
}

export function lastInFirstOut(): Strategy {
  return {
    name: 'last in, first out',
    pick: (ready) => firstBy(ready, (left, right) => isBeforeInFifo(right, left)),
  };
}

class EventTree {
  /** The events of each attempt, from the left, each before those that follow from it. */
  readonly #lists = new Map<AttemptName, TraceItem[]>();
  /** By when they arrived. */
  readonly #places = new NumberTable();

  add(ready: readonly TraceItem[], happened: Trace): void {
    // From the last to the first, so that those which came at once stand in their order.
    for (let index = ready.length - 1; index >= 0; index -= 1) {
      const item = ready[index] as TraceItem;
      if (Number.isNaN(this.#placeOf(item))) this.#insert(item, happened[item.since - 1]);
    }
  }

  #insert(item: TraceItem, cause: TraceItem | undefined): void {
    const { attempt } = item.event;
    const list = this.#lists.get(attempt) ?? [];
    this.#lists.set(attempt, list);
    const above = cause === undefined || cause.event.attempt !== attempt ? undefined : this.#placeOf(cause);
    // What nothing of its attempt has caused was there before all that is.
    list.splice(above === undefined ? 0 : above + 1, 0, item);
    for (const [place, one] of list.entries()) this.#places.set(one.arrived, place);
  }

  isLeftOf(left: TraceItem, right: TraceItem): boolean {
    const order = comparePaths(left.event.attempt, right.event.attempt);
    return order === 0 ? this.#placeOf(left) < this.#placeOf(right) : order < 0;
  }

  /** Not a number if it has none yet. */
  #placeOf({ arrived }: TraceItem): number {
    return this.#places.get(arrived);
  }
}

function comparePaths({ path: left }: AttemptName, { path: right }: AttemptName): number {
  const shared = Math.min(left.length, right.length);
  for (let place = 0; place < shared; place += 1) {
    const difference = (left[place] as number) - (right[place] as number);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
