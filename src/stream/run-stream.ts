// A reader of a run, as `engine.stream` and `engine.read` give it.
import { RepriseError } from '../base/error.ts';
import { isEndCursor } from './cursor.ts';
import { RunItems } from './run-items.ts';
import type { RunStreamSetup } from './run-items.ts';
import type { AnyStreamItem } from './run-items.ts';
import type { AnyRun } from '../graph/run-types.ts';

export class RunStream implements AsyncIterable<AnyStreamItem> {
  readonly #setup: RunStreamSetup;
  #isRead = false;

  constructor(setup: RunStreamSetup) {
    this.#setup = setup;
  }

  get runId(): string {
    return this.#setup.runId;
  }

  /** It begins behind the end of the run. */
  get hasEnded(): boolean {
    return this.#setup.read.from !== undefined && isEndCursor(this.#setup.read.from);
  }

  /** How the run ended, whether or not somebody reads. */
  get result(): Promise<AnyRun> {
    return this.#setup.result();
  }

  /** Cancels the run, once it has begun. Whoever does not wait for it misses nothing but how it went. */
  cancel(reason?: unknown): Promise<boolean> {
    const cancelled = this.#setup.started.then(() => this.#setup.cancel(reason));
    // A failure is for those who wait, and no unhandled rejection for those who do not.
    cancelled.catch(() => undefined);
    return cancelled;
  }

  [Symbol.asyncIterator](): RunItems {
    if (this.#isRead) {
      throw new RepriseError('stream-taken', `this stream of run "${this.runId}" is being read already`, {
        nextStep: 'Make another reader with engine.read(runId): there may be as many as you like.',
        fields: { runId: this.runId },
      });
    }
    this.#isRead = true;
    return new RunItems(this.#setup);
  }

  /** Calls back with each item; the returned function ends that. */
  subscribe(listener: (item: AnyStreamItem) => void, onError: (error: unknown) => void): () => void {
    const items = this[Symbol.asyncIterator]();
    let isOver = false;
    const pump = async (): Promise<void> => {
      try {
        for (;;) {
          const { value, done } = await items.next();
          if (isOver || done === true) return;
          listener(value);
        }
      } finally {
        // Also where the listener throws: nobody takes anything any more.
        void items.return();
      }
    };
    pump().catch((thrown: unknown) => {
      if (!isOver) onError(thrown);
    });
    return () => {
      isOver = true;
      void items.return();
    };
  }
}
