import type { Value } from '../base/value.ts';

/** What unchanged code reads without asking the engine: the clocks and the randomness of its process. */
export interface AmbientReads {
  /** Milliseconds as a number, nanoseconds as a bigint. `real` reads the clock itself. */
  clock<Time extends number | bigint>(source: ClockSource, real: () => Time): Time;
  /** `source` is one of `journal/ambient/random-source.ts`. `real` draws a value, in the form in which it is kept. */
  draw<Drawn extends Value>(source: string, real: () => Drawn): Drawn;
}

/** `Date.now` is every reading of the calendar in milliseconds, such as `new Date()`. */
export type ClockSource = 'Date.now' | 'Temporal.Now.instant' | 'performance.now' | 'process.hrtime';
