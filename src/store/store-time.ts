// The time by which a store reckons claims and what is due. It is one clock for all who use the store, so none of them says
// what time it is.
import { anyFunction } from '../base/options/option-kind.ts';

/** Milliseconds since 1970. */
export type StoreTime = () => number;

/** That of this machine. Captured at load: while a node runs, somebody may have replaced the global. */
export const machineTime: StoreTime = Date.now;

/** Milliseconds since some time of this process, for how long something took. */
export const elapsedMs: () => number = performance.now.bind(performance);

export const storeTimeOption = anyFunction;
