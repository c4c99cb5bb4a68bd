// The items of a run, one by one, for the one who reads them. An async generator would cost as much for an item as all
// that comes before it.
//   I1. Items come in order, also to who asks for several before the first has come.
//   I2. Who ends it while it waits for the run gets its end at once.
import type { RunSummary } from '../port/store.ts';
import type { RunGate } from './run-gate.ts';
import { endCursor, startCursor } from './cursor.ts';
import { readRun } from './read-run.ts';
import type { ReadEnd, ReadSetup } from './read-run.ts';
import type { StreamItem } from './stream-item.ts';
import type { AnyRun } from '../graph/run-types.ts';

export interface RunStreamSetup {
  readonly runId: string;
  /** Resolves when the run is there to be read. */
  readonly started: Promise<unknown>;
  readonly read: Omit<ReadSetup, 'runId'>;
  readonly gate: RunGate | undefined;
  /** The reader is let go when it is this far behind, where that is asked for. */
  readonly detachAt: number;
  readonly result: () => Promise<AnyRun>;
  /** How the run stood when all of it was read. */
  readonly endOf: (summary: RunSummary | undefined) => Promise<AnyRun>;
  readonly cancel: (reason: unknown) => Promise<boolean>;
}

export type AnyStreamItem = StreamItem<AnyRun>;
type Result = IteratorResult<AnyStreamItem, undefined>;

const over: Result = { done: true, value: undefined };

export class RunItems implements AsyncIterator<AnyStreamItem, undefined, undefined> {
  readonly #setup: RunStreamSetup;
  #reader: ReturnType<typeof readRun> | undefined;
  /** What was read and is not taken yet: the items of one entry. */
  #row: readonly AnyStreamItem[] = [];
  #next = 0;
  #last: AnyStreamItem | undefined;
  /** What was asked for last, and has not come. */
  #asked: Promise<Result> | undefined;
  #onLeave: () => void = () => undefined;
  #isOver = false;

  constructor(setup: RunStreamSetup) {
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
    const { gate, detachAt, read, runId } = this.#setup;
    if (this.#waitMs(item) > 0) return undefined;
    if (gate !== undefined && item.kind === 'chunk') {
      if (gate.isStalled || gate.ahead > detachAt) {
        this.#leave();
        const cursor = this.#last?.cursor ?? read.from ?? startCursor(runId, read.order);
        return { done: false, value: { kind: 'detached', cursor } };
      }
      gate.took();
    }
    if (item.kind === 'done') this.#leave();
    this.#next += 1;
    this.#last = item;
    return { done: false, value: item };
  }

  async #come(): Promise<Result> {
    try {
      for (;;) {
        const held = this.#held();
        if (held !== undefined) return held;
        const item = this.#row[this.#next];
        await (item === undefined ? this.#readOn() : this.#wait(this.#waitMs(item)));
      }
    } catch (thrown) {
      this.#leave();
      throw thrown;
    }
  }

  #waitMs(item: AnyStreamItem): number {
    return 'time' in item ? (this.#setup.read.pace?.waitMs(item.time) ?? 0) : 0;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#setup.read.pace?.clock.setTimer(ms, resolve);
      this.#onLeave = () => {
        cancel?.();
        resolve();
      };
    });
  }

  /** Until there is something to take, or nothing more can come. */
  async #readOn(): Promise<void> {
    const { started, read, runId } = this.#setup;
    await this.#unlessLeft(started);
    this.#reader ??= readRun({ ...read, runId, isLeft: () => this.#isOver });
    const next = await this.#unlessLeft(this.#reader.next());
    if (next === undefined) return;
    this.#row = next.done === true ? await this.#end(next.value) : next.value;
    this.#next = 0;
  }

  async #end({ cursor, summary }: ReadEnd): Promise<readonly AnyStreamItem[]> {
    const run = await this.#unlessLeft(this.#setup.endOf(summary));
    if (run === undefined) return [];
    // A run that is paused or was interrupted may go on, and then there is more.
    const isOver = run.status !== 'paused' && run.status !== 'interrupted';
    return [{ kind: 'done', cursor: isOver ? endCursor(cursor) : cursor, run }];
  }

  #unlessLeft<Kind>(promise: Promise<Kind>): Promise<Kind | undefined> {
    return new Promise((resolve, reject) => {
      this.#onLeave = () => resolve(undefined);
      promise.then(resolve, reject);
      // It was left before anybody waited here.
      if (this.#isOver) resolve(undefined);
    });
  }

  #leave(): void {
    this.#isOver = true;
    this.#setup.gate?.off();
    this.#onLeave();
    // It hears of this when the run goes on: what it waits for is not waited for here.
    void this.#reader?.return({ cursor: '', summary: undefined });
  }
}
