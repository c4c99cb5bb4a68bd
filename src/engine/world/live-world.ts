// The world of a live run: everything comes from the outside, and nothing is known in advance.
import type { AttemptResult, EffectRef, TaskSpec } from '../../journal/entry.ts';
import { attemptKey, cleanUpKey, taskKey } from '../../journal/key.ts';
import type { AttemptKey, StepKey, TaskKey } from '../../journal/key.ts';
import type { Clock } from '../../port/clock.ts';
import type { Answer, AnsweredBefore, AttemptWorld, StepPlan, TaskWorld, World } from '../../port/world.ts';

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
    return new LiveAttempt(this.#clock, attemptKey(this.#key, number));
  }
}

class LiveAttempt implements AttemptWorld {
  readonly #clock: Clock;
  readonly performsAll = true;
  readonly drawKey: AttemptKey;
  constructor(clock: Clock, drawKey: AttemptKey) {
    this.#clock = clock;
    this.drawKey = drawKey;
  }
  answer(_effect: EffectRef, kept?: AnsweredBefore): Answer {
    return kept ?? perform;
  }
  run(node: () => unknown): unknown {
    return node();
  }
  settle(result: AttemptResult): AttemptResult {
    return result;
  }
  watch(timeoutMs: number, expire: () => void): () => void {
    return this.#clock.setTimer(timeoutMs, expire, { kind: 'timeout', at: this.drawKey, isGuard: true });
  }
  cleanUp(number: number): AttemptWorld {
    return new LiveAttempt(this.#clock, cleanUpKey(this.drawKey, number));
  }
}
