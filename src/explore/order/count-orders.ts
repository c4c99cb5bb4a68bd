// How many orders a run has, about, by what one run of it shows.
import type { Trace, TraceItem } from './trace.ts';

/** How many orders there would be if each choice had as many outcomes as in this run (Knuth 1975). */
export function ordersFrom(trace: Trace): number {
  const changes = new Int32Array(trace.length + 1);
  for (const { since, happened } of trace) {
    changes[since] = (changes[since] as number) + 1;
    changes[happened + 1] = (changes[happened + 1] as number) - 1;
  }
  let [orders, ready] = [1, 0];
  for (let place = 0; place < trace.length; place += 1) {
    ready += changes[place] as number;
    orders *= Math.max(1, ready);
  }
  return Math.min(orders, Number.MAX_VALUE);
}

/** Of the attempt that has most of them. */
export function ordersWithin(trace: Trace): number {
  const attempts = new Map<number, TraceItem[]>();
  for (const item of trace) {
    const own = attempts.get(item.event.attempt.number) ?? [];
    own.push(item);
    attempts.set(item.event.attempt.number, own);
  }
  return Math.max(1, ...[...attempts.values()].map((own) => ordersFrom(asOne(own, trace.length))));
}

/** Events of one attempt as if nothing else had happened. */
function asOne(own: readonly TraceItem[], length: number): Trace {
  const before = new Int32Array(length + 1);
  for (const { happened } of own) before[happened + 1] = 1;
  for (let place = 1; place <= length; place += 1)
    before[place] = (before[place] as number) + (before[place - 1] as number);
  return own.map((item, happened) => ({ ...item, event: item.event, since: before[item.since] as number, happened }));
}
