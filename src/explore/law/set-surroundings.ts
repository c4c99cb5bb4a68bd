// Runs code whose clocks and random values are chosen: what it makes of them shows whether it depends on them.
import type { Value } from '../../base/value.ts';
import { derivedDraw } from '../../journal/ambient/random-source.ts';
import type { AmbientReads, ClockSource } from '../../port/ambient-reads.ts';
import { currentAttempt, nodeStarts } from '../../port/attempt.ts';
import type { CurrentAttempt } from '../../port/attempt.ts';

/** Where the clock stands, and what random values are derived from. */
export interface Surroundings {
  readonly time: number;
  readonly seed: string;
}

export const surroundings = [
  { time: Date.UTC(2024, 4, 17, 9, 30), seed: 'a' },
  { time: Date.UTC(2001, 11, 31, 23, 59), seed: 'b' },
  { time: Date.UTC(2099, 0, 1), seed: 'c' },
] as const satisfies readonly Surroundings[];

/** `onRead` is told the name of each source that the code reads. Clocks advance by a millisecond with each reading. */
export function inSurroundings<Result>(
  { time, seed }: Surroundings,
  run: () => Result,
  onRead?: (source: string) => void,
): Result {
  let place = 0;
  const reads: AmbientReads = {
    clock: <Time extends number | bigint>(source: ClockSource, real: () => Time): Time => {
      onRead?.(source);
      place += 1;
      const isBig = typeof real() === 'bigint';
      const now = time + place;
      return (isBig ? BigInt(now) * 1_000_000n : now) as Time;
    },
    draw: <Drawn extends Value>(source: string, _real: () => Drawn): Drawn => {
      onRead?.(source);
      place += 1;
      return derivedDraw(seed, { at: 'law', segment: 0, source, place }) as Drawn;
    },
  };
  nodeStarts();
  return currentAttempt.run(attemptReading(reads), run);
}

/** An attempt that has nothing but its clocks. A merge asks for nothing else. */
function attemptReading(reads: AmbientReads): CurrentAttempt {
  return {
    at: 'law',
    node: 'law',
    isOpen: true,
    signal: AbortSignal.any([]),
    ambient: {
      reads,
      quiet: undefined,
      delivered: () => undefined,
      threw: () => undefined,
      openTimer: () => undefined,
    },
    http: {
      engine: undefined,
      rules: undefined,
      requests: 'refused',
      asksFirst: false,
      isDurable: false,
      open: refuse,
      begin: refuse,
    },
    refusal: () => refusal(),
    noteRejection: () => undefined,
    noteUnrecorded: () => undefined,
  };
}

function refuse(): never {
  throw refusal();
}

function refusal(): Error {
  return new Error('a merge has nothing to ask of the outside');
}
