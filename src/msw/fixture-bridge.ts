// The recorded answers for a page, which cannot read a fixture: it asks its server, and msw in it gives the page what comes.
import { messageOf } from '../base/error.ts';
import { checkOptions, noOptions } from '../base/options/option-shape.ts';
import { forwarded, forwardedHeader, readForwarded } from './browser/forwarded.ts';
import type { ForwardedAnswer, ForwardedRequest } from './browser/forwarded.ts';
import { fixtureAnswers } from './fixture-answers.ts';
import type { FixtureAnswers, FixtureHandlersOptions } from './fixture-answers.ts';
import { fixtureHandlersOptions } from './fixture-handlers.ts';

/**
 * Answers for `bridgeHandlers` of `reprise/msw/browser`: a function from a Request to a Response, for a route of the server
 * that serves the page. It takes the options of `fixtureHandlers`. Each answer is given once, so make one for each test.
 *
 * ```ts no-run
 * import { fixtureBridge } from 'reprise/msw';
 *
 * // A route handler, such as app/recorded/route.ts of Next.js.
 * export const POST = await fixtureBridge('fixtures/desk/desk-1.run.jsonl');
 * ```
 *
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`, `option-invalid`
 */
export async function fixtureBridge(
  path: string,
  options: FixtureHandlersOptions = noOptions,
): Promise<(request: Request) => Promise<Response>> {
  checkOptions(fixtureHandlersOptions, options, 'fixtureBridge');
  const answer = await fixtureAnswers(path, options);
  return (request) => bridged(request, answer);
}

async function bridged(request: Request, answer: FixtureAnswers): Promise<Response> {
  const asked = requestIn(request.headers);
  if (asked === undefined)
    return new Response('This address is for `bridgeHandlers` of reprise/msw/browser.', { status: 400 });
  const { method, url, headers } = asked;
  const body = await request.arrayBuffer();
  const original = new Request(url, {
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    ...(body.byteLength > 0 && method !== 'GET' && method !== 'HEAD' ? { body } : {}),
    signal: request.signal,
  });
  try {
    const response = await answer(original);
    if (response === undefined) return reply({ kind: 'none' });
    const { status, statusText, headers: given } = response;
    const head = { kind: 'answer', status, statusText, headers: [...given], hasBody: response.body !== null } as const;
    return reply(head, response.body);
  } catch (thrown) {
    return reply({ kind: 'error', message: messageOf(thrown) });
  }
}

/** Anybody may ask the server of a page. */
function requestIn(headers: Headers): ForwardedRequest | undefined {
  try {
    const { method, url, headers: given } = readForwarded(headers) as ForwardedRequest;
    return URL.canParse(url) && Array.isArray(given) ? { method: String(method), url, headers: given } : undefined;
  } catch {
    return undefined;
  }
}

function reply(answer: ForwardedAnswer, body: ReadableStream | null = null): Response {
  return new Response(body, { headers: { [forwardedHeader]: forwarded(answer) } });
}
