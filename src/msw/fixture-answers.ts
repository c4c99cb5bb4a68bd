// The answers of a recorded run to requests that come one by one.
import { RepriseError } from '../base/error.ts';
import type { Value } from '../base/value.ts';
import { endpointPattern, fitsEndpoint } from '../journal/http/endpoint-pattern.ts';
import { httpRequestIdentity } from '../journal/http/http-request.ts';
import { outsideEndpoint } from '../journal/http/outside-endpoints.ts';
import { described } from '../live/http/options/request-messages.ts';
import { RecordedExchanges } from './recorded-exchanges.ts';
import { asThrown, placeholderResponse, recordedResponse } from './recorded-response.ts';

/**
 * How `fixtureHandlers` answers. Without options every recorded answer comes at once, and a request that was not
 * recorded fails.
 */
export interface FixtureHandlersOptions {
  /**
   * How many times as fast as recorded answers come: 1 takes as long as the provider took, with the parts of a stream
   * evenly spread. 0 (the default) does not wait.
   */
  readonly speed?: number;
  /**
   * A request that was not recorded fails (the default). With `false` it is left to the handlers that follow, and to
   * `onUnhandledRequest` of msw.
   */
  readonly strict?: boolean;
  /** Answers only these addresses, such as `'https://api.openai.com/*'`. All other requests are left alone. */
  readonly only?: readonly string[];
}

/** Resolves to undefined for a request that is left to others, and rejects with the error that its client gets. */
export type FixtureAnswers = (request: Request) => Promise<Response | undefined>;

/** @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown` */
export async function fixtureAnswers(
  path: string,
  { speed = 0, strict = true, only }: FixtureHandlersOptions,
): Promise<FixtureAnswers> {
  const patterns = only?.flatMap((text) => endpointPattern(text) ?? []);
  const exchanges = await RecordedExchanges.read(path);
  return async (request) => {
    const asked = { method: request.method, url: new URL(request.url) };
    if (patterns !== undefined && !patterns.some((pattern) => fitsEndpoint(pattern, asked))) return undefined;
    const outside = outsideEndpoint(exchanges.rules, asked);
    if (outside !== undefined) return placeholderResponse(outside.answer);
    const identity = await identityOf(request, exchanges);
    const exchange = exchanges.take(identity);
    if (exchange !== undefined) return recordedResponse(exchange, request, speed);
    if (!strict) return undefined;
    throw asThrown(missing(path, request, identity, exchanges));
  };
}

async function identityOf(request: Request, { rules }: RecordedExchanges): Promise<Value> {
  const { method, url, headers } = request;
  // Later handlers read it too, if this one leaves it to them.
  const body = new Uint8Array(await request.clone().arrayBuffer());
  return httpRequestIdentity({ method, url, headers, body }, rules);
}

function missing(path: string, request: Request, identity: Value, exchanges: RecordedExchanges): RepriseError {
  const nearest = exchanges.nearest(identity);
  const what = described(request);
  const fields = { path, nearest: nearest?.request, differsAt: nearest?.differsAt };
  if (nearest === undefined)
    return new RepriseError('effect-missing', `${what} was not recorded: ${path} holds no requests`, {
      nextStep: 'Record a run of an engine with `effects: [httpEffects()]`.',
      fields,
    });
  if (nearest.differsAt === undefined)
    return new RepriseError('effect-missing', `${what} was asked more often than ${path} recorded it`, {
      nextStep: 'Call fixtureHandlers in each test.',
      fields,
    });
  const like = textOf(nearest.request);
  return new RepriseError(
    'effect-missing',
    `${what} was not recorded in ${path}: the nearest is ${like}, which differs at ${nearest.differsAt}`,
    { nextStep: 'Ask as the recorded run did, record it again, or leave other addresses out with `only`.', fields },
  );
}

function textOf(request: Value): string {
  const { method, origin, path } = request as { readonly [part: string]: Value };
  return `${method} ${origin}${path}`;
}
