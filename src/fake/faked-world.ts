// A live run whose outside is faked: whatever would be performed is answered by a function.
import type { EffectRef } from '../journal/entry.ts';
import type { Answer, AttemptWorld, Performing, TaskWorld, World } from '../port/world.ts';

/** Answers what would be performed; `performed` is what happens if nothing stands in for it. */
export type AnswerEffect = (attempt: AttemptWorld, ref: EffectRef, performed: Performing) => Answer;

/** What an exchange gets that begins after its attempt has ended. */
export type AnswerLate = (ref: EffectRef) => Answer;

interface Faking {
  readonly answer: AnswerEffect;
  readonly answerLate: AnswerLate;
}

export function fakedWorld(live: World, faking: Faking): World {
  return {
    openStep(at, tasks) {
      const plan = live.openStep(at, tasks);
      return plan.kind === 'end' ? plan : { ...plan, tasks: plan.tasks.map((task) => fakedTask(task, faking)) };
    },
    closeStep: (step) => live.closeStep(step),
  };
}

function fakedTask(task: TaskWorld, faking: Faking): TaskWorld {
  return { attempt: (number, isResumable) => fakedAttempt(task.attempt(number, isResumable), faking) };
}

function fakedAttempt(attempt: AttemptWorld, faking: Faking): AttemptWorld {
  return {
    drawKey: attempt.drawKey,
    // Nothing of a request may leave before it is known who answers it.
    asksFirst: true,
    run: (node) => attempt.run(node),
    settle: (result) => attempt.settle(result),
    watch: (timeoutMs, expire) => attempt.watch(timeoutMs, expire),
    cleanUp(number) {
      const inner = attempt.cleanUp?.(number);
      return inner === undefined ? undefined : fakedAttempt(inner, faking);
    },
    answer(ref, kept) {
      const answer = attempt.answer(ref, kept);
      return answer.kind === 'perform' ? faking.answer(attempt, ref, answer) : answer;
    },
    answerLate: faking.answerLate,
  };
}
