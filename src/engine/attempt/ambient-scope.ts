// The part of an attempt that says where its code stands between two things that reached it from outside, and what it
// reads there.
import type { AmbientReads } from '../../port/ambient-reads.ts';
import type { AttemptLife } from './attempt-life.ts';
import { AttemptReads } from './ambient-reads.ts';
import type { ReadingAttempt } from './ambient-reads.ts';
import type { AttemptSetup } from './attempt-setup.ts';
import { TimerScope } from './timer-scope.ts';

/** Runs of version 1 keep nothing of what their nodes read. */
const semanticsWithReads = 2;

export abstract class AmbientScope extends TimerScope implements ReadingAttempt {
  readonly #life: AttemptLife;
  #reads: AttemptReads | undefined;
  /** How many things have reached each task inside the attempt, and its code outside of tasks. */
  #segments: Map<string | undefined, number> | undefined;

  constructor(setup: AttemptSetup, life: AttemptLife) {
    super(setup);
    this.#life = life;
  }

  segment(task: string | undefined): number {
    return this.#segments?.get(task) ?? 0;
  }

  get reads(): AmbientReads | undefined {
    if (!this.#life.isOpen || this.setup.parts.run.semantics < semanticsWithReads) return undefined;
    this.#reads ??= new AttemptReads(this.setup, this);
    return this.#reads;
  }

  delivered(task?: string): void {
    this.#segments ??= new Map();
    this.#segments.set(task, this.segment(task) + 1);
  }
}
