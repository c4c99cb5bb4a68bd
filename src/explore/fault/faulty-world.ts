// A world in which some effects fail that did not: for the rest it is the world that it stands for.
import { errorValue } from '../../engine/rules/failure.ts';
import { fullAddressText } from '../../journal/address.ts';
import type { EffectEntry, EffectOutcome, EffectRef, TaskSpec } from '../../journal/entry.ts';
import { attemptKey, attemptNumber, taskKey, taskOfAttempt } from '../../journal/key.ts';
import type { AttemptKey, StepKey } from '../../journal/key.ts';
import type { Answer, AnsweredBefore, AttemptWorld, TaskWorld, World } from '../../port/world.ts';

export interface Faulty {
  /** By the answers that they take the place of. */
  readonly faults: ReadonlySet<string>;
  /** What was recorded, by event: a further attempt of a task gets what the one that failed had got. */
  readonly recorded: ReadonlyMap<string, EffectEntry>;
}

export function faultyWorld(world: World, faulty: Faulty): World {
  return around(world, {
    openStep(at: StepKey, tasks: readonly TaskSpec[]) {
      const plan = world.openStep(at, tasks);
      if (plan.kind === 'end') return plan;
      return { ...plan, tasks: plan.tasks.map((task, rank) => faultyTask(task, taskKey(at, rank), faulty)) };
    },
  });
}

function faultyTask(task: TaskWorld, key: ReturnType<typeof taskKey>, faulty: Faulty): TaskWorld {
  return around(task, {
    attempt: (number: number, isResumable: boolean) =>
      faultyAttempt(task.attempt(number, isResumable), attemptKey(key, number), faulty),
  });
}

function faultyAttempt(attempt: AttemptWorld, at: AttemptKey, { faults, recorded }: Faulty): AttemptWorld {
  return around(attempt, {
    answer(ref: EffectRef, kept?: AnsweredBefore): Answer {
      if (faults.has(eventOf(at, ref))) return simulated({ kind: 'error', error: faultError(ref) });
      const before = kept === undefined ? earlier(at, ref, recorded) : undefined;
      return before === undefined ? attempt.answer(ref, kept) : simulated(before.outcome);
    },
  });
}

function simulated(outcome: EffectOutcome): Answer {
  return { kind: 'perform', simulate: () => ({ kind: 'answered', outcome }) };
}

function earlier(at: AttemptKey, ref: EffectRef, recorded: Faulty['recorded']): EffectEntry | undefined {
  if (recorded.has(eventOf(at, ref))) return undefined;
  for (let number = attemptNumber(at) - 1; number > 0; number -= 1) {
    const found = recorded.get(eventOf(attemptKey(taskOfAttempt(at), number), ref));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The key of its answer, as `arrivalKey` has it. */
export function eventOf(at: string, effect: EffectRef): string {
  return fullAddressText(at as AttemptKey, effect);
}

function faultError({ name }: EffectRef): ReturnType<typeof errorValue> {
  return errorValue(new Error(`fault: "${name}" fails`), undefined);
}

/** The same object, but for some of its methods. */
function around<Kind extends object>(target: Kind, methods: Partial<Record<keyof Kind, unknown>>): Kind {
  return new Proxy(target, {
    get(_target, name) {
      if (Object.hasOwn(methods, name)) return methods[name as keyof Kind];
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
