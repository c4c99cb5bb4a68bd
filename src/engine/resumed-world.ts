// The world of a run that goes on: what its journal holds of the step that was under way happened already, and is
// answered from there; everything else is asked of the world behind.
import type { EffectRef, Entry, TaskSpec } from '../journal/entry.ts';
import { attemptKey, taskKey } from '../journal/key.ts';
import type { StepKey, TaskKey } from '../journal/key.ts';
import { StepIndex } from '../journal/step-index.ts';
import type { AttemptIndex } from '../journal/step-index.ts';
import type { Answer, AttemptWorld, StepPlan, TaskWorld, World } from '../port/world.ts';

export function resumedWorld(behind: World, openStep: readonly Entry[]): World {
  const journaled = new StepIndex(openStep);
  return {
    openStep(at: StepKey, tasks: readonly TaskSpec[]): StepPlan {
      const plan = behind.openStep(at, tasks);
      if (plan.kind === 'end') return plan;
      return { kind: 'run', tasks: plan.tasks.map((task, rank) => resumedTask(task, taskKey(at, rank), journaled)) };
    },
    closeStep: (step) => behind.closeStep(step),
  };
}

function resumedTask(behind: TaskWorld, key: TaskKey, journaled: StepIndex): TaskWorld {
  return {
    attempt(number) {
      const recorded = journaled.attempt(attemptKey(key, number));
      const world = behind.attempt(number);
      return recorded === undefined ? world : new ResumedAttempt(world, recorded);
    },
  };
}

class ResumedAttempt implements AttemptWorld {
  readonly #behind: AttemptWorld;
  readonly #recorded: AttemptIndex;
  constructor(behind: AttemptWorld, recorded: AttemptIndex) {
    this.#behind = behind;
    this.#recorded = recorded;
  }
  get drawKey(): string {
    return this.#behind.drawKey;
  }
  answer(ref: EffectRef): Answer {
    const recorded = this.#recorded.take(ref);
    if (recorded === undefined) return this.#behind.answer(ref);
    const { outcome, observed } = recorded;
    return { kind: 'answered', outcome, ...(observed.parts === undefined ? {} : { parts: observed.parts }) };
  }
  /** An attempt that had ended is not run again. */
  run(node: () => unknown): unknown {
    const result = this.#recorded.outcome?.result;
    if (result === undefined) return this.#behind.run(node);
    if (result.status === 'failed') throw result.error;
    if (result.status === 'timeout') return new Promise(() => undefined);
    return {
      ...(result.delta === undefined ? {} : { delta: result.delta }),
      ...(result.routes === undefined ? {} : { route: result.routes }),
    };
  }
  settle: AttemptWorld['settle'] = (result) => this.#recorded.outcome?.result ?? this.#behind.settle(result);
  watch(timeoutMs: number, expire: () => void): () => void {
    if (this.#recorded.outcome?.result.status !== 'timeout') return this.#behind.watch(timeoutMs, expire);
    return this.#behind.watch(0, expire);
  }
}
