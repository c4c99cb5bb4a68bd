// The exchanges of a recorded run as request handlers of msw.
import type { HttpHandler } from 'msw';
import { RepriseError, messageOf } from '../base/error.ts';
import { numberIn, trueOrFalse } from '../base/options/option-kind.ts';
import { listOf } from '../base/options/option-parts.ts';
import { checkOptions, noOptions, optionShape } from '../base/options/option-shape.ts';
import type { Value } from '../base/value.ts';
import { endpointPattern, fitsEndpoint } from '../journal/http/endpoint-pattern.ts';
import { httpRequestIdentity } from '../journal/http/http-request.ts';
import { outsideEndpoint } from '../journal/http/outside-endpoints.ts';
import { endpoint } from '../live/http/rules-option.ts';
import { described } from '../live/http/request-messages.ts';
import { RecordedExchanges } from './recorded-exchanges.ts';
import { asThrown, placeholderResponse, recordedResponse } from './recorded-response.ts';

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

export const fixtureHandlersOptions = optionShape<FixtureHandlersOptions>('fixtureHandlers', {
  speed: numberIn({ least: 0 }),
  strict: trueOrFalse,
  only: listOf(endpoint, 'addresses'),
});

/**
 * Request handlers for msw that answer with what was recorded in a run: streams in their parts, and failures too. For the
 * tests of an application that does not use the engine.
 *
 * Requests are told apart as in a replay, by the rules that the run was recorded with. Each answer is given once, and equal
 * requests get theirs in the recorded order; call it in each test. A request that was not recorded fails with
 * `effect-missing`, which names the nearest one that was. Telemetry and credential requests get placeholders.
 *
 * ```ts
 * import { createEngine, fields, graph, last, memoryStore } from 'reprise';
 * import { httpEffects } from 'reprise/http';
 * import { fixtureHandlers } from 'reprise/msw';
 * import { exportRunTo } from 'reprise/record';
 * import { setupServer } from 'msw/node';
 * import { mkdtempSync } from 'node:fs';
 * import { createServer } from 'node:http';
 *
 * const provider = createServer((_request, response) => response.end('sunny')).listen(0);
 * const url = `http://localhost:${(provider.address() as { port: number }).port}/weather`;
 * const asking = graph('asking', { state: fields({ weather: last('') }) })
 *   .node('ask', async () => ({ delta: { weather: await (await fetch(url)).text() } }))
 *   .start('ask')
 *   .build();
 * const store = memoryStore();
 * const engine = createEngine(asking, { store, effects: [httpEffects()] });
 * await engine.run({}, { runId: 'asking-1' }).orThrow();
 * await engine.close();
 * const path = await exportRunTo(store, 'asking-1', `${mkdtempSync('/tmp/asking-')}/asking-1.run.jsonl`);
 * provider.close().closeAllConnections();
 *
 * // In a test of the application, without the graph.
 * const server = setupServer(...(await fixtureHandlers(path)));
 * server.listen({ onUnhandledRequest: 'error' });
 * console.log(await (await fetch(url)).text()); // sunny
 * server.close();
 * ```
 *
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`, `option-invalid`, `peer-missing`
 */
export async function fixtureHandlers(
  path: string,
  options: FixtureHandlersOptions = noOptions,
): Promise<readonly HttpHandler[]> {
  checkOptions(fixtureHandlersOptions, options);
  const { speed = 0, strict = true, only } = options;
  const patterns = only?.flatMap((text) => endpointPattern(text) ?? []);
  const { http } = await loadMsw();
  const exchanges = await RecordedExchanges.read(path);
  const handler = http.all('*', async ({ request }) => {
    const asked = { method: request.method, url: new URL(request.url) };
    if (patterns !== undefined && !patterns.some((pattern) => fitsEndpoint(pattern, asked))) return undefined;
    const outside = outsideEndpoint(exchanges.rules, asked);
    if (outside !== undefined) return placeholderResponse(outside.answer);
    const identity = await identityOf(request, exchanges);
    const exchange = exchanges.take(identity);
    if (exchange !== undefined) return recordedResponse(exchange, request, speed);
    if (!strict) return undefined;
    throw asThrown(missing(path, request, identity, exchanges));
  });
  return [handler];
}

/** @throws RepriseError `peer-missing` */
async function loadMsw(): Promise<typeof import('msw')> {
  try {
    return await import('msw');
  } catch (cause) {
    const isAbsent = (cause as { readonly code?: unknown } | null)?.code === 'ERR_MODULE_NOT_FOUND';
    const what = isAbsent ? 'is not installed' : `cannot be loaded: ${messageOf(cause)}`;
    throw new RepriseError('peer-missing', `request handlers need the package msw, which ${what}`, {
      nextStep: 'npm install --save-dev msw@2',
      cause,
    });
  }
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
