// What stands in for the outside of a run: answers to effects by name, and to requests by address.
import { functionOf } from '../base/options/option-kind.ts';
import type { OptionKind } from '../base/options/option-kind.ts';
import { either, listOf, recordOf } from '../base/options/option-parts.ts';
import type { OptionKinds } from '../base/options/option-parts.ts';
import { checkArgument } from '../base/options/option-shape.ts';
import { endpoint } from '../live/http/options/rules-option.ts';

/** What a fake is told of the effect that it answers. */
export interface FakedCall {
  readonly idempotencyKey: string;
}

/**
 * Answers a request. What it gets is what the journal knows of it: method, address, body and the headers that count, without
 * credentials. Requests to this machine come from `http://localhost`, whatever their port.
 */
export type AnswerRequest = (request: Request) => Response | Promise<Response>;

/** A response answers any number of requests, a list one request each, in the order in which they leave. */
export type FakedAnswer = Response | AnswerRequest | readonly (Response | AnswerRequest)[];

/** Answers by address, such as `'POST https://api.openai.com/v1/chat/completions'` or `'https://*.example.com/*'`. */
export type FakedHttp = Readonly<Record<string, FakedAnswer>> | AnswerRequest;

/** Stands in for the outside in a test. */
export interface Outside {
  /** By the name of the effect. One without an answer here is performed as its node says: in a test that is often a fake. */
  readonly effects?: Readonly<Record<string, (request: never, call: FakedCall) => unknown>>;
  /** The first address that fits answers, or one function all requests. A request without an answer fails. */
  readonly http?: FakedHttp;
}

const answerWanted = 'a Response, or a function that takes the Request and returns one';
const answer: OptionKind = {
  wanted: answerWanted,
  fits: (value) => value instanceof Response || typeof value === 'function',
};
const answers = either(answer, listOf(answer, 'them'));
const httpWanted = 'answers by address, such as { "POST https://api.openai.com/*": new Response("{}") }';

export const outsideKinds: OptionKinds<Outside> = {
  effects: recordOf(
    functionOf('a function that takes the request of the effect and returns its answer'),
    'functions by name',
  ),
  http: either(functionOf(answerWanted), recordOf(answers, httpWanted, endpoint)),
};

/** It may be an object of the caller's with members of its own. @throws RepriseError `option-invalid` */
export function checkOutside({ effects, http }: Outside): void {
  if (effects !== undefined) checkArgument('outside', 'effects', outsideKinds.effects, effects);
  if (http !== undefined) checkArgument('outside', 'http', outsideKinds.http, http);
}
