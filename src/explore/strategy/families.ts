// Orders that put every two events both ways where a run allows it. Tasks beside each other and events one after another make
// a series-parallel order; two orders are enough for such a one, and they are these two.
import type { AttemptName } from '../event-names.ts';
import { isBeforeInFifo } from '../trace.ts';
import type { TraceItem } from '../trace.ts';
import { firstBy } from './strategy.ts';
import type { Strategy } from './strategy.ts';

export const leftToRight: Strategy = {
  name: 'left to right',
  pick: (ready) => firstBy(ready, (left, right) => isLeft(left, right)),
};

export const rightToLeft: Strategy = {
  name: 'right to left',
  pick: (ready) => firstBy(ready, (left, right) => isLeft(right, left)),
};

export const lastInFirstOut: Strategy = {
  name: 'last in, first out',
  pick: (ready) => firstBy(ready, (left, right) => isBeforeInFifo(right, left)),
};

/** By the place of its attempt in the run, and in one attempt by age. */
function isLeft(left: TraceItem, right: TraceItem): boolean {
  const order = comparePaths(left.event.attempt, right.event.attempt);
  return order === 0 ? isBeforeInFifo(left, right) : order < 0;
}

function comparePaths({ path: left }: AttemptName, { path: right }: AttemptName): number {
  const shared = Math.min(left.length, right.length);
  for (let place = 0; place < shared; place += 1) {
    const difference = (left[place] as number) - (right[place] as number);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
