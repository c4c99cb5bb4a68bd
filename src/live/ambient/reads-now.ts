import { AsyncLocalStorage } from 'node:async_hooks';
import type { AmbientReads, ClockSource } from '../../port/ambient-reads.ts';
import { currentAttempt } from '../../port/attempt.ts';

const outside = new AsyncLocalStorage<AmbientReads>();

/** Where the reads of the code that runs now come from; undefined outside of nodes, where they are real. */
export function readsNow(): AmbientReads | undefined {
  return currentAttempt.getStore()?.ambient.reads ?? outside.getStore();
}

/** Calls code outside of nodes for which all clocks stand still. What it draws is real. `timeMs`: since 1970. */
export function withClocksAt<Result>(timeMs: number, call: () => Result): Result {
  return outside.run(new StillClocks(timeMs), call);
}

class StillClocks implements AmbientReads {
  readonly #timeMs: number;

  constructor(timeMs: number) {
    this.#timeMs = timeMs;
  }

  clock<Time extends number | bigint>(source: ClockSource, _real: () => Time): Time {
    return this.#read(source) as Time;
  }

  draw<Drawn>(_source: string, real: () => Drawn): Drawn {
    return real();
  }

  #read(source: ClockSource): number | bigint {
    switch (source) {
      case 'Date.now':
        return this.#timeMs;
      case 'Temporal.Now.instant':
        return BigInt(Math.trunc(this.#timeMs)) * 1_000_000n;
      case 'performance.now':
        return 0;
      case 'process.hrtime':
        return 0n;
    }
  }
}
