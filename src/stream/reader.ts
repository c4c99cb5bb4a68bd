// A reader of a run, as `engine.stream` and `engine.read` give it.
import { RepriseError } from '../base/error.ts';
import type { AnyRun } from '../graph/types/run-types.ts';
import { isEndCursor, isRestCursor, readCursor, restCursor } from './journal/cursor.ts';
import { ItemIterator } from './item-iterator.ts';
import type { AnyItem, ReaderSetup } from './item-iterator.ts';

export class Reader implements AsyncIterable<AnyItem> {
  readonly #setup: ReaderSetup;
  #isRead = false;

  constructor(setup: ReaderSetup) {
    this.#setup = setup;
  }

  get runId(): string {
    return this.#setup.runId;
  }

  /** It starts after the end of the run, or after an event that told a browser not to come back. */
  get hasEnded(): boolean {
    const { from } = this.#setup.read;
    return from !== undefined && (isEndCursor(from) || isRestCursor(from));
  }

  /** Why its cursor cannot be used, as far as the cursor itself says so. */
  get refused(): RepriseError | undefined {
    const { from, order } = this.#setup.read;
    if (from === undefined || from === restCursor('')) return undefined;
    try {
      readCursor(from, this.runId, order);
      return undefined;
    } catch (thrown) {
      return thrown as RepriseError;
    }
  }

  /** How the run ended, whether or not somebody reads. */
  get result(): Promise<AnyRun> {
    return this.#setup.result();
  }

  /** Cancels the run, once it has begun. Nobody has to wait for the answer. */
  cancel(reason?: unknown): Promise<boolean> {
    const cancelled = this.#setup.started.then(() => this.#setup.cancel(reason));
    // A failure is for callers that wait, and no unhandled rejection for those that do not.
    cancelled.catch(() => undefined);
    return cancelled;
  }

  [Symbol.asyncIterator](): ItemIterator {
    if (this.#isRead) {
      throw new RepriseError('stream-taken', `this stream of run "${this.runId}" is already being read`, {
        nextStep: 'Make another reader with engine.read(runId): a run may have any number of them.',
        fields: { runId: this.runId },
      });
    }
    this.#isRead = true;
    return new ItemIterator(this.#setup);
  }

  /** Calls back with each item; the returned function ends that. */
  subscribe(listener: (item: AnyItem) => void, onError: (error: unknown) => void): () => void {
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
        // Also when the listener throws: nothing is taken any more.
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
