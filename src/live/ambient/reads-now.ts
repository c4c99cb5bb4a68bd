import { AsyncLocalStorage } from 'node:async_hooks';
import type { AmbientReads, ClockSource } from '../../port/ambient-reads.ts';
import { currentAttempt } from '../../port/attempt.ts';
import { fileThatCalls } from './calling-file.ts';

const outside = new AsyncLocalStorage<AmbientReads>();

/** Where the reads of the code that runs now come from; undefined outside of nodes, where they are real. */
export function readsNow(): AmbientReads | undefined {
  return currentAttempt.getStore()?.ambient.reads ?? outside.getStore();
}

/**
 * The same for a clock that network clients read for themselves as well: which of them carries a request, and how often it looks
 * at the time meanwhile, is no part of what a node does.
 */
export function readsOfCaller(clock: (...given: never[]) => unknown): AmbientReads | undefined {
  const reads = readsNow();
  return reads === undefined || !isMachinery(fileThatCalls(clock)) ? reads : undefined;
}

/** Node's own files, `fetch` among them, and the package of that client. */
function isMachinery(file: string | undefined): boolean {
  return file !== undefined && (file.startsWith('node:') || /[\\/]node_modules[\\/]undici[\\/]/.test(file));
}

/** Calls code outside of nodes for which all clocks stand still. What it draws is real. `timeMs`: since 1970. */
export function withClocksAt<Result>(timeMs: number, call: () => Result): Result {
  return outside.run(new SetClocks(timeMs), call);
}

/**
 * The same until the result is there. For what it has started, such as the timers of a module, its clocks then go at the pace
 * of the real ones.
 */
export async function withClocksFrom<Result>(timeMs: number, call: () => Result | Promise<Result>): Promise<Result> {
  const clocks = new SetClocks(timeMs);
  try {
    return await outside.run(clocks, call);
  } finally {
    clocks.start();
  }
}

class SetClocks implements AmbientReads {
  readonly #timeMs: number;
  /** What the real clocks said at the last look before these were started, or at the first one. */
  readonly #begins = new Map<ClockSource, number | bigint>();
  #areGoing = false;

  constructor(timeMs: number) {
    this.#timeMs = timeMs;
  }

  start(): void {
    this.#areGoing = true;
  }

  clock<Time extends number | bigint>(source: ClockSource, real: () => Time): Time {
    const begin = this.#begin(source);
    const now = real();
    if (!this.#areGoing || !this.#begins.has(source)) this.#begins.set(source, now);
    if (!this.#areGoing) return begin as Time;
    const first = this.#begins.get(source);
    // Both are of the kind that their clock gives.
    return ((begin as number) + ((now as number) - (first as number))) as Time;
  }

  draw<Drawn>(_source: string, real: () => Drawn): Drawn {
    return real();
  }

  #begin(source: ClockSource): number | bigint {
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
