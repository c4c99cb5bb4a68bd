// The clock of an engine whose store has a clock of its own: it tells the time of that, so that due times and limits which
// one machine writes hold on any other.
//   T1. It moves only as far as it has to: the store has read its clock at some time while it was asked, and as long as
//       that fits, nothing is moved. So clocks that are together stay as they are.
//   T2. The lease is reckoned by the clock of the process (`own`), since this one may be set while a lease runs.
import type { Clock, EngineClock } from '../../port/clock.ts';
import type { RunStore } from '../../port/store.ts';

/** How long what was read is good enough to begin or continue a run with, in milliseconds. */
const freshMs = 10_000;

/** Before a time is written or compared that others go by. */
export async function timeNow(clock: EngineClock): Promise<number> {
  await clock.ready?.();
  return clock.now();
}

export class StoreClock implements EngineClock {
  readonly own: Clock;
  readonly #store: Pick<RunStore, 'time'>;
  #aheadMs = 0;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(own: Clock, store: Pick<RunStore, 'time'>) {
    this.own = own;
    this.#store = store;
  }

  now(): number {
    return this.own.now() + this.#aheadMs;
  }

  setTimer(...given: Parameters<Clock['setTimer']>): () => void {
    return this.own.setTimer(...given);
  }

  ready(): Promise<void> | undefined {
    const sinceMs = this.own.now() - this.#readAt;
    // Less than nothing: the clock of this process was set back.
    return sinceMs >= 0 && sinceMs < freshMs ? undefined : this.read();
  }

  read(): Promise<void> | undefined {
    if (this.#reading !== undefined) return this.#reading;
    const before = this.own.now();
    const time = this.#store.time?.();
    if (time === undefined) return undefined;
    if (!(time instanceof Promise)) {
      this.#set(time, before);
      return undefined;
    }
    const reading = time
      .then((told) => this.#set(told, before))
      .finally(() => {
        this.#reading = undefined;
      });
    this.#reading = reading;
    return reading;
  }

  #set(told: number, before: number): void {
    const time = Math.floor(told);
    const after = this.own.now();
    // The clock of this process was set back meanwhile. It is read once more when it is needed next.
    if (after < before) return;
    this.#aheadMs = Math.min(Math.max(this.#aheadMs, time - after), time - before);
    this.#readAt = after;
  }
}
