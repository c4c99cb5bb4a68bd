// Which fake answers a request.
import { nearestName } from '../base/nearest-name.ts';
import { endpointPattern, fitsEndpoint } from '../journal/http/endpoint-pattern.ts';
import type { EndpointPattern } from '../journal/http/endpoint-pattern.ts';
import type { EffectRef } from '../journal/entry.ts';
import { addressOfRequest, requestText } from './faked-request.ts';
import type { AnswerRequest, FakedAnswer, FakedHttp } from './outside.ts';

export type FoundFake =
  | { readonly kind: 'answer'; readonly answer: Response | AnswerRequest }
  /** It had a list of answers, which others have got. */
  | { readonly kind: 'used up'; readonly address: string }
  | { readonly kind: 'none'; readonly nearest: string | undefined };

interface Fake {
  readonly address: string;
  readonly pattern: EndpointPattern | undefined;
  readonly answer: FakedAnswer;
}

export class FakedRequests {
  readonly #all: AnswerRequest | undefined;
  readonly #fakes: readonly Fake[];
  /** How many answers of a list were given. */
  readonly #given = new Map<Fake, number>();

  constructor(http: FakedHttp) {
    this.#all = typeof http === 'function' ? http : undefined;
    this.#fakes = typeof http === 'function' ? [] : Object.entries(http).map(fakeOf);
  }

  find(ref: EffectRef): FoundFake {
    if (this.#all !== undefined) return { kind: 'answer', answer: this.#all };
    const asked = addressOfRequest(ref);
    const fake = this.#fakes.find(({ pattern }) => pattern !== undefined && fitsEndpoint(pattern, asked));
    if (fake === undefined) {
      const addresses = this.#fakes.map(({ address }) => address);
      return { kind: 'none', nearest: nearestName(requestText(ref), addresses) };
    }
    const { answer, address } = fake;
    if (!isList(answer)) return { kind: 'answer', answer };
    const count = this.#given.get(fake) ?? 0;
    this.#given.set(fake, count + 1);
    const next = answer[count];
    return next === undefined ? { kind: 'used up', address } : { kind: 'answer', answer: next };
  }
}

function fakeOf([address, answer]: readonly [string, FakedAnswer]): Fake {
  return { address, pattern: endpointPattern(address), answer };
}

function isList(answer: FakedAnswer): answer is readonly (Response | AnswerRequest)[] {
  return Array.isArray(answer);
}
