// A recorded run, read step by step as the replay reaches each step.
import { atOnce } from '../../base/in-pieces.ts';
import type { Value } from '../../base/value.ts';
import { isLimitError } from '../../journal/run/canonical.ts';
import { PoolFinder } from '../../journal/step/exchange-finder.ts';
import type { Entry, PooledEntry, RunEnd, RunEntry, TaskSpec } from '../../journal/entry.ts';
import type { StepKey } from '../../journal/key.ts';
import { ReplayDoubts } from '../../journal/run/replay-doubts.ts';
import type { StepIndex } from '../../journal/step/step-index.ts';
import type { ReadStep } from './read-steps.ts';

/** How a replay ends where a recording stops that has no end. */
export const notRecorded: RunEnd = Object.freeze({ status: 'cancelled', reason: 'the recording ends here' });

export class Recording {
  readonly #steps: Iterator<ReadStep | undefined>;
  /** What was read of the next step, and is not opened yet. */
  #ahead: IteratorResult<ReadStep | undefined> | undefined;
  #last: ReadStep | undefined;
  #tasks: readonly TaskSpec[] = [];
  /** The last step read. */
  step: StepIndex | undefined;
  number = 0;
  /** What the run says that it does not hold. */
  readonly doubts = new ReplayDoubts();
  /** Steps read but not compared yet: a replayed step is compared once it is written, a little later. */
  readonly #uncompared = new Map<number, readonly Entry[]>();

  readonly #readPool: () => readonly PooledEntry[];
  #pool: PoolFinder | undefined;

  /**
   * Reads the beginning: the run entry and the commit of its input. `steps` may have pieces of the work between the steps.
   * `readPool` is called when something of it is needed.
   */
  constructor(steps: Iterable<ReadStep | undefined>, readPool: () => readonly PooledEntry[] = () => []) {
    this.#steps = steps[Symbol.iterator]();
    this.#readPool = readPool;
    this.#next();
  }

  /** The exchanges that outlived their attempts. */
  get pool(): PoolFinder {
    this.#pool ??= new PoolFinder(this.#readPool());
    return this.#pool;
  }

  get run(): RunEntry | undefined {
    return this.#last?.run;
  }
  get input(): Value {
    const first = this.step?.entries.find((entry) => entry.kind === 'commit');
    return first?.kind === 'commit' ? first.input : undefined;
  }
  get end(): RunEnd | undefined {
    return this.#last?.end;
  }

  /** Advances to a step of the run itself. Returns the recorded end if the recording stops before that step. */
  openStep(number: number): RunEnd | undefined {
    this.number = number;
    this.#tasks = this.#frontier;
    if (this.end !== undefined || !this.#next()) return this.end ?? notRecorded;
    const hasHappened = this.step?.entries.some((entry) => entry.kind !== 'end') === true;
    return hasHappened ? undefined : (this.end ?? notRecorded);
  }

  get #frontier(): readonly TaskSpec[] {
    return this.#last?.frontier ?? [];
  }

  /** The run continues past its recorded end. */
  continue(): void {
    this.step = undefined;
    this.#tasks = [];
  }

  /** The end of a run that was cancelled, or reached a limit, when nothing of it was left to run. */
  stoppedBehindLast(): RunEnd | undefined {
    if (this.#frontier.length > 0) return undefined;
    if (this.end === undefined) this.#next();
    const { end } = this;
    return end !== undefined && isStop(end) ? end : undefined;
  }

  /** The recorded tasks that follow a commit. */
  frontier(after: StepKey): readonly TaskSpec[] {
    return after.includes('/') ? (this.step?.commit(after)?.frontier ?? []) : this.#tasks;
  }

  /** The recorded state after the open step. */
  stateAfter(): Value {
    return this.#last?.state();
  }
  /** Takes the recorded entries of a step to compare. A replay that ends early asks for a step that was never opened. */
  take(number: number): readonly Entry[] {
    while (!this.#uncompared.has(number) && this.#next());
    const entries = this.#uncompared.get(number) ?? [];
    this.#uncompared.delete(number);
    return entries;
  }

  /** Reads the next step, so that it is there when it is opened. */
  *readAhead(): Generator<undefined, void> {
    if (this.end !== undefined) return;
    for (;;) {
      this.#ahead ??= this.#steps.next();
      if (this.#ahead.done === true || this.#ahead.value !== undefined) return;
      this.#ahead = undefined;
      yield;
    }
  }

  #next(): boolean {
    atOnce(this.readAhead());
    const next = this.#ahead;
    const read = next?.value as ReadStep | undefined;
    if (next === undefined || next.done === true || read === undefined) return false;
    this.#ahead = undefined;
    this.#last = read;
    this.step = read.index;
    this.#uncompared.set(read.step, read.index.entries);
    for (const entry of read.beside) this.doubts.add(entry);
    return true;
  }
}

/** Whether a run was ended by something else than its code. */
export function isStop(end: RunEnd): boolean {
  return end.status === 'cancelled' || (end.status === 'failed' && isLimitError(end.error));
}
