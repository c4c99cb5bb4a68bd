// An attempt that only reads clocks and randomness, with real ones that a test can foresee.
import { RunSeed } from '../../src/engine/run/run-seed.ts';
import { AttemptReads } from '../../src/engine/attempt/scope/ambient-reads.ts';
import type { AttemptSetup } from '../../src/engine/attempt/attempt-setup.ts';
import { AmbientBuffer } from '../../src/engine/run/journal/ambient-buffer.ts';
import type { AmbientEntry } from '../../src/journal/entry.ts';
import { attemptKey, stepKey, taskKey } from '../../src/journal/key.ts';
import { currentTask, taskPath } from '../../src/port/task.ts';
import type { RecordedReads } from '../../src/port/world.ts';

const at = attemptKey(taskKey(stepKey('', 1), 0), 1);

export class ReadingAttempt {
  readonly #segments = new Map<string | undefined, number>();
  readonly entries: AmbientEntry[] = [];
  readonly notes: string[] = [];
  readonly #buffer = new AmbientBuffer((entry) => this.entries.push(entry));
  readonly reads: AttemptReads;
  partCount = 0;
  #nextAmbient: number;

  constructor(recorded?: RecordedReads) {
    const parts = { seed: new RunSeed('seed'), clock: { now: () => 1_000 }, journal: { ambient: this.#buffer } };
    const setup = { parts, key: at, node: { name: 'node' }, world: { drawKey: at, reads: recorded } };
    this.#nextAmbient = recorded?.entryCount ?? 0;
    this.reads = new AttemptReads(setup as unknown as AttemptSetup, this, {});
  }

  get task(): string | undefined {
    return taskPath(this);
  }

  nextAmbient(): number {
    this.#nextAmbient += 1;
    return this.#nextAmbient - 1;
  }

  segment(task: string | undefined): number {
    return this.#segments.get(task) ?? 0;
  }

  /** Something reaches its code, or that of a task inside it. */
  deliver(task?: string): void {
    this.#segments.set(task, this.segment(task) + 1);
  }

  /** A part of a body does. */
  deliverPart(): void {
    this.partCount += 1;
  }

  /** Runs code inside a task of the attempt, or outside of tasks. */
  inside<Result>(task: string | undefined, code: () => Result): Result {
    return task === undefined ? code() : currentTask.run({ attempt: this, path: task }, code);
  }

  noteUnrecorded(what: string): void {
    this.notes.push(what);
  }

  /** The journal is written, before something outside could depend on it. */
  flush(): this {
    this.#buffer.drain();
    return this;
  }
}
