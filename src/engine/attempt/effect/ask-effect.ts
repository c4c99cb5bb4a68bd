// `context.ask`: a question to people.
//   Q1. While an attempt waits only for answers, it holds no slot and its time stands still.
//   Q2. An answer that the schema refuses does not count: the question stays open, and the caller that answered learns
//       why.
import { RepriseError } from '../../../base/error.ts';
import { canonicalValue, ownView } from '../../../base/value.ts';
import type { Value } from '../../../base/value.ts';
import type { AskOptions } from '../../../graph/context-types.ts';
import { checkWithSchema } from '../../../graph/standard-schema.ts';
import type { EffectOutcome } from '../../../journal/entry.ts';
import { taskPath } from '../../../port/task.ts';
import { errorValue } from '../../rules/failure.ts';
import { keptEffect } from './effect.ts';
import type { Effect, EffectKind } from './effect.ts';
import type { EffectProtocol } from './effect-protocol.ts';

export function askEffect(protocol: EffectProtocol, question: unknown, options: AskOptions): Promise<unknown> {
  const { name = 'question' } = options;
  const request = canonicalValue(question, `question "${name}"`, protocol.setup.parts.settings);
  const key = protocol.questions.nextKey(name, taskPath(protocol.attempt));
  return new Promise((resolve, reject) => {
    protocol.ask({ type: 'ask', name, request }, new AskEffect(protocol, { name, key, options, resolve, reject }));
  });
}

interface AskSetup {
  readonly name: string;
  readonly key: string;
  readonly options: AskOptions;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

class AskEffect implements EffectKind {
  readonly delivery = 'effect';
  readonly policy = keptEffect;
  readonly #protocol: EffectProtocol;
  readonly #setup: AskSetup;
  #withdraw: (() => void) | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(protocol: EffectProtocol, setup: AskSetup) {
    this.#protocol = protocol;
    this.#setup = setup;
  }

  perform(effect: Effect): void {
    const { clock, questions, stop } = this.#protocol.setup.parts;
    const { key, name, options } = this.#setup;
    const now = clock.now();
    const due = effect.begun === undefined ? dueTime(now, options.timeoutMs) : effect.begun.observed.due;
    const began = effect.begun?.observed.time ?? now;
    const answer = questions.takeAnswer(key);
    const refused = answer === undefined ? undefined : this.#refusal(answer);
    if (answer !== undefined && refused === undefined) effect.settle({ kind: 'value', value: answer }, { began });
    else if (answer === undefined && due !== undefined && due <= now) effect.settle(timeout(name), { began });
    else {
      this.#wait(effect, due, began);
      if (refused !== undefined) stop.refuseAnswer(refused.error);
    }
  }

  #wait(effect: Effect, due: number | undefined, began: number): void {
    const { clock } = this.#protocol.setup.parts;
    const begin = effect.begun ?? effect.journalBegin(due === undefined ? {} : { due });
    this.#withdraw = this.#protocol.questions.put(begin, this.#setup.key);
    if (due !== undefined)
      this.#cancelTimer = clock.setTimer(due - clock.now(), () => effect.settle(timeout(this.#setup.name), { began }));
    effect.wait();
  }

  #refusal(answer: Value): { readonly error: unknown } | undefined {
    try {
      this.#checked(answer);
      return undefined;
    } catch (error) {
      return { error };
    }
  }

  /** What the node gets: the answer as its schema returns it. */
  #checked(answer: Value): unknown {
    const { name, options } = this.#setup;
    if (options.schema === undefined) return ownView(answer);
    const given = checkWithSchema(options.schema, answer, {
      name: `the answer to question "${name}"`,
      code: 'answer-invalid',
      nextStep: 'Answer again: the question is still open.',
      fields: { question: name },
    });
    return ownView(given);
  }

  release(): void {
    this.#withdraw?.();
    this.#cancelTimer?.();
  }

  resolve(outcome: EffectOutcome): void {
    if (outcome.kind === 'error') {
      this.#setup.reject(outcome.error);
      return;
    }
    try {
      this.#setup.resolve(this.#checked(outcome.value));
    } catch (invalid) {
      this.#setup.reject(invalid);
    }
  }

  reject(error: Error): void {
    this.#setup.reject(error);
  }
}

function dueTime(now: number, timeoutMs: number | undefined): number | undefined {
  return timeoutMs === undefined ? undefined : now + timeoutMs;
}

function timeout(name: string): EffectOutcome {
  const error = new RepriseError('answer-timeout', `nobody answered question "${name}" in time`, {
    nextStep: 'Raise `timeoutMs` of the question, or catch this error in the node.',
    fields: { name },
  });
  return { kind: 'error', error: errorValue(error, undefined) };
}
