// The fakes of one run: they answer its effects and requests, and keep what nothing answered.
import { RepriseError } from '../base/error.ts';
import { canonicalValue } from '../base/value.ts';
import type { EffectRef } from '../journal/entry.ts';
import type { Answer, AnsweredBefore, Performing } from '../port/world.ts';
import { FakedRequests } from './faked-requests.ts';
import { fakedRequest, requestText } from './faked-request.ts';
import { answeredBy } from './faked-response.ts';
import { checkOutside } from './outside.ts';
import type { AnswerRequest, FakedCall, Outside } from './outside.ts';

export class Fakes {
  readonly #effects: NonNullable<Outside['effects']>;
  readonly #requests: FakedRequests;
  readonly #faults: RepriseError[] = [];

  /** @throws RepriseError `option-invalid` */
  constructor(outside: Outside) {
    checkOutside(outside);
    this.#effects = outside.effects ?? {};
    this.#requests = new FakedRequests(outside.http ?? {});
  }

  /** Requests that nothing answered, and fakes that gave no answer. */
  get faults(): readonly RepriseError[] {
    return this.#faults;
  }

  answer(ref: EffectRef, performed: Performing): Answer {
    if (ref.type === 'http') return this.#answerRequest(ref);
    const fake = ref.type === 'call' && Object.hasOwn(this.#effects, ref.name) ? this.#effects[ref.name] : undefined;
    return fake === undefined ? performed : { kind: 'perform', simulate: (key) => answerCall(ref, fake, key) };
  }

  /** Nothing says in which order such requests come, so there is no fake for them. */
  answerLate(ref: EffectRef): Answer {
    return this.#refuse(`${requestText(ref)} began after its task had returned, and nothing answers it`, {
      nextStep: 'Await it in the node that makes it.',
    });
  }

  #answerRequest(ref: EffectRef): Answer {
    const found = this.#requests.find(ref);
    if (found.kind === 'answer') return { kind: 'perform', simulate: () => this.#ask(ref, found.answer) };
    if (found.kind === 'used up') {
      return this.#refuse(`${requestText(ref)} was asked more often than "${found.address}" has answers`, {
        nextStep: `Give \`http["${found.address}"]\` one more answer, or a function that answers all of them.`,
      });
    }
    return this.#refuse(`nothing answers ${requestText(ref)}`, { nextStep: nextStepFor(ref, found.nearest) });
  }

  #ask(ref: EffectRef, answer: Response | AnswerRequest): Promise<AnsweredBefore> {
    // One that is given again must not have been read.
    const give = async (): Promise<unknown> =>
      answer instanceof Response ? answer.clone() : answer(fakedRequest(ref));
    return answeredBy({ give, what: requestText(ref), onFault: (fault) => this.#faults.push(fault) });
  }

  #refuse(message: string, options: { readonly nextStep: string }): Answer {
    const error = new RepriseError('effect-missing', message, options);
    this.#faults.push(error);
    return { kind: 'refused', error };
  }
}

function nextStepFor(ref: EffectRef, nearest: string | undefined): string {
  const give = `Give \`http\` an answer for "${requestText(ref)}"`;
  return nearest === undefined ? `${give}.` : `${give}; the nearest address that it has is "${nearest}".`;
}

type FakedEffect = NonNullable<Outside['effects']>[string];

function answerCall(
  ref: EffectRef,
  fake: FakedEffect,
  idempotencyKey: () => string,
): AnsweredBefore | Promise<AnsweredBefore> {
  const answered = (value: unknown): AnsweredBefore => ({
    kind: 'answered',
    outcome: { kind: 'value', value: canonicalValue(value, `the answer to effect "${ref.name}"`) },
  });
  const call: FakedCall = {
    get idempotencyKey() {
      return idempotencyKey();
    },
  };
  const given = fake(ref.request as never, call);
  return given instanceof Promise ? given.then(answered) : answered(given);
}
