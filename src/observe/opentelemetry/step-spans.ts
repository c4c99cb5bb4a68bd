// Emits the spans of a finished step: step > task > attempt > effect, and inside an attempt the steps of its inner run.
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Context, HrTime, Span, Tracer } from '@opentelemetry/api';
import type { ObservedError } from '../observed-error.ts';
import { present } from './effect-record.ts';
import { attemptSpan, stepSpan, taskSpan } from './record-times.ts';
import type { AttemptRecord, StepRecord, TaskRecord } from './step-record.ts';

export function emitStep(tracer: Tracer, step: StepRecord, within: Context, attributes: Attributes = {}): void {
  const times = stepSpan(step);
  if (times === undefined) return;
  const name = `step ${step.key.slice(step.key.lastIndexOf('/') + 1)}`;
  const all = { 'reprise.step.key': step.key, ...attributes };
  const span = tracer.startSpan(name, { startTime: hrTime(times.began), attributes: all }, within);
  for (const [, task] of byNumber(step.tasks)) emitTask(tracer, task, inside(span));
  span.end(hrTime(times.ended));
}

function emitTask(tracer: Tracer, task: TaskRecord, within: Context): void {
  const times = taskSpan(task);
  const attempts = byNumber(task.attempts).map(([, attempt]) => attempt);
  const last = attempts.at(-1);
  if (times === undefined || last === undefined) return;
  const attributes = { 'reprise.task.key': task.key, 'reprise.node.name': last.node };
  const span = tracer.startSpan(`task ${last.node}`, { startTime: hrTime(times.began), attributes }, within);
  for (const attempt of attempts) emitAttempt(tracer, attempt, inside(span));
  if (last.error !== undefined) markFailed(span, last.error, undefined);
  span.end(hrTime(times.ended));
}

function emitAttempt(tracer: Tracer, attempt: AttemptRecord, within: Context): void {
  const times = attemptSpan(attempt);
  if (times === undefined) return;
  const attributes = present({
    'reprise.attempt.key': attempt.key,
    'reprise.attempt.number': attempt.number,
    'reprise.attempt.status': attempt.status,
    'reprise.attempt.chunks': attempt.chunks === 0 ? undefined : attempt.chunks,
    'reprise.node.name': attempt.node,
  });
  const startTime = hrTime(times.began);
  const span = tracer.startSpan(`attempt ${attempt.number}`, { startTime, attributes }, within);
  for (const effect of attempt.effects) {
    const kind = effect.isClient ? SpanKind.CLIENT : SpanKind.INTERNAL;
    const options = { kind, startTime: hrTime(effect.began), attributes: effect.attributes };
    const effectSpan = tracer.startSpan(effect.name, options, inside(span));
    if (effect.error !== undefined) markFailed(effectSpan, effect.error, effect.ended);
    effectSpan.end(hrTime(Math.max(effect.began, effect.ended)));
  }
  for (const [, step] of byNumber(attempt.inner.steps)) emitStep(tracer, step, inside(span));
  for (const event of attempt.events) span.addEvent(event.name, event.attributes, hrTime(event.time));
  if (attempt.error !== undefined) markFailed(span, attempt.error, times.ended);
  span.end(hrTime(times.ended));
}

/** Marks a span as failed by its status and, if a time is given, by an exception event. */
export function markFailed(span: Span, { type, message, code, cause }: ObservedError, time: number | undefined): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  if (time === undefined) return;
  const attributes = present({
    'exception.type': type,
    'exception.message': message,
    'reprise.error.code': code,
    'reprise.error.cause': cause,
  });
  span.addEvent('exception', attributes, hrTime(time));
}

function inside(span: Span): Context {
  return trace.setSpan(ROOT_CONTEXT, span);
}

function byNumber<Kind>(records: ReadonlyMap<number, Kind>): readonly (readonly [number, Kind])[] {
  return [...records].sort(([left], [right]) => left - right);
}

/** As seconds and nanoseconds: OpenTelemetry may take a bare number for a time since the start of this process. */
export function hrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1_000);
  return [seconds, Math.round((milliseconds - seconds * 1_000) * 1_000_000)];
}
