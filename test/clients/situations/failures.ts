// A provider's bad day: what servers, networks and callers do that is not in order.
import { pause } from '../../support/loopback-server.ts';
import { healthy } from './answers.ts';
import type { Served, Situation } from './situation.ts';

/** Long enough for whatever was written to have arrived, in a busy machine too. */
const arrivedMs = 50;
/** Long enough for a request to have left. */
const patienceMs = 400;

const refusing = (code: number, headers: Readonly<Record<string, string>> = {}, times = Infinity) => {
  return (served: Served): void => {
    const { response, content, count } = served;
    if (count > times) {
      healthy(served);
      return;
    }
    response
      .writeHead(code, { 'content-type': content.type, 'x-request-id': 'req_1', ...headers })
      .end(content.failure);
  };
};

const failure = (name: string, serve: Situation['serve'], more: Partial<Situation> = {}): Situation => ({
  name,
  group: 'Failures',
  serve,
  ...more,
});

const soon = { 'retry-after': '0', 'retry-after-ms': '5' };
const stall = (): void => undefined;
const firstHalf = async ({ response, content }: Served): Promise<void> => {
  response.writeHead(200, { 'content-type': content.type, 'content-length': content.body.length });
  response.write(content.body.slice(0, 10));
  await pause(arrivedMs);
};
const firstEvent = async ({ response, content }: Served): Promise<void> => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(content.events[0] as string);
  await pause(arrivedMs);
};

export const failures: readonly Situation[] = [
  ...[400, 401, 404, 422].map((code) => failure(`status-${code}`, refusing(code))),
  failure('429-then-fine', refusing(429, soon, 1), { ask: { retries: 2 } }),
  failure('429-without-hint', refusing(429, {}, 1), { ask: { retries: 1 } }),
  failure('500-twice', refusing(500, soon, 2), { ask: { retries: 2 } }),
  failure('503-always', refusing(503, soon), { ask: { retries: 1 }, needs: ['counted retries'] }),
  failure('529', refusing(529)),
  failure('html', ({ response }) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Bad gateway</body></html>');
  }),
  failure('wrong-content-type', ({ response, content }) => {
    response.writeHead(200, { 'content-type': 'text/plain' }).end(content.body);
  }),
  failure('502-html', ({ response }) => {
    response.writeHead(502, { 'content-type': 'text/html' }).end('<html><body>Bad gateway</body></html>');
  }),
  failure('reset-before-head', ({ request }) => void request.socket.resetAndDestroy()),
  failure('close-before-head', ({ request }) => void request.socket.end()),
  failure('reset-in-head', async ({ request }) => {
    request.socket.write('HTTP/1.1 200 OK\r\nContent-Type: applic');
    await pause(arrivedMs);
    request.socket.resetAndDestroy();
  }),
  failure('no-http', ({ request }) => void request.socket.end('SSH-2.0-OpenSSH_9.6\r\n')),
  failure('reset-in-body', async (served) => {
    await firstHalf(served);
    served.request.socket.resetAndDestroy();
  }),
  failure('half-an-answer', async (served) => {
    await firstHalf(served);
    served.request.socket.end();
  }),
  failure(
    'stream-reset',
    async (served) => {
      await firstEvent(served);
      served.request.socket.resetAndDestroy();
    },
    { ask: { reading: 'parts' }, needs: ['stream down'] },
  ),
  failure(
    'stream-ends-in-event',
    async (served) => {
      await firstEvent(served);
      served.response.end((served.content.events[1] as string).slice(0, 12));
    },
    { ask: { reading: 'parts' }, needs: ['stream down'] },
  ),
  failure('bad-gzip', ({ response, content }) => {
    response.writeHead(200, { 'content-type': content.type, 'content-encoding': 'gzip' }).end(content.body);
  }),
  failure('refused', stall, { target: 'closed port', needs: ['base path'] }),
  failure('timeout-before-head', stall, { ask: { timeoutMs: patienceMs }, needs: ['timeout'] }),
  failure('timeout-in-body', firstHalf, { ask: { timeoutMs: patienceMs }, needs: ['timeout'] }),
  failure('abort-before-head', stall, { abort: patienceMs, needs: ['signal'] }),
  failure('abort-in-body', firstHalf, { abort: patienceMs, needs: ['signal'] }),
  failure('abort-before-asking', healthy, { abort: 0, needs: ['signal'] }),
  failure('abort-in-stream', firstEvent, {
    abort: 'first part',
    ask: { reading: 'parts' },
    needs: ['stream down', 'signal'],
  }),
];
