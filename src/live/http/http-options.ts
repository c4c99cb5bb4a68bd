import { functionOf } from '../../base/options/option-kind.ts';
import type { OptionKind } from '../../base/options/option-kind.ts';
import { listOf, optionsIn } from '../../base/options/option-parts.ts';
import { optionShape } from '../../base/options/option-shape.ts';
import type { OnDoubt } from '../../port/attempt.ts';
import { originsKind } from './origins-option.ts';

/** A request as the policies of `httpEffects` see it. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
}

export interface HttpEffectsOptions {
  /**
   * Names for origins, so that a run recorded against one host replays against another:
   * `{ openai: ['https://api.openai.com', 'https://llm.internal'] }`. All loopback origins count as the same one.
   */
  readonly origins?: Readonly<Record<string, readonly string[]>>;
  readonly match?: {
    /** Request headers that count when requests are compared; none by default. */
    readonly headers?: readonly string[];
  };
  /**
   * What to do about a request that was in flight when the process died, so that it is unknown whether the server handled
   * it: `retry` (the default) sends it again, `fail` fails it with `effect-in-doubt`, `ask` asks a person.
   */
  readonly onDoubt?: (request: SentRequest) => OnDoubt | undefined;
  /**
   * The name of a header for an idempotency key, which stays the same when a request is sent again after a crash. There is
   * none by default, so a POST in doubt is sent again without a key. The header does not count when requests are compared.
   * A header of that name that the caller has set is kept, and unrecorded requests get no key.
   */
  readonly idempotencyHeader?: (request: SentRequest) => string | undefined;
  /** Answer headers to record besides content type, location, links, retry hints and rate limits. */
  readonly responseHeaders?: readonly string[];
}

const headerName: OptionKind = {
  wanted: 'the name of a header',
  fits: (name) => typeof name === 'string' && /^[\w-]+$/.test(name),
};

export const httpOptions = optionShape<HttpEffectsOptions>('httpEffects', {
  origins: originsKind,
  match: optionsIn<NonNullable<HttpEffectsOptions['match']>>({ headers: listOf(headerName, 'header names') }),
  onDoubt: functionOf('a function of the request'),
  idempotencyHeader: functionOf('a function of the request'),
  responseHeaders: listOf(headerName, 'header names'),
});
