// Handlers for `setupWorker`, which get the recorded answers from a bridge: a page cannot read a fixture.
import { HttpResponse, bypass, http } from 'msw';
import type { HttpHandler } from 'msw';
import { forwarded, forwardedHeader, readForwarded } from './forwarded.ts';
import type { ForwardedAnswer } from './forwarded.ts';

/**
 * Request handlers for msw in a browser, which answer with what was recorded in a run. `bridge` is the address of a
 * `fixtureBridge`, such as `/recorded`. `path` says which requests are answered, as `http.all` of msw takes it.
 *
 * Streams come in their parts. A request that was not recorded fails, and the console says which recorded one is the nearest.
 *
 * ```ts no-run
 * import { setupWorker } from 'msw/browser';
 * import { bridgeHandlers } from 'reprise/msw/browser';
 *
 * const worker = setupWorker(...bridgeHandlers('/recorded', 'https://api.openai.com/*'));
 * await worker.start();
 * ```
 */
export function bridgeHandlers(bridge: string, path: string | RegExp = '*'): readonly HttpHandler[] {
  return [http.all(path, ({ request }) => answered(bridge, request))];
}

async function answered(bridge: string, request: Request): Promise<Response | undefined> {
  const { method, url, headers } = request;
  const body = await request.clone().arrayBuffer();
  const asking = new Request(new URL(bridge, location.href), {
    method: 'POST',
    headers: { [forwardedHeader]: forwarded({ method, url, headers: [...headers] }) },
    body,
    signal: request.signal,
  });
  const response = await fetch(bypass(asking));
  const answer = readForwarded(response.headers) as ForwardedAnswer | undefined;
  if (answer === undefined)
    throw new Error(`${bridge} is not a bridge to a fixture: it answers with ${response.status}`);
  if (answer.kind === 'none') return undefined;
  if (answer.kind === 'error') {
    console.error(answer.message);
    return HttpResponse.error();
  }
  const { status, statusText, headers: given, hasBody } = answer;
  return new HttpResponse(hasBody ? response.body : null, {
    status,
    statusText,
    headers: given.map(([name, value]): [string, string] => [name, value]),
  });
}
