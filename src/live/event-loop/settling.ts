// Calls back when nothing more follows from what happened: as `liveEventLoop.settled` does, for one who asks after each of
// many things. It costs less, since nothing is begun when it is asked: the next answer has been waiting since the last one.
//   S1. It calls back in the context of its maker, wherever it is asked.
//   S2. Node runs all ticks that wait, and only then the microtasks that these have let go. So where another tick came before
//       its own, or waits behind it, more follows, and it asks again. It knows of ticks while somebody watches work.
import { asOwn, ticksLeft, ticksOver } from './node-work.ts';

export class Settling {
  readonly #callback: () => void;
  #ask: () => void = () => undefined;
  #isAsked = false;
  /** How many ticks were over when its own was asked for. */
  #ticksBefore = 0;

  constructor(callback: () => void) {
    this.#callback = callback;
    this.#wait();
  }

  /** Calls back once, however often it is asked until then. */
  ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#ask();
  }

  /** A promise calls back in the context in which it was waited for. */
  #wait(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ask = resolve;
    void promise.then(this.#asked);
  }

  // A tick that is asked for in a microtask comes when no microtask is left.
  readonly #asked = (): void => {
    this.#ticksBefore = ticksOver();
    asOwn(() => process.nextTick(this.#settled));
  };

  readonly #settled = (): void => {
    this.#wait();
    if (ticksOver() !== this.#ticksBefore || ticksLeft() > 0) {
      this.#ask();
      return;
    }
    this.#isAsked = false;
    this.#callback();
  };
}
