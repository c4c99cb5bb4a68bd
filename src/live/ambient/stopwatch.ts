// The clocks that only move forward: `performance.now` and `process.hrtime`.
import { readsNow, readsOfCaller } from './reads-now.ts';
import { SharedGlobal, replaceProperty } from './replacement.ts';

type HighResolutionTime = typeof process.hrtime;

const stopwatch = new SharedGlobal<Performance>(globalThis, 'performance', ({ original }) => original);
const prototype = Object.getPrototypeOf(stopwatch.original) as Performance;
const { now: originalNow } = prototype;

function performanceNow(this: Performance): number {
  const reads = readsOfCaller(performanceNow);
  if (reads === undefined || this !== stopwatch.original) return originalNow.call(this);
  const { others, original } = stopwatch;
  return reads.clock('performance.now', () => (others === original ? originalNow.call(original) : others.now()));
}

const hrtime = new SharedGlobal<HighResolutionTime>(process, 'hrtime', replacedHrtime);

function replacedHrtime(shared: SharedGlobal<HighResolutionTime>): HighResolutionTime {
  const real = (): bigint => shared.others.bigint();
  const replacement = (earlier?: [number, number]): [number, number] => {
    const reads = readsNow();
    if (reads === undefined) return shared.others(earlier);
    // For what it throws.
    if (earlier !== undefined) shared.original(earlier);
    const [seconds, nanoseconds] = earlier ?? [0, 0];
    const since = reads.clock('process.hrtime', real) - BigInt(seconds) * second - BigInt(nanoseconds);
    return [Number(since / second), Number(since % second)];
  };
  return Object.assign(replacement, {
    bigint: (): bigint => readsNow()?.clock('process.hrtime', real) ?? real(),
  });
}

const second = 1_000_000_000n;

export function replaceStopwatches(isInNode: () => boolean): () => void {
  const restores = [
    stopwatch.install(isInNode),
    replaceProperty(prototype, 'now', { value: performanceNow }),
    hrtime.install(isInNode),
  ];
  return () => {
    for (const restore of restores.reverse()) restore();
  };
}
