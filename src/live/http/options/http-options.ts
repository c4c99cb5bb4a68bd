import { functionOf, wholeNumber } from '../../../base/options/option-kind.ts';
import { listOf } from '../../../base/options/option-parts.ts';
import type { OptionKinds } from '../../../base/options/option-parts.ts';
import { optionShape } from '../../../base/options/option-shape.ts';
import type { RequestRulesOptions } from '../../../journal/http/request-rules.ts';
import type { OnDoubt } from '../../../port/attempt.ts';
import { headerName, rulesKinds } from './rules-option.ts';

/** A request as the policies of `httpEffects` see it. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  /** The Unix socket that it goes to; then the host of the address says nothing. */
  readonly socketPath?: string | undefined;
}

/** A run keeps `origins` and `match` that it began with: whatever resumes or replays it uses those. */
export interface HttpEffectsOptions extends RequestRulesOptions {
  /**
   * What to do about a request that was in flight when the process died, its attempt was stopped, its connection broke or its
   * client gave up waiting, so that nobody knows whether the server handled it: `retry` (the default) leaves a broken
   * connection to your code and sends again what a dead process had sent, `fail` fails the run with `effect-in-doubt` until
   * somebody decides, `ask` asks a person. Only the code that sent a request can send it again: one that is lost while that
   * code runs fails the run under `ask` too, and a resume asks.
   */
  readonly onDoubt?: (request: SentRequest) => OnDoubt | undefined;
  /**
   * The name of a header for an idempotency key, which stays the same when a request is sent again after a crash or by a
   * further attempt, until the server has refused it (with a status from 400 to 499). There is none by default, so a POST in
   * doubt is sent again without a key. The header does not count when requests are compared. A header of that name that the
   * caller has set is kept, and unrecorded requests get no key.
   */
  readonly idempotencyHeader?: (request: SentRequest) => string | undefined;
  /**
   * Whether a further attempt gets what an earlier one of its task got for an equal request: a whole answer with a status
   * below 400. By default every attempt asks again, since a retry is often the cure for a bad answer.
   */
  readonly keep?: (request: SentRequest) => boolean;
  /**
   * Answer headers to compare besides content type, location, links, retry hints and rate limits. All headers are
   * recorded and given back in any case.
   */
  readonly responseHeaders?: readonly string[];
  /**
   * An exchange with a larger answer is not recorded, which the run's summary reports: 64 MB with a store on disk, 16 MB
   * with one in memory.
   */
  readonly maxBodyBytes?: number;
  /** How much of the bodies that are being read may be held in memory at once: 256 MB. Beyond it they are not recorded. */
  readonly maxHeldBytes?: number;
}

/** What is said about exchanges, besides the rules by which requests are told apart. */
export type ExchangeOptions = Omit<HttpEffectsOptions, keyof RequestRulesOptions>;

export const exchangeKinds: OptionKinds<ExchangeOptions> = {
  onDoubt: functionOf('a function of the request'),
  idempotencyHeader: functionOf('a function of the request'),
  keep: functionOf('a function of the request'),
  responseHeaders: listOf(headerName, 'header names'),
  maxBodyBytes: wholeNumber({ least: 0 }),
  maxHeldBytes: wholeNumber({ least: 0 }),
};

export const httpOptions = optionShape<HttpEffectsOptions>('httpEffects', { ...rulesKinds, ...exchangeKinds });
