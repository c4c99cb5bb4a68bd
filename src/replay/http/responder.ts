// Answers HTTP in a replay, through msw: every request of a node is looked up in the recording and answered from it or
// refused. Nothing reaches the network.
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { RepriseError } from '../../base/error.ts';
import { httpRequestIdentity } from '../../journal/http-request.ts';
import type { HttpIdentityOptions } from '../../journal/http-request.ts';
import { currentAttempt } from '../../port/attempt.ts';
import type { CurrentAttempt } from '../../port/attempt.ts';
import { recordedResponse, thrownError } from './recorded-response.ts';

export interface ResponderOptions extends HttpIdentityOptions {
  /** A request that belongs to no task: refused, and counted. */
  readonly refusedOutside: (what: string) => void;
}

/** Network errors cross msw as a bare `Response.error()`; what was recorded is put in its place again on the other side. */
const recordedErrors = new WeakMap<object, Error>();

/** Begins to answer; the returned function gives `fetch` and `node:http` back. */
export function installResponder(options: ResponderOptions): () => void {
  const server = setupServer(http.all('*', ({ request }) => respond(request, options)));
  server.listen({ onUnhandledRequest: 'bypass' });
  const answering = globalThis.fetch;
  const replaying: typeof fetch = async (...given) => answering(...given).catch((thrown: unknown) => Promise.reject(recordedOr(thrown)));
  globalThis.fetch = replaying;
  return () => {
    if (globalThis.fetch === replaying) globalThis.fetch = answering;
    server.close();
  };
}

function recordedOr(thrown: unknown): unknown {
  const cause: unknown = thrown instanceof Error ? thrown.cause : undefined;
  return (typeof cause === 'object' && cause !== null ? recordedErrors.get(cause) : undefined) ?? thrown;
}

async function respond(request: Request, options: ResponderOptions): Promise<Response> {
  const attempt = currentAttempt.getStore();
  if (attempt === undefined) {
    const what = `${request.method} ${request.url}`;
    options.refusedOutside(what);
    return failWith(refusedOutside(what));
  }
  if (!attempt.isOpen) return failWith(attempt.refusal(`${request.method} ${request.url}`));
  return answerFrom(attempt, await identityOf(request, options));
}

async function identityOf(request: Request, options: HttpIdentityOptions): Promise<ReturnType<typeof httpRequestIdentity>> {
  const body = new Uint8Array(await request.arrayBuffer());
  return httpRequestIdentity({ method: request.method, url: request.url, headers: [...request.headers], body }, options);
}

function answerFrom(attempt: CurrentAttempt, request: ReturnType<typeof httpRequestIdentity>): Promise<Response> | Response {
  const { answer } = attempt.openExchange({ request, abandon: () => undefined });
  switch (answer.kind) {
    case 'answered':
      if (answer.outcome.kind === 'error') return failWith(thrownError(answer.outcome.error as Error));
      return recordedResponse(answer.outcome.value, answer.parts);
    case 'refused':
      return failWith(answer.error);
    case 'silent':
      // No answer came before the attempt timed out; the timeout ends the wait.
      return new Promise<Response>(() => undefined);
    case 'perform':
      return failWith(new RepriseError('effect-refused', 'a replay performs no request', { nextStep: 'Report this fault of Reprise.' }));
  }
}

function failWith(error: Error): Response {
  const response = HttpResponse.error();
  recordedErrors.set(response, error);
  return response;
}

function refusedOutside(what: string): RepriseError {
  return new RepriseError('effect-refused', `${what} was tried outside of any task, which a replay does not allow`, {
    nextStep: 'Make the request inside a node, or keep it out of what the replay loads.',
    fields: { what },
  });
}
