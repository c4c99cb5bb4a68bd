// The bytes of one fixture on their way out: how many there may be, and what stopped them.
import { inLaterTurn, isTurnOver } from '../../live/event-loop/turns.ts';

export class TooLarge extends Error {
  constructor() {
    super('too large');
    this.name = 'TooLarge';
  }
}

export class Outgoing {
  /** What stopped the bytes, in whatever error that ended. */
  fault: { readonly thrown: unknown } | undefined;
  /** They were read to their end. */
  isWhole = false;
  readonly #make: () => AsyncIterable<Uint8Array>;
  readonly #maxBytes: number;
  #isAbandoned = false;

  constructor(make: () => AsyncIterable<Uint8Array>, maxBytes: number) {
    this.#make = make;
    this.#maxBytes = maxBytes;
  }

  /** They are no longer wanted: who still reads them gets an error. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    let length = 0;
    try {
      for await (const chunk of this.#make()) {
        length += chunk.length;
        if (length > this.#maxBytes) throw new TooLarge();
        if (this.#isAbandoned) throw new Error('the fixture was given up');
        yield chunk;
        // Runs come first.
        if (isTurnOver()) await new Promise<void>(inLaterTurn);
      }
      this.isWhole = true;
    } catch (thrown) {
      this.fault = { thrown };
      throw thrown;
    }
  }
}
