// Calls back when nothing more follows from what happened: as `liveEventLoop.settled` does, for one who asks after each of
// many things. It costs less, since nothing is begun when it is asked: the next answer has been waiting since the last one.
//   S1. It calls back in the context of its maker, wherever it is asked.
import { asOwn } from './node-work.ts';

export class Settling {
  readonly #callback: () => void;
  #ask: () => void = () => undefined;
  #isAsked = false;

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
  readonly #asked = (): void => asOwn(() => process.nextTick(this.#settled));

  readonly #settled = (): void => {
    this.#isAsked = false;
    this.#wait();
    this.#callback();
  };
}
