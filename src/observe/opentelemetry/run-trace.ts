// The trace of one run, or of the part of it that this process saw. A step becomes spans once it is over, because the
// journal records when an attempt began only together with its outcome. The run's own span encloses them all.
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api';
import { encodeValue } from '../../base/encode.ts';
import type { CommitEntry, EndEntry, Entry, OutcomeEntry, RunEntry } from '../../journal/entry.ts';
import type { RunTerms } from '../../journal/run-facts.ts';
import { redactRequest } from '../../journal/redact/redact.ts';
import type { ObservedRun } from '../../port/observer.ts';
import { NodeNames } from '../node-names.ts';
import { observedError } from '../observed-error.ts';
import { effectRecord, present } from './effect-record.ts';
import { stepSpan } from './record-times.ts';
import { attemptAt, newScope, scopeAt } from './step-record.ts';
import type { AttemptRecord, StepRecord } from './step-record.ts';
import { emitStep, hrTime, markFailed } from './step-spans.ts';

export interface RunTraceSetup {
  readonly tracer: Tracer;
  readonly parentOf: (run: ObservedRun) => Context;
  /** Whether span events include the emitted data. */
  readonly hasEventData: boolean;
}

/** Beyond this many effects, events and attempts, a step is traced only in part, and its span says so. */
export const recordsMax = 10_000;

export class RunTrace {
  readonly #setup: RunTraceSetup;
  readonly #run: ObservedRun;
  readonly #names = new NodeNames();
  readonly #root = newScope();
  #entry: RunEntry | undefined;
  #span: Span | undefined;
  #lastTime = 0;
  #recordCount = 0;
  #leftOut = 0;
  /** Some of its entries may have been dropped. */
  isIncomplete = false;

  constructor(setup: RunTraceSetup, run: ObservedRun) {
    this.#setup = setup;
    this.#run = run;
  }

  add(entry: Entry, isInherited: boolean): void {
    this.#names.add(entry);
    if (isInherited) {
      // The first step of a fork begins when the fork does.
      this.#root.lastCommit = this.#entry?.observed.time;
      return;
    }
    switch (entry.kind) {
      case 'run':
        this.#entry = entry;
        this.#lastTime = entry.observed.time;
        return;
      case 'effect':
        this.#record(entry.at)?.effects.push(effectRecord(entry));
        return;
      case 'event': {
        const { name, stream, ordinal, data, observed } = entry;
        this.#record(entry.at)?.events.push({
          name,
          time: observed.time,
          attributes: present({
            'reprise.event.stream': stream === '' ? undefined : stream,
            'reprise.event.ordinal': ordinal,
            'reprise.event.data': this.#setup.hasEventData
              ? JSON.stringify(encodeValue(redactRequest(data)))
              : undefined,
          }),
        });
        return;
      }
      case 'chunk': {
        const attempt = this.#record(entry.at);
        if (attempt !== undefined) attempt.chunks = Math.max(attempt.chunks, entry.ordinal + entry.deltas.length);
        return;
      }
      case 'outcome':
        this.#outcome(entry);
        return;
      case 'commit':
        this.#commit(entry);
        return;
      case 'end':
        this.#end(entry);
        return;
    }
  }

  /** Ends the trace of a run that this process no longer drives. */
  rest(status: string, time = this.#lastTime): void {
    // The run was resumed and released without a write in between.
    if (this.#lastTime === 0 && this.#root.steps.size === 0) return;
    this.#emitOpenSteps();
    this.#close(time, { 'reprise.run.status': status });
  }

  #outcome({ at, node, result, observed }: OutcomeEntry): void {
    const attempt = this.#record(at);
    if (attempt === undefined) return;
    attempt.node = node;
    attempt.began = observed.began;
    attempt.ended = observed.ended;
    attempt.status = result.status;
    if (result.status !== 'done') attempt.error = observedError(result.error);
  }

  #commit({ at, observed: { time } }: CommitEntry): void {
    this.#lastTime = time;
    const { scope, step } = scopeAt(this.#root, at);
    const record = scope.steps.get(step);
    scope.lastCommit = time;
    if (record !== undefined) record.ended = time;
    if (scope === this.#root && record !== undefined) {
      this.#emit(record);
      scope.steps.delete(step);
    }
  }

  #end({ end, step, observed: { time } }: EndEntry): void {
    this.#emitOpenSteps(time);
    const attributes = { 'reprise.run.status': end.status, 'reprise.run.steps': step };
    this.#close(time, attributes, (span) => {
      if (end.status === 'failed') markFailed(span, observedError(end.error), time);
    });
  }

  #record(at: string): AttemptRecord | undefined {
    this.#recordCount += 1;
    if (this.#recordCount > recordsMax) {
      this.#leftOut += 1;
      return undefined;
    }
    const attempt = attemptAt(this.#root, at);
    if (attempt.node === '?') attempt.node = lastName(this.#names.nodeOf(at));
    return attempt;
  }

  #emitOpenSteps(time?: number): void {
    for (const step of this.#root.steps.values()) {
      if (time !== undefined) step.ended = time;
      this.#emit(step);
    }
    this.#root.steps.clear();
  }

  #emit(step: StepRecord): void {
    const times = stepSpan(step);
    const span = this.#runSpan(times?.began ?? this.#lastTime);
    this.#lastTime = Math.max(this.#lastTime, times?.ended ?? 0);
    const attributes = present({ 'reprise.step.left_out': this.#leftOut === 0 ? undefined : this.#leftOut });
    emitStep(this.#setup.tracer, step, trace.setSpan(ROOT_CONTEXT, span), attributes);
    this.#recordCount = 0;
    this.#leftOut = 0;
  }

  /** Created with the first step: in a resumed run, nothing else says when it was resumed. */
  #runSpan(firstTime: number): Span {
    const entry = this.#entry;
    this.#span ??= this.#setup.tracer.startSpan(
      `run ${this.#run.graph}`,
      {
        startTime: hrTime(entry?.observed.time ?? firstTime),
        attributes: present({
          'reprise.run.id': this.#run.runId,
          'reprise.graph.name': this.#run.graph,
          'reprise.run.fingerprint': entry?.fingerprint,
          'reprise.run.parent_id': entry?.observed.parent?.runId,
          ...labelAttributes(entry?.observed.terms),
          'reprise.run.resumed': entry === undefined ? true : undefined,
        }),
      },
      this.#setup.parentOf(this.#run),
    );
    return this.#span;
  }

  #close(time: number, attributes: Attributes, mark: (span: Span) => void = () => undefined): void {
    const span = this.#runSpan(time);
    span.setAttributes({ ...attributes, ...(this.isIncomplete ? { 'reprise.run.incomplete': true } : {}) });
    mark(span);
    span.end(hrTime(Math.max(time, this.#lastTime)));
  }
}

function lastName(way: string): string {
  return way.slice(way.lastIndexOf('/') + 1);
}

function labelAttributes(terms: RunTerms | undefined): Attributes {
  return Object.fromEntries(
    Object.entries(terms?.labels ?? {}).map(([name, text]) => [`reprise.run.label.${name}`, text]),
  );
}
