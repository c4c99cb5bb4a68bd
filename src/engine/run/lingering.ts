// Attempts that are over while their code still runs: it ignores its signal, or has not looked at it yet. The run waits
// for them during the grace period. Code that still runs after that is detached: it is named, refused everything and
// left alone, since JavaScript cannot stop it.
import { stepOfTask } from '../../journal/key.ts';
import type { AttemptKey, StepKey, TaskKey } from '../../journal/key.ts';
import type { Clock } from '../../port/clock.ts';
import type { Notes } from './notes.ts';

/** An attempt whose code may still be running. */
export interface LingeringAttempt {
  readonly at: AttemptKey;
  readonly task: TaskKey;
  readonly node: string;
  /** Calls back once the node's code has settled, at once if it has. */
  whenSettled(callback: () => void): void;
}

/** Which attempts to wait for: one of them, those of a step, or all of the run. */
export type LingeringKey = AttemptKey | StepKey | 'run';

/** Attempts under one key, and who waits for them. With one group a key, no attempt is looked at twice. */
interface Group {
  readonly attempts: Set<LingeringAttempt>;
  readonly waits: Set<() => void>;
}

export class Lingering {
  readonly #clock: Clock;
  readonly #graceMs: number;
  readonly #notes: Notes;
  readonly #groups = new Map<LingeringKey, Group>();
  readonly #detached = new Set<TaskKey>();

  constructor(clock: Clock, graceMs: number, notes: Notes) {
    this.#clock = clock;
    this.#graceMs = graceMs;
    this.#notes = notes;
  }

  add(attempt: LingeringAttempt): void {
    for (const key of keysOf(attempt)) {
      const group = this.#groups.get(key);
      if (group === undefined) this.#groups.set(key, { attempts: new Set([attempt]), waits: new Set() });
      else group.attempts.add(attempt);
    }
    attempt.whenSettled(() => this.#remove(attempt));
  }

  #remove(attempt: LingeringAttempt): void {
    for (const key of keysOf(attempt)) {
      const group = this.#groups.get(key);
      if (group?.attempts.delete(attempt) !== true || group.attempts.size > 0) continue;
      this.#groups.delete(key);
      for (const finish of [...group.waits]) finish();
    }
  }

  get detached(): readonly TaskKey[] {
    return [...this.#detached].sort();
  }

  /**
   * Calls back once none of these attempts runs any more or the grace period is over. The returned function gives up
   * waiting.
   */
  after(key: LingeringKey, next: () => void): () => void {
    const group = this.#groups.get(key);
    if (group === undefined) {
      next();
      return () => undefined;
    }
    const finish = (): void => {
      giveUp();
      next();
    };
    const cancelTimer = this.#clock.setTimer(this.#graceMs, () => {
      giveUp();
      for (const attempt of [...group.attempts]) this.#detach(attempt);
      next();
    });
    const giveUp = (): void => {
      group.waits.delete(finish);
      cancelTimer();
    };
    group.waits.add(finish);
    return giveUp;
  }

  #detach(attempt: LingeringAttempt): void {
    this.#detached.add(attempt.task);
    this.#notes.add({
      kind: 'detached',
      at: attempt.at,
      node: attempt.node,
      message: `still running ${this.#graceMs} ms after it was told to stop`,
    });
    this.#remove(attempt);
  }
}

function keysOf({ at, task }: LingeringAttempt): readonly LingeringKey[] {
  return [at, stepOfTask(task), 'run'];
}
