// The items of a run, one by one, as their reader takes them. Written by hand: an async generator costs as much for each
// item as everything that comes before it.
//   I1. Items come in order, even when several are asked for before the first has come.
//   I2. `return()` resolves at once, even while the iterator waits for the run.
import { RepriseError } from '../base/error.ts';
import type { AnyRun } from '../graph/types/run-types.ts';
import type { RunSummary } from '../port/store.ts';
import { cursorText, endCursor, firstCursor } from './journal/cursor.ts';
import type { Gate } from './gate.ts';
import { readJournal } from './journal/journal-reader.ts';
import type { JournalEnd, JournalReaderSetup } from './journal/journal-reader.ts';
import type { StreamItem } from './stream-item.ts';

export interface ReaderSetup {
  readonly runId: string;
  /** Resolves when the run can be read. */
  readonly started: Promise<unknown>;
  readonly read: Omit<JournalReaderSetup, 'runId'>;
  readonly gate: Gate | undefined;
  /** A reader that is further behind than this is let go. */
  readonly detachAt: number;
  /** Whether the engine was open when the reader was made: when it closes the reader is let go, and keeps its place. */
  readonly wasOpen: boolean;
  readonly result: () => Promise<AnyRun>;
  /** How the run stood when all of it was read. */
  readonly endOf: (summary: RunSummary | undefined) => Promise<AnyRun>;
  readonly cancel: (reason: unknown) => Promise<boolean>;
}

export type AnyItem = StreamItem<AnyRun>;
type Result = IteratorResult<AnyItem, undefined>;

const over: Result = { done: true, value: undefined };

export class ItemIterator implements AsyncIterator<AnyItem, undefined, undefined> {
  readonly #setup: ReaderSetup;
  #reader: ReturnType<typeof readJournal> | undefined;
  /** The items of one entry that were read and are not taken yet. */
  #row: readonly AnyItem[] = [];
  #next = 0;
  #last: AnyItem | undefined;
  /** The item that was asked for last, if it has not come. */
  #asked: Promise<Result> | undefined;
  #onLeave: () => void = () => undefined;
  #isOver = false;

  constructor(setup: ReaderSetup) {
    this.#setup = setup;
  }

  next(): Promise<Result> {
    const held = this.#asked === undefined ? this.#held() : undefined;
    if (held !== undefined) return Promise.resolve(held);
    const come = (): Promise<Result> => this.#come();
    const asked = this.#asked === undefined ? come() : this.#asked.then(come, come);
    const settle = (): void => {
      if (this.#asked === asked) this.#asked = undefined;
    };
    this.#asked = asked;
    asked.then(settle, settle);
    return asked;
  }

  return(): Promise<Result> {
    this.#leave();
    return Promise.resolve(over);
  }

  #held(): Result | undefined {
    if (this.#isOver) return over;
    const item = this.#row[this.#next];
    if (item === undefined) return undefined;
    const { gate, detachAt, read } = this.#setup;
    if (read.pace !== undefined && this.#waitMs(item) > 0) return undefined;
    if (gate !== undefined && item.kind === 'chunk') {
      if (gate.isStalled || gate.ahead > detachAt) return this.#detached();
      gate.took();
    }
    if (item.kind === 'done') this.#leave();
    this.#next += 1;
    this.#last = item;
    return { done: false, value: item };
  }

  /** The reader is let go, with its place. */
  #detached(): Result {
    this.#leave();
    const { read, runId } = this.#setup;
    const cursor = this.#last?.cursor ?? read.from ?? cursorText(runId, firstCursor(read.order));
    return { done: false, value: { kind: 'detached', cursor } };
  }

  async #come(): Promise<Result> {
    try {
      for (;;) {
        const held = this.#held();
        if (held !== undefined) return held;
        const item = this.#row[this.#next];
        await (item === undefined ? this.#read() : this.#wait(this.#waitMs(item)));
      }
    } catch (thrown) {
      if (!this.#isOver && this.#isClosing(thrown)) return this.#detached();
      this.#leave();
      throw thrown;
    }
  }

  /** The engine was closed while this reader read. */
  #isClosing(thrown: unknown): boolean {
    if (!(thrown instanceof RepriseError)) return false;
    return thrown.code === 'store-closed' || (thrown.code === 'engine-closed' && this.#setup.wasOpen);
  }

  #waitMs(item: AnyItem): number {
    return 'time' in item ? (this.#setup.read.pace?.waitMs(item.time) ?? 0) : 0;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#setup.read.pace?.clock.setTimer(ms, resolve);
      const leave = (): void => {
        cancel?.();
        resolve();
      };
      this.#onLeave = leave;
    });
  }

  /** Until there is something to take, or nothing more can come. */
  async #read(): Promise<void> {
    if (this.#reader === undefined) {
      const { started, read, runId } = this.#setup;
      await this.#unlessLeft(started);
      if (this.#isOver) return;
      this.#reader = readJournal({ ...read, runId, isLeft: () => this.#isOver });
    }
    const next = await this.#unlessLeft(this.#reader.next());
    if (next === undefined) return;
    this.#row = next.done === true ? await this.#end(next.value) : next.value;
    this.#next = 0;
  }

  async #end({ cursor, summary }: JournalEnd): Promise<readonly AnyItem[]> {
    const run = await this.#unlessLeft(this.#setup.endOf(summary));
    if (run === undefined) return [];
    // Any other may be resumed, and then there is more.
    const isOver = run.status === 'done' || run.status === 'cancelled';
    return [{ kind: 'done', cursor: isOver ? endCursor(cursor) : cursor, run }];
  }

  #unlessLeft<Kind>(promise: Promise<Kind>): Promise<Kind | undefined> {
    return new Promise((resolve, reject) => {
      const leave = (): void => resolve(undefined);
      this.#onLeave = leave;
      promise.then(resolve, reject);
      // The reader left before anything waited here.
      if (this.#isOver) resolve(undefined);
    });
  }

  #leave(): void {
    this.#isOver = true;
    this.#setup.gate?.off();
    this.#onLeave();
    // It ends when its own wait does, which nothing here waits for.
    void this.#reader?.return({ cursor: '', summary: undefined });
  }
}
