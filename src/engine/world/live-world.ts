// The world of a live run: everything comes from the outside, and nothing is known in advance.
import type { TaskSpec } from '../../journal/entry.ts';
import { attemptKey, taskKey } from '../../journal/key.ts';
import type { StepKey, TaskKey } from '../../journal/key.ts';
import type { Clock } from '../../port/clock.ts';
import type { AttemptWorld, StepPlan, TaskWorld, World } from '../../port/world.ts';

export function liveWorld(clock: Clock): World {
  return {
    openStep: (at: StepKey, tasks: readonly TaskSpec[]): StepPlan => ({
      kind: 'run',
      tasks: tasks.map((_task, rank) => new LiveTask(clock, taskKey(at, rank))),
    }),
    closeStep: (step) => step,
  };
}

const perform = Object.freeze({ kind: 'perform' } as const);

class LiveTask implements TaskWorld {
  readonly #clock: Clock;
  readonly #key: TaskKey;
  constructor(clock: Clock, key: TaskKey) {
    this.#clock = clock;
    this.#key = key;
  }
  attempt(number: number): AttemptWorld {
    return {
      drawKey: attemptKey(this.#key, number),
      answer: () => perform,
      run: (node) => node(),
      settle: (result) => result,
      watch: (timeoutMs, expire) => this.#clock.setTimer(timeoutMs, expire),
    };
  }
}
