// A model provider on this machine. It answers the endpoints of OpenAI, Groq, Anthropic and Google with what the real
// ones streamed, so that their official clients run against it unchanged. An answer depends on the request alone, never
// on the order in which requests arrive.
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { constants, createGzip } from 'node:zlib';
import { frame, refusal } from './answer.ts';
import type { Answer } from './answer.ts';
import { recordRequest } from './recorded-request.ts';
import type { RecordedRequest } from './recorded-request.ts';
import { answerTo } from './routes.ts';
import { parseTrial, UnknownTrial } from './trial.ts';
import type { Trial } from './trial.ts';

export interface ProviderOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Called before the endpoints; return `undefined` to leave the request to them. */
  readonly script?: (request: RecordedRequest) => Answer | undefined;
}

export interface Provider extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Every request so far, in order of arrival. */
  readonly requests: readonly RecordedRequest[];
  /** The environment variables that make the official clients use this provider. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** How long to let bytes drain before their connection is broken. */
const leaveMs = 20;

export async function startProvider(options: ProviderOptions = {}): Promise<Provider> {
  const requests: RecordedRequest[] = [];
  const failures = new Map<string, number>();
  const server = createServer((incoming, response) => {
    const respondTo = (request: RecordedRequest): Promise<void> => {
      requests.push(request);
      return respond(request, response, options, failures);
    };
    // A client that disconnects partway, or an answer that breaks off on request, ends only its own connection.
    recordRequest(incoming)
      .then(respondTo)
      .catch(() => response.destroy());
  });
  // A client that is busy for seconds would find an idle connection closed just when it uses it again.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url, port, requests, environment: environmentFor(url), close, [Symbol.asyncDispose]: close };
}

function environmentFor(url: string): Readonly<Record<string, string>> {
  return {
    OPENAI_BASE_URL: `${url}/v1`,
    OPENAI_API_KEY: 'loopback',
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: 'loopback',
  };
}

async function respond(
  request: RecordedRequest,
  response: ServerResponse,
  options: ProviderOptions,
  failures: Map<string, number>,
): Promise<void> {
  const trial = trialOf(request);
  if (trial instanceof UnknownTrial) return send(refusal(400, 'invalid_request_error', trial.message), response);
  if (trial.redirect > 0 && request.query.redirected === undefined) {
    const query = new URLSearchParams({ ...request.query, redirected: '1' });
    response.writeHead(trial.redirect, { location: `${request.path}?${query}` }).end();
    return;
  }
  const failed = failures.get(trial.key) ?? 0;
  if (failed < trial.fail) {
    failures.set(trial.key, failed + 1);
    // Clients that retry on their own wait as long as this header says.
    response.setHeader('retry-after-ms', '1');
    return send(refusal(500, 'server_error', `failure ${failed + 1} of ${trial.fail}, as requested`), response);
  }
  return send(options.script?.(request) ?? answerTo(request), response, trial);
}

function trialOf(request: RecordedRequest): Trial | UnknownTrial {
  try {
    return parseTrial(request.headers['x-trial'] ?? '');
  } catch (thrown) {
    if (thrown instanceof UnknownTrial) return thrown;
    throw thrown;
  }
}

async function send(answer: Answer, response: ServerResponse, trial = parseTrial('')): Promise<void> {
  response.statusCode = answer.kind === 'json' ? answer.status : 200;
  response.setHeader('content-type', answer.kind === 'json' ? 'application/json' : 'text/event-stream; charset=utf-8');
  if (trial.gzip) response.setHeader('content-encoding', 'gzip');
  response.flushHeaders();
  const parts =
    answer.kind === 'json' ? [JSON.stringify(answer.body)] : answer.events.map((event) => frame(answer.framing, event));
  const source = Readable.from(paced(parts, trial));
  if (trial.gzip) await pipeline(source, createGzip({ flush: constants.Z_SYNC_FLUSH }), response);
  else await pipeline(source, response);
}

/** The parts, paced. Throwing makes the pipeline destroy the connection partway through the answer. */
async function* paced(parts: readonly string[], { pauseMs, breakAfter }: Trial): AsyncGenerator<string> {
  for (const part of parts.slice(0, breakAfter)) {
    if (pauseMs > 0) await pause(pauseMs);
    yield part;
  }
  if (breakAfter > parts.length) return;
  await pause(leaveMs);
  throw new Error('broken off, as requested');
}
