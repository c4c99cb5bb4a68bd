// The context of a node: what it is told, and what it can do. Each thing that it can do is a getter of a bound
// function, so that `async (state, { effect, send })` works and a node pays only for what it names.
import type { DrawStream } from '../../base/draw.ts';
import { RepriseError } from '../../base/error.ts';
import { checkOptions, noOptions } from '../../base/options/option-shape.ts';
import type {
  AskOptions,
  EffectOptions,
  EmitOptions,
  OnStopOptions,
  PerformContext,
  ReceiveOptions,
} from '../../graph/context-types.ts';
import { labelStream } from '../../journal/label.ts';
import { currentAttempt } from '../../port/attempt.ts';
import { taskPath } from '../../port/task.ts';
import {
  askOptions,
  checkCleanUp,
  checkDelay,
  checkLabel,
  checkedTime,
  effectOptions,
  emitOptions,
  onStopOptions,
  receiveOptions,
} from '../options/context-options.ts';
import { checkSignalName } from '../options/message-options.ts';
import { AttemptDraws } from './attempt-draws.ts';
import { AttemptEvents } from './attempt-events.ts';
import type { AttemptScope } from './attempt-scope.ts';
import type { ChunkStream } from './chunk-stream.ts';
import type { CleanUpFunction } from './stop/clean-up.ts';
import type { CleanUps } from './stop/clean-ups.ts';
import { askEffect } from './effect/ask-effect.ts';
import { callEffect } from './effect/call-effect.ts';
import { nowEffect } from './effect/now-effect.ts';
import { receiveEffect } from './effect/receive-effect.ts';
import { retriedEffect } from './effect/retried-effect.ts';
import { sleepEffect, sleepUntilEffect } from './effect/sleep-effect.ts';
import { NodeFacts } from './node-facts.ts';

/** Where a node's chunks go. */
export interface ChunkSource {
  /** Made when it is first asked for: most nodes do not stream. */
  readonly chunks: ChunkStream;
}

export class NodeContextView extends NodeFacts {
  readonly #scope: AttemptScope;
  readonly #source: ChunkSource;
  readonly #cleanUps: () => CleanUps;
  #draws: AttemptDraws | undefined;
  #events: AttemptEvents | undefined;

  constructor(scope: AttemptScope, source: ChunkSource, cleanUps: () => CleanUps) {
    super(scope);
    this.#scope = scope;
    this.#source = source;
    this.#cleanUps = cleanUps;
  }

  get now() {
    return (name = ''): number => {
      this.#guard('now()');
      return nowEffect(this.#scope.held.effects, name);
    };
  }
  get random() {
    return (name = ''): number => {
      this.#guard('random()');
      return this.#draw(`random:${name}`).next();
    };
  }
  get uuid() {
    return (name = ''): string => {
      this.#guard('uuid()');
      return this.#draw(`uuid:${name}`).uuid();
    };
  }
  get sleep() {
    return async (delayMs: number, name = ''): Promise<void> => {
      this.#guard('sleep()');
      checkDelay(delayMs);
      return sleepEffect(this.#scope.held.effects, delayMs, name);
    };
  }
  get sleepUntil() {
    return async (time: Date | number, name = ''): Promise<void> => {
      this.#guard('sleepUntil()');
      return sleepUntilEffect(this.#scope.held.effects, checkedTime(time), name);
    };
  }
  get receive() {
    return async (name: string, options: ReceiveOptions = noOptions): Promise<unknown> => {
      this.#guard(`receive("${name}")`);
      checkSignalName(name, 'receive');
      checkOptions(receiveOptions, options);
      return receiveEffect(this.#scope.held.effects, name, options);
    };
  }
  get ask() {
    return async (question: unknown, options: AskOptions = noOptions): Promise<unknown> => {
      this.#guard('ask()');
      checkOptions(askOptions, options);
      return askEffect(this.#scope.held.effects, question, options);
    };
  }
  get label() {
    return (label: string): void => {
      this.#guard('label()');
      checkLabel(label);
      this.#report(label, undefined, labelStream);
    };
  }
  get stream() {
    return (chunk: unknown): void => {
      this.#guard('stream()');
      this.#source.chunks.push(chunk);
    };
  }
  get emit() {
    return (name: string, data?: unknown, options: EmitOptions = noOptions): void => {
      this.#guard(`emit("${name}")`);
      checkOptions(emitOptions, options);
      this.#report(name, data, options.stream ?? '');
    };
  }

  get effect() {
    return async (
      name: string,
      request: unknown,
      perform: (request: never, context: PerformContext) => unknown,
      options: EffectOptions = noOptions,
    ): Promise<unknown> => {
      this.#guard(`effect("${name}")`);
      checkOptions(effectOptions, options);
      const called = { name, request, perform, options };
      const { retry } = options;
      if (retry === undefined) return callEffect(this.#scope.held.effects, called);
      const retried = { ...called, options: { ...options, retry } };
      return retriedEffect(this.#scope.held.effects, this.#scope.held.tasks.place(name), retried);
    };
  }

  get onStop() {
    return (cleanUp: CleanUpFunction, options: OnStopOptions = noOptions): void => {
      this.#guard('onStop()');
      checkCleanUp(cleanUp);
      checkOptions(onStopOptions, options);
      this.#cleanUps().register(cleanUp, options.undoes ?? []);
    };
  }

  #draw(name: string): DrawStream {
    this.#draws ??= new AttemptDraws(this.#scope.held.setup);
    return this.#draws.stream(name, taskPath(this.#scope));
  }

  #report(name: string, data: unknown, stream: string): void {
    this.#events ??= new AttemptEvents(this.#scope.held.setup);
    this.#events.report(name, data, stream, taskPath(this.#scope));
  }

  #guard(what: string): void {
    if (!this.#scope.isOpen) throw this.#scope.refusal(what);
    if (currentAttempt.getStore()?.isPerforming === true) {
      throw new RepriseError('effect-nested', `${what} was called inside the perform function of an effect`, {
        nextStep: 'The outer effect is the record: call the context before it or after it.',
      });
    }
  }
}
