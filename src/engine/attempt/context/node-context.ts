// The context of a node: what it is told, and what it can do. Each thing that it can do is a getter of a bound
// function, so that `async (state, { effect, send })` works and a node pays only for what it names.
import type { DrawStream } from '../../../base/draw.ts';
import { checkOptions, noOptions } from '../../../base/options/option-shape.ts';
import type {
  AskOptions,
  EffectOptions,
  OnStopOptions,
  PerformContext,
  ReceiveOptions,
} from '../../../graph/types/context-types.ts';
import { taskPath } from '../../../port/task.ts';
import {
  askOptions,
  checkCleanUp,
  checkDelay,
  checkRace,
  checkedTime,
  effectOptions,
  onStopOptions,
  receiveOptions,
} from '../../options/context-options.ts';
import { checkSignalName } from '../../options/message-options.ts';
import { AttemptDraws } from './attempt-draws.ts';
import type { AttemptScope } from '../scope/attempt-scope.ts';
import type { ChunkStream } from './chunk-stream.ts';
import { raced } from '../race/race.ts';
import type { Branches, RaceResult } from '../race/race.ts';
import type { CleanUpFunction } from '../stop/clean-up.ts';
import type { CleanUps } from '../stop/clean-ups.ts';
import { askEffect } from '../effect/kind/ask-effect.ts';
import { callEffect } from '../effect/kind/call-effect.ts';
import { nowEffect } from '../effect/kind/now-effect.ts';
import { receiveEffect } from '../effect/kind/receive-effect.ts';
import { retriedEffect } from '../effect/kind/retried-effect.ts';
import { sleepEffect, sleepUntilEffect } from '../effect/kind/sleep-effect.ts';
import { NodeReports } from './node-reports.ts';
import { refuseOnWorkers } from '../on-workers.ts';

/** Where a node's chunks go. */
export interface ChunkSource {
  /** Made when it is first asked for: most nodes do not stream. */
  readonly chunks: ChunkStream;
}

export class NodeContextView extends NodeReports {
  readonly #scope: AttemptScope;
  readonly #source: ChunkSource;
  readonly #cleanUps: () => CleanUps;
  #draws: AttemptDraws | undefined;

  constructor(scope: AttemptScope, source: ChunkSource, cleanUps: () => CleanUps) {
    super(scope);
    this.#scope = scope;
    this.#source = source;
    this.#cleanUps = cleanUps;
  }

  get now() {
    return (name = ''): number => {
      this.guard('now()');
      return nowEffect(this.#scope.held.effects, name);
    };
  }
  get random() {
    return (name = ''): number => {
      this.guard('random()');
      return this.#draw(`random:${name}`).next();
    };
  }
  get uuid() {
    return (name = ''): string => {
      this.guard('uuid()');
      return this.#draw(`uuid:${name}`).uuid();
    };
  }
  get sleep() {
    return async (delayMs: number, name = ''): Promise<void> => {
      this.guard('sleep()');
      checkDelay(delayMs);
      return sleepEffect(this.#scope.held.effects, delayMs, name);
    };
  }
  get sleepUntil() {
    return async (time: Date | number, name = ''): Promise<void> => {
      this.guard('sleepUntil()');
      return sleepUntilEffect(this.#scope.held.effects, checkedTime(time), name);
    };
  }
  get receive() {
    return async (name: string, options: ReceiveOptions = noOptions): Promise<unknown> => {
      this.guard(`receive("${name}")`);
      refuseOnWorkers(this.#scope.held.setup.node, 'receive signals');
      checkSignalName(name, 'receive');
      checkOptions(receiveOptions, options);
      return receiveEffect(this.#scope.held.effects, name, options);
    };
  }
  get ask() {
    return async (question: unknown, options: AskOptions = noOptions): Promise<unknown> => {
      this.guard('ask()');
      refuseOnWorkers(this.#scope.held.setup.node, 'ask people');
      checkOptions(askOptions, options);
      return askEffect(this.#scope.held.effects, question, options);
    };
  }
  get stream() {
    return (chunk: unknown): void => {
      this.guard('stream()');
      this.#source.chunks.push(chunk);
    };
  }

  get effect() {
    return async (
      name: string,
      request: unknown,
      perform: (request: never, context: PerformContext) => unknown,
      options: EffectOptions = noOptions,
    ): Promise<unknown> => {
      this.guard(`effect("${name}")`);
      checkOptions(effectOptions, options);
      const called = { name, request, perform, options };
      const { retry } = options;
      const { held } = this.#scope;
      if (retry === undefined) return callEffect(held.effects, called);
      const retried = { ...called, options: { ...options, retry } };
      // Runs of version 1 know no places.
      const place = held.setup.parts.run.semantics === 1 ? undefined : held.tasks.place(name);
      return retriedEffect(held.effects, place, retried);
    };
  }

  get race() {
    return async (name: string, branches: Branches): Promise<RaceResult> => {
      this.guard(`race("${name}")`);
      checkRace(name, branches);
      return raced(this.#scope.held.effects, this.#scope.held.tasks, name, branches);
    };
  }

  get onStop() {
    return (cleanUp: CleanUpFunction, options: OnStopOptions = noOptions): void => {
      this.guard('onStop()');
      checkCleanUp(cleanUp);
      checkOptions(onStopOptions, options);
      this.#cleanUps().register(cleanUp, options.undoes ?? []);
    };
  }

  #draw(name: string): DrawStream {
    this.#draws ??= new AttemptDraws(this.#scope.held.setup);
    return this.#draws.stream(name, taskPath(this.#scope));
  }
}
