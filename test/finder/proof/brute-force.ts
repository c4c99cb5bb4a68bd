// All orders of a run, one after another, by nothing but the runs themselves.
import { Exploration } from '../../../src/explore/run/exploration.ts';
import { fixtureSubject } from '../../../src/explore/subject/fixture-subject.ts';
import { EveryOrder } from '../../../src/explore/strategy/every-order.ts';
import type { AnyGraph } from '../../../src/index.ts';
import { installNodeTimers } from '../../../src/live/timers/node-timers.ts';
import { ReplaySeal } from '../../../src/replay/session/replay-seal.ts';

/** Whether any order of a recorded run changes what it comes to; undefined if there are too many. */
export async function someOrderDiffers(
  make: () => AnyGraph,
  fixture: string,
  ordersMax: number,
): Promise<boolean | undefined> {
  const restore = installNodeTimers();
  try {
    const subject = await fixtureSubject(make, fixture, new ReplaySeal());
    const exploration = await Exploration.begin({
      subject,
      compare: 'journal',
      invariant: undefined,
      schedulesMax: Number.POSITIVE_INFINITY,
      endsAt: Number.POSITIVE_INFINITY,
      install: () => () => undefined,
      watched: undefined,
    });
    const every = new EveryOrder();
    let orders = 0;
    for (let order = every.next; order !== undefined; order = every.next) {
      if ((await exploration.try(order)).change !== undefined) return true;
      every.ran(order);
      orders += 1;
      if (orders >= ordersMax) return undefined;
    }
    return false;
  } finally {
    restore();
  }
}
