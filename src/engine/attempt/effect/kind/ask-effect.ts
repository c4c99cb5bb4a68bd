// `context.ask`: a question to people.
//   Q1. While an attempt waits only for answers, it holds no slot and its time stands still.
//   Q2. A question can be answered from the moment its beginning is durable, whatever else runs.
//   Q3. An answer that the schema refuses does not count: it is noted, and the question stays open.
import { RepriseError } from '../../../../base/error.ts';
import { ownView } from '../../../../base/own-view.ts';
import { canonicalValue } from '../../../../base/value.ts';
import type { Value } from '../../../../base/value.ts';
import type { AskOptions } from '../../../../graph/types/context-types.ts';
import { checkWithSchema } from '../../../../graph/types/standard-schema.ts';
import type { EffectOutcome } from '../../../../journal/entry.ts';
import { taskPath } from '../../../../port/task.ts';
import { errorValue } from '../../../rules/failure.ts';
import type { PlacedQuestion } from '../../../run/question-desk.ts';
import { keptEffect } from '../effect-policy.ts';
import type { Effect, EffectKind } from '../effect.ts';
import type { EffectProtocol } from '../effect-protocol.ts';
import { MessageWait } from './message-wait.ts';

export function askEffect(protocol: EffectProtocol, question: unknown, options: AskOptions): Promise<unknown> {
  const { name = 'question' } = options;
  const request = canonicalValue(question, `question "${name}"`, protocol.setup.parts.settings);
  const place = protocol.questions.next(name, taskPath(protocol.attempt));
  return new Promise((resolve, reject) => {
    protocol.ask({ type: 'ask', name, request }, new AskEffect(protocol, { name, place, options, resolve, reject }));
  });
}

interface AskSetup {
  readonly name: string;
  readonly place: PlacedQuestion;
  readonly options: AskOptions;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

class AskEffect implements EffectKind {
  readonly delivery = 'message';
  readonly policy = keptEffect;
  readonly #protocol: EffectProtocol;
  readonly #setup: AskSetup;
  #withdraw: (() => void) | undefined;
  #wait: MessageWait | undefined;

  constructor(protocol: EffectProtocol, setup: AskSetup) {
    this.#protocol = protocol;
    this.#setup = setup;
  }

  perform(effect: Effect): void {
    const { questions, setup } = this.#protocol;
    const { name, place, options } = this.#setup;
    const { timeoutMs } = options;
    const now = setup.parts.clock.now();
    const begin =
      effect.begun ?? questions.journal(place, effect, timeoutMs === undefined ? undefined : now + timeoutMs);
    const question = questions.put(begin, place.key);
    this.#withdraw = question.withdraw;
    this.#wait = new MessageWait(setup.parts, effect, {
      wanted: { kind: 'answer', question: question.id },
      began: begin.observed.time,
      due: begin.observed.due,
      timeout: () => timeout(name),
      accepts: ({ number, message }) => {
        const refused = this.#refusal(message.value);
        if (refused !== undefined) questions.refuse({ begin, key: place.key }, number, refused.error);
        return refused === undefined;
      },
    });
    this.#wait.begin();
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
    this.#wait?.release();
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
    this.#wait?.drop();
    this.#setup.reject(error);
  }
}

function timeout(name: string): EffectOutcome {
  const error = new RepriseError('answer-timeout', `nobody answered question "${name}" in time`, {
    nextStep: 'Raise `timeoutMs` of the question, or catch this error in the node.',
    fields: { name },
  });
  return { kind: 'error', error: errorValue(error, undefined) };
}
