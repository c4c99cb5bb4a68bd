// What a run recorded of a provider serves the tests of code that knows nothing of runs: through msw, with the provider
// gone. What each client gets is compared with what it got live.
// msw does not see a function that is imported by its name.
import nodeHttp from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import OpenAI from 'openai';
import { afterEach, expect, it } from 'vitest';
import { startProvider } from '../../docs/examples/provider/server.ts';
import { createEngine, fields, graph, last, memoryStore } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { fixtureHandlers } from '../../src/msw/index.ts';
import type { FixtureHandlersOptions } from '../../src/msw/index.ts';
import { RecordedExchanges } from '../../src/msw/recorded-exchanges.ts';
import { exportRunTo } from '../../src/record/index.ts';
import type { RedactOptions } from '../../src/journal/redact/rule/redaction-rules.ts';
import { sharedFolder } from '../support/folder.ts';
import { LoopbackServer } from '../support/loopback-server.ts';

const folder = sharedFolder();
const server = setupServer();
afterEach(() => server.close());

let name = 0;
/** Records what the calls get, together in one node, and serves it to the same calls. */
async function recorded<Result>(
  calls: () => Promise<Result>,
  redact: RedactOptions = {},
): Promise<{ readonly path: string; readonly live: Result }> {
  let live: Result | undefined;
  const calling = graph('calling', { state: fields({ count: last(0) }) })
    .node('call', async () => {
      live = await calls();
      return { delta: { count: 1 } };
    })
    .start('call')
    .build();
  const store = memoryStore();
  const engine = createEngine(calling, { store, effects: [httpEffects()] });
  name += 1;
  await engine.run({}, { runId: `calling-${name}` }).orThrow();
  await engine.close();
  const path = await exportRunTo(store, `calling-${name}`, join(folder, `calling-${name}.run.jsonl`), { redact });
  return { path, live: live as Result };
}

async function serve(path: string, options?: FixtureHandlersOptions): Promise<void> {
  server.resetHandlers(...(await fixtureHandlers(path, options)));
  server.listen({ onUnhandledRequest: 'error' });
}

const textOf = async (url: string, init?: RequestInit): Promise<string> => (await fetch(url, init)).text();
const post = (body: unknown): RequestInit => ({ method: 'POST', body: JSON.stringify(body) });

async function partsOf(response: Response): Promise<readonly string[]> {
  const parts: string[] = [];
  const decoder = new TextDecoder();
  for await (const part of response.body ?? []) parts.push(decoder.decode(part, { stream: true }));
  return parts;
}

function byNode(url: string): Promise<{ readonly status: number | undefined; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = nodeHttp.request(url, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode, text })).on('error', reject);
    });
    sent.on('error', reject).end();
  });
}

const thrownBy = (call: Promise<unknown>): Promise<Error & { readonly code?: string }> =>
  call.then(
    () => expect.unreachable(),
    (error: Error) => error,
  );

it('gives fetch, the official client and node:http what they got live, part by part', async () => {
  const provider = await startProvider();
  const slow = await LoopbackServer.start(async (_request, response) => {
    response.writeHead(201, { 'content-type': 'text/plain', 'x-kept': 'yes' });
    for (const part of ['one ', 'two ', 'thrée']) {
      response.write(part);
      await pause(20);
    }
    response.end();
  });
  const ask = async () => {
    const openai = new OpenAI({ apiKey: 'sk-test', baseURL: `${provider.url}/v1`, maxRetries: 0 });
    const messages = [{ role: 'user' as const, content: 'Tell me.' }];
    const tokens: string[] = [];
    for await (const part of await openai.chat.completions.create({ model: 'gpt-4.1-nano', messages, stream: true }))
      tokens.push(part.choices[0]?.delta.content ?? '');
    const answer = await fetch(slow.url);
    const { status, headers } = answer;
    const fetched = { status, kept: headers.get('x-kept'), parts: await partsOf(answer) };
    return { tokens, fetched, node: await byNode(`${slow.url}/node`) };
  };
  const { path, live } = await recorded(ask);
  await provider.close();
  await slow[Symbol.asyncDispose]();

  expect(live.fetched.parts).toEqual(['one ', 'two ', 'thrée']);
  await serve(path);
  expect(await ask()).toEqual(live);
  server.close();
  await serve(path, { speed: 50 });
  expect(await ask()).toEqual(live);
});

