// When a part of a run began and ended. A stopped attempt records neither, and a run that began elsewhere does not say
// when its first step began; such a part spans whatever happened inside it.
import type { AttemptRecord, StepRecord, TaskRecord } from './step-record.ts';

export interface Span {
  readonly began: number;
  readonly ended: number;
}

export function attemptSpan(attempt: AttemptRecord): Span | undefined {
  const inside = united([
    ...attempt.effects,
    ...attempt.events.map(({ time }) => ({ began: time, ended: time })),
    ...[...attempt.inner.steps.values()].map(stepSpan),
  ]);
  return known(attempt.began, attempt.ended, inside);
}

export function taskSpan(task: TaskRecord): Span | undefined {
  return united([...task.attempts.values()].map(attemptSpan));
}

export function stepSpan(step: StepRecord): Span | undefined {
  return known(step.began, step.ended, united([...step.tasks.values()].map(taskSpan)));
}

function known(began: number | undefined, ended: number | undefined, inside: Span | undefined): Span | undefined {
  const from = began ?? inside?.began ?? ended;
  const to = ended ?? inside?.ended ?? began;
  // A clock may be set back in between.
  return from === undefined || to === undefined ? undefined : { began: from, ended: Math.max(from, to) };
}

function united(spans: readonly (Span | undefined)[]): Span | undefined {
  let whole: Span | undefined;
  for (const span of spans) {
    if (span === undefined) continue;
    whole ??= span;
    whole = { began: Math.min(whole.began, span.began), ended: Math.max(whole.ended, span.ended) };
  }
  return whole;
}
