// What surrounds the code of one attempt: where that code stands between two things that reached it from outside, what it
// reads there, and the timers that it sets.
import type { AmbientReads } from '../../../port/ambient-reads.ts';
import type { AmbientOfAttempt, NodeTimer, TimerRole } from '../../../port/attempt.ts';
import type { Quiet } from '../../../port/event-loop.ts';
import { taskPath } from '../../../port/task.ts';
import { AttemptReads } from './ambient-reads.ts';
import type { ReadingAttempt } from './ambient-reads.ts';
import type { AttemptSetup } from '../attempt-setup.ts';
import { AttemptTimers } from './attempt-timers.ts';
import { thrownValue } from '../../rules/failure.ts';
import type { Failing } from '../effect/effect-protocol.ts';
import type { TimingAttempt } from './attempt-timers.ts';

/** Runs of version 1 keep nothing of what their nodes read. */
const semanticsWithReads = 2;

/** The attempt, as its asynchronous context holds it. */
interface Surrounded {
  readonly isOpen: boolean;
  readonly isDone?: boolean;
  noteUnrecorded(what: string): void;
}

export class AttemptAmbient implements AmbientOfAttempt, ReadingAttempt, TimingAttempt {
  readonly #setup: AttemptSetup;
  readonly #attempt: Surrounded;
  readonly #failing: Failing;
  #reads: AttemptReads | undefined;
  #timers: AttemptTimers | undefined;
  #entryCount: number;
  /** How many things have reached its code outside of tasks. */
  #segment = 0;
  partCount = 0;
  /** The same for each task inside it. */
  #taskSegments: Map<string, number> | undefined;

  constructor(setup: AttemptSetup, attempt: Surrounded, failing: Failing) {
    this.#failing = failing;
    this.#setup = setup;
    this.#attempt = attempt;
    this.#entryCount = setup.world.timers?.entryCount ?? 0;
  }

  get isOpen(): boolean {
    return this.#attempt.isOpen;
  }
  get task(): string | undefined {
    return taskPath(this.#attempt);
  }

  get quiet(): Quiet {
    return this.#setup.parts.order.quiet;
  }

  get reads(): AmbientReads | undefined {
    if (!this.isOpen || this.#setup.parts.run.semantics < semanticsWithReads) return undefined;
    this.#reads ??= new AttemptReads(this.#setup, this, this.#attempt);
    return this.#reads;
  }

  openTimer(delayMs: number, repeats: boolean, fire: () => void, role: TimerRole = {}): NodeTimer {
    this.#timers ??= new AttemptTimers(this.#setup, this);
    return this.#timers.open(delayMs, repeats, fire, role);
  }

  closeTimers(): void {
    this.#timers?.close();
  }

  segment(task: string | undefined): number {
    return task === undefined ? this.#segment : (this.#taskSegments?.get(task) ?? 0);
  }

  delivered(task?: string, what?: 'part'): void {
    if (what === 'part') this.partCount += 1;
    else if (task === undefined) this.#segment += 1;
    else {
      this.#taskSegments ??= new Map();
      this.#taskSegments.set(task, this.segment(task) + 1);
    }
  }

  threw(thrown: unknown): void {
    const { parts, key, node } = this.#setup;
    if (this.isOpen) this.#failing.fail(thrownValue(thrown, node.name, parts));
    else parts.world.seal?.threw(key, node.name, thrown);
  }

  nextAmbient(): number {
    const ordinal = this.#entryCount;
    this.#entryCount += 1;
    return ordinal;
  }

  noteUnrecorded(what: string): void {
    this.#attempt.noteUnrecorded(what);
  }
}