it('answers equal requests in recorded order, and names the nearest for one that was not recorded', async () => {
  let count = 0;
  await using provider = await LoopbackServer.start((_request, response) => {
    count += 1;
    response.end(String(count));
  });
  const { path } = await recorded(async () => {
    for (let asked = 0; asked < 3; asked += 1) await textOf(`${provider.url}/next`);
    await textOf(`${provider.url}/chat`, post({ model: 'a', text: 'hello' }));
  });
  await serve(path);
  const next = () => textOf(`${provider.url}/next`);
  expect(await Promise.all([next(), next(), next()])).toEqual(['1', '2', '3']);
  expect(await thrownBy(next())).toMatchObject({
    code: 'effect-missing',
    message: expect.stringContaining('asked more often'),
  });
  const other = textOf(`${provider.url}/chat`, post({ text: 'hallo', model: 'a' }));
  expect(await thrownBy(other)).toMatchObject({
    code: 'effect-missing',
    message: expect.stringMatching(/the nearest is POST loopback\/chat, which differs at request\.body\.json\.text/),
  });
  expect(await textOf(`${provider.url}/chat`, post({ text: 'hello', model: 'a' }))).toBe('4');
  expect(await thrownBy(byNode(`${provider.url}/chat`))).toMatchObject({ code: 'effect-missing' });
  expect(count).toBe(4);
});

it('gives failures as they were, and bodies that broke off', async () => {
  const gone = await LoopbackServer.start(() => undefined);
  await gone[Symbol.asyncDispose]();
  await using broken = await LoopbackServer.start((_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half');
    setTimeout(() => response.destroy(), 20);
  });
  const summary = (error: Error): unknown => [error.name, error.message, (error.cause as { code?: string }).code];
  const ask = async () => {
    const refused = summary(await thrownBy(textOf(gone.url)));
    const node = (await thrownBy(byNode(`${gone.url}/node`))).code;
    return { refused, node, broken: summary(await thrownBy(textOf(broken.url))) };
  };
  const { path, live } = await recorded(ask);
  expect(live).toMatchObject({ refused: ['TypeError', 'fetch failed', 'ECONNREFUSED'], node: 'ECONNREFUSED' });
  await serve(path);
  expect(await ask()).toEqual(live);
});

it('leaves alone what `only` does not name, and without `strict` what was not recorded', async () => {
  await using provider = await LoopbackServer.start((_request, response) => response.end('recorded'));
  const { path } = await recorded(() => textOf(`${provider.url}/v1/a`));
  const own = http.all('*', async ({ request }) => HttpResponse.text(`own ${await request.text()}`));
  server.listen();
  server.resetHandlers(...(await fixtureHandlers(path, { only: ['http://localhost/v2/*'] })), own);
  expect(await textOf(`${provider.url}/v1/a`)).toBe('own ');
  server.resetHandlers(...(await fixtureHandlers(path, { strict: false })), own);
  expect(await textOf(`${provider.url}/v1/a`)).toBe('recorded');
  expect(await textOf(`${provider.url}/v1/a`, { method: 'POST', body: 'asked' })).toBe('own asked');
});

it('finds requests whose recording is redacted, and keeps to a size', async () => {
  await using provider = await LoopbackServer.start((_request, response) => response.end('found'));
  const ask = () => textOf(`${provider.url}/people`, post({ email: 'ada@example.org', page: 2 }));
  const { path } = await recorded(ask, { values: ['email'], paths: ['effects.*.request.body.json.page'] });
  await serve(path);
  expect(await ask()).toBe('found');
  await expect(RecordedExchanges.read(path, 20)).rejects.toMatchObject({ code: 'fixture-unreadable' });
});
