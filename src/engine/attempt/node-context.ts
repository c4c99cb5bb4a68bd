// What a node is given besides the state. Methods are got from getters that bind them, so that
// `async (state, { effect, send })` works, and a node pays only for what it names.
import { RepriseError } from '../../base/error.ts';
import { digestOf } from '../../base/digest.ts';
import { drawStream } from '../../base/draw.ts';
import type { DrawStream } from '../../base/draw.ts';
import { checkOptions, noOptions } from '../../base/options/option-shape.ts';
import { canonicalValue, ownView } from '../../base/value.ts';
import type { AskOptions, EffectOptions, EmitOptions, PerformContext } from '../../graph/context-types.ts';
import { currentAttempt } from '../../port/attempt.ts';
import { askEffect } from './effect/ask-effect.ts';
import type { AttemptScope } from './attempt-scope.ts';
import { callEffect } from './effect/call-effect.ts';
import type { ChunkStream } from './chunk-stream.ts';
import { nowEffect } from './effect/now-effect.ts';
import { sleepEffect } from './effect/sleep-effect.ts';
import { taskOfAttempt } from '../../journal/key.ts';
import { labelStream } from '../../journal/label.ts';
import { askOptions, checkDelay, checkLabel, effectOptions, emitOptions } from '../options/context-options.ts';

const send = (node: string, input: unknown) => ({ kind: 'send', node, input });
const goto = (node: string) => ({ kind: 'goto', node });
const stop = () => ({ kind: 'stop' });

export class NodeContextView {
  readonly #scope: AttemptScope;
  readonly #chunks: () => ChunkStream;
  #draws: Map<string, DrawStream> | undefined;
  #ordinals: Map<string, number> | undefined;

  constructor(scope: AttemptScope, chunks: () => ChunkStream) {
    this.#scope = scope;
    this.#chunks = chunks;
  }

  get input(): unknown {
    return ownView(this.#scope.setup.input);
  }
  get signal(): AbortSignal {
    return this.#scope.signal;
  }
  get key(): string {
    return taskOfAttempt(this.#scope.at);
  }
  get attempt(): number {
    return this.#scope.setup.number;
  }
  get idempotencyKey(): string {
    return digestOf(JSON.stringify([this.#scope.setup.parts.runId, this.#scope.setup.world.drawKey])).slice(0, 32);
  }
  get send(): typeof send {
    return send;
  }
  get goto(): typeof goto {
    return goto;
  }
  get stop(): typeof stop {
    return stop;
  }

  get now() {
    return (name = ''): number => {
      this.#guard('now()');
      return nowEffect(this.#scope.effects, name);
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
      return sleepEffect(this.#scope.effects, delayMs, name);
    };
  }
  get ask() {
    return async (question: unknown, options: AskOptions = noOptions): Promise<unknown> => {
      this.#guard('ask()');
      checkOptions(askOptions, options);
      return askEffect(this.#scope.effects, question, options);
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
      this.#chunks().push(chunk);
    };
  }
  get resumed(): readonly unknown[] {
    return (this.#scope.setup.world.resumed ?? []).map((chunk) => ownView(chunk));
  }
  get emit() {
    return (name: string, data?: unknown, options: EmitOptions = noOptions): void => {
      this.#guard(`emit("${name}")`);
      checkOptions(emitOptions, options);
      this.#report(name, data, options.stream ?? '');
    };
  }

  #report(name: string, data: unknown, stream: string): void {
    const { parts, key, node, world } = this.#scope.setup;
    this.#ordinals ??= new Map();
    const ordinal = this.#ordinals.get(stream) ?? world.eventCount?.(stream) ?? 0;
    const value = canonicalValue(data, `the data of event "${name}"`, parts.settings);
    this.#ordinals.set(stream, ordinal + 1);
    const observed = { time: parts.clock.now() };
    const journal = (): void =>
      parts.journal.emit({ kind: 'event', at: key, name, stream, ordinal, data: value, observed }, node.name);
    if (world.keepBack?.(journal) !== true) journal();
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
      return callEffect(this.#scope.effects, name, request, perform, options);
    };
  }

  #draw(stream: string): DrawStream {
    this.#draws ??= new Map();
    let draws = this.#draws.get(stream);
    if (draws === undefined) {
      const { parts, world } = this.#scope.setup;
      draws = drawStream(parts.run.seed, `${world.drawKey}:${stream}`);
      this.#draws.set(stream, draws);
    }
    return draws;
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
