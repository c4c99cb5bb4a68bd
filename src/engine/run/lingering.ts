// Attempts that are over while their code still runs: it ignores its signal, or has not looked at it yet. The run waits
// for them during the grace period. Code that still runs after that is detached: it is named, refused everything and
// left alone, since JavaScript cannot stop it.
import type { AttemptKey, TaskKey } from '../../journal/key.ts';
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

export class Lingering {
  readonly #clock: Clock;
  readonly #graceMs: number;
  readonly #notes: Notes;
  readonly #attempts = new Set<LingeringAttempt>();
  readonly #detached = new Set<TaskKey>();
  readonly #watchers = new Set<() => void>();

  constructor(clock: Clock, graceMs: number, notes: Notes) {
    this.#clock = clock;
    this.#graceMs = graceMs;
    this.#notes = notes;
  }

  add(attempt: LingeringAttempt): void {
    this.#attempts.add(attempt);
    attempt.whenSettled(() => {
      this.#attempts.delete(attempt);
      for (const watcher of [...this.#watchers]) watcher();
    });
  }

  get detached(): readonly TaskKey[] {
    return [...this.#detached].sort();
  }

  /**
   * Calls back once none of these attempts runs any more or the grace period is over. The returned function gives up
   * waiting.
   */
  after(isMeant: (attempt: LingeringAttempt) => boolean, next: () => void): () => void {
    const left = (): readonly LingeringAttempt[] => [...this.#attempts].filter(isMeant);
    if (left().length === 0) {
      next();
      return () => undefined;
    }
    const finish = (): void => {
      giveUp();
      next();
    };
    const watcher = (): void => {
      if (left().length === 0) finish();
    };
    const cancelTimer = this.#clock.setTimer(this.#graceMs, () => {
      for (const attempt of left()) this.#detach(attempt);
      finish();
    });
    const giveUp = (): void => {
      this.#watchers.delete(watcher);
      cancelTimer();
    };
    this.#watchers.add(watcher);
    return giveUp;
  }

  #detach(attempt: LingeringAttempt): void {
    this.#attempts.delete(attempt);
    this.#detached.add(attempt.task);
    this.#notes.add({
      kind: 'detached',
      at: attempt.at,
      node: attempt.node,
      message: `still running ${this.#graceMs} ms after it was told to stop`,
    });
  }
}
