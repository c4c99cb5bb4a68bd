// From an order that changes the result to the fewest holds that still do.
//   S1. What is returned was run, and changed the result.
//   S2. It names nothing but what happened in that run, so it can be given to a process that has made no other.
import { fewestOf } from '../../base/fewest.ts';
import type { Hold } from './schedule.ts';
import { isBeforeInFifo } from '../order/trace.ts';
import type { Trace, Traced } from '../order/trace.ts';

/** Runs a schedule with these holds. */
export type Try = (holds: readonly Hold[]) => Promise<{ readonly isChanged: boolean; readonly run: Traced }>;

export interface Shrunk {
  readonly holds: readonly Hold[];
  /** How many holds the order had. */
  readonly from: number;
}

/**
 * The holds that make an order of first in, first out: each event that others overtook waits for the last of them. With them
 * alone the same order comes out. What never happened was overtaken as well: a task that an error stopped before it started.
 */
export function holdsOf({ trace, givenUp }: Traced): readonly Hold[] {
  const holds: Hold[] = [];
  for (const held of [...trace, ...givenUp]) {
    for (let place = held.happened - 1; place >= held.since; place -= 1) {
      const overtaking = trace[place] as Trace[number];
      if (!isBeforeInFifo(held, overtaking)) continue;
      holds.push({ event: held.event.key, until: overtaking.event.key });
      break;
    }
  }
  return holds;
}

/** Undefined if the order alone does not change the result a second time. */
export async function shrink(run: Traced, attempt: Try): Promise<Shrunk | undefined> {
  const all = holdsOf(run);
  if (!(await attempt(all)).isChanged) return undefined;
  const isChanged = async (holds: readonly Hold[]): Promise<boolean> => (await attempt(holds)).isChanged;
  if (all.length > 0 && (await isChanged([]))) return { holds: [], from: all.length };
  const fewest = await fewestOf(all, isChanged);
  const shortest = await withShortest(fewest, attempt);
  const holds = shortest.length > 1 ? await fewestOf(shortest, isChanged) : shortest;
  return { holds: await named(holds, attempt), from: all.length };
}

/**
 * The same order in the names of its own events. A hold until something that does not happen under it lasts until nothing else
 * is ready: then its event waits for whatever came before it.
 */
export async function named(holds: readonly Hold[], attempt: Try): Promise<readonly Hold[]> {
  const { run } = await attempt(holds);
  const isFine = async (some: readonly Hold[]): Promise<boolean> => {
    const tried = await attempt(some);
    return tried.isChanged && namesOnly(some, tried.run);
  };
  if (namesOnly(holds, run)) return holds;
  const renamed = holds.flatMap((hold) => untilBefore(hold, run));
  if (await isFine(renamed)) return renamed;
  const whole = holdsOf(run);
  return (await isFine(whole)) ? fewestOf(whole, isFine) : holds;
}

function namesOnly(holds: readonly Hold[], { trace, givenUp }: Traced): boolean {
  const keys = new Set([...trace, ...givenUp].map(({ event }) => event.key));
  return holds.every(({ event, until }) => keys.has(event) && keys.has(until));
}

function untilBefore(hold: Hold, { trace, givenUp }: Traced): readonly Hold[] {
  if (trace.some(({ event }) => event.key === hold.until)) return [hold];
  const held = [...trace, ...givenUp].find(({ event }) => event.key === hold.event);
  const before = held === undefined || held.happened <= held.since ? undefined : trace[held.happened - 1];
  return before === undefined ? [] : [{ event: hold.event, until: before.event.key }];
}

/** Each event is held until the earliest other one that does. */
export async function withShortest(holds: readonly Hold[], attempt: Try): Promise<readonly Hold[]> {
  let shortest = holds;
  for (const [index, { event }] of holds.entries()) {
    const { trace, givenUp } = (await attempt(shortest)).run;
    const held = [...trace, ...givenUp].find((item) => item.event.key === event);
    if (held === undefined) continue;
    const untilPlace = (place: number): readonly Hold[] =>
      shortest.with(index, { event, until: (trace[place] as Trace[number]).event.key });
    const known = trace.findIndex((item) => item.event.key === shortest[index]?.until);
    let [low, high] = [held.since, known];
    if (high < low) continue;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((await attempt(untilPlace(middle))).isChanged) high = middle;
      else low = middle + 1;
    }
    if (high !== known) shortest = untilPlace(high);
  }
  return shortest;
}
