import { checkOptionKeys } from '../../base/option-check.ts';
import { RepriseError } from '../../base/error.ts';
import type { OnDoubt } from '../../port/attempt.ts';

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

/** @throws RepriseError `option-invalid` */
export function checkOptions(options: HttpEffectsOptions): void {
  checkOptionKeys(options, ['origins', 'match', 'onDoubt', 'idempotencyHeader', 'responseHeaders'], 'httpEffects');
  checkFunction(options.onDoubt, 'onDoubt');
  checkFunction(options.idempotencyHeader, 'idempotencyHeader');
  checkOptionKeys(options.match ?? {}, ['headers'], 'httpEffects({ match })');
  checkNames(options.match?.headers, 'match.headers');
  checkNames(options.responseHeaders, 'responseHeaders');
  for (const [alias, origins] of Object.entries(options.origins ?? {})) {
    const isFine = alias !== '' && !alias.includes('://') && Array.isArray(origins) && origins.every(isOrigin);
    if (!isFine)
      throw invalid(`origins.${alias}`, 'a list of origins such as "https://api.openai.com", without a path');
  }
}

function isOrigin(text: unknown): boolean {
  if (typeof text !== 'string' || !URL.canParse(text)) return false;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.hash === '';
}

function checkFunction(given: unknown, option: string): void {
  if (given !== undefined && typeof given !== 'function') throw invalid(option, 'a function of the request');
}

function checkNames(names: unknown, option: string): void {
  const isFine = names === undefined || (Array.isArray(names) && names.every((name) => /^[\w-]+$/.test(String(name))));
  if (!isFine) throw invalid(option, 'a list of header names');
}

function invalid(option: string, wanted: string): RepriseError {
  return new RepriseError('option-invalid', `invalid option "${option}" of httpEffects`, {
    nextStep: `Pass ${wanted}.`,
    fields: { option },
  });
}
