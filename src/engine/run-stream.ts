// A reader of a run, as `engine.stream` and `engine.read` give it.
import { RepriseError } from '../base/error.ts';
import { endCursor, isEndCursor, startCursor } from '../stream/cursor.ts';
import type { ReadSetup } from '../stream/read-run.ts';
import { readRun } from '../stream/read-run.ts';
import type { StreamItem } from '../stream/stream-item.ts';
import type { RunGate } from './run-gate.ts';
import type { AnyRun } from './run-result.ts';

export type AnyStreamItem = StreamItem<AnyRun>;

export interface RunStreamSetup {
  readonly runId: string;
  /** Resolves when the run is there to be read. */
  readonly started: Promise<unknown>;
  readonly read: Omit<ReadSetup, 'runId'>;
  readonly gate: RunGate | undefined;
  /** The reader is let go when it is this far behind, where that is asked for. */
  readonly detachAt: number;
  readonly result: () => Promise<AnyRun>;
  readonly cancel: (reason: unknown) => void;
}

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

  cancel(reason?: unknown): void {
    this.#setup.cancel(reason);
  }

  [Symbol.asyncIterator](): AsyncGenerator<AnyStreamItem, undefined> {
    if (this.#isRead) {
      throw new RepriseError('stream-taken', `this stream of run "${this.runId}" is being read already`, {
        nextStep: 'Make another reader with engine.read(runId): there may be as many as you like.',
        fields: { runId: this.runId },
      });
    }
    this.#isRead = true;
    return this.#items();
  }

  /** Calls back with each item; the returned function ends that. */
  subscribe(listener: (item: AnyStreamItem) => void, onError: (error: unknown) => void): () => void {
    const items = this[Symbol.asyncIterator]();
    let isOver = false;
    const pump = async (): Promise<void> => {
      for await (const item of items) {
        if (isOver) return;
        listener(item);
      }
    };
    pump().catch((thrown: unknown) => {
      if (!isOver) onError(thrown);
    });
    return () => {
      isOver = true;
      this.#setup.gate?.off();
      void items.return(undefined);
    };
  }

  async *#items(): AsyncGenerator<AnyStreamItem, undefined> {
    const { gate, read, runId, detachAt, result } = this.#setup;
    try {
      await this.#setup.started;
      const reader = readRun({ ...read, runId });
      let last: { readonly cursor: string } | undefined;
      for (;;) {
        const next = await reader.next();
        if (next.done === true) {
          const run = await result();
          // A run that is paused or was interrupted may go on, and then there is more.
          const isOver = run.status !== 'paused' && run.status !== 'interrupted';
          yield { kind: 'done', cursor: isOver ? endCursor(next.value) : next.value, run };
          return undefined;
        }
        for (const item of next.value) {
          if (gate !== undefined && item.kind === 'chunk') {
            if (gate.isStalled || gate.ahead > detachAt) {
              yield { kind: 'detached', cursor: last?.cursor ?? read.from ?? startCursor(runId, read.order) };
              return undefined;
            }
            gate.took();
          }
          last = item;
          yield item;
        }
      }
    } finally {
      gate?.off();
    }
  }
}
