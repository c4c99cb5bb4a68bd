// A page in a real browser shows what a model streamed in a recorded run, part by part: through msw in the page, and through
// msw in the server that it asks. No part leaves the server of the page before the page shows the text up to the one before.
import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setupServer } from 'msw/node';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { build } from 'tsdown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, fields, graph, last, memoryStore } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { fixtureBridge, fixtureHandlers } from '../../src/msw/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { root } from '../support/cli.ts';
import { sharedFolder } from '../support/folder.ts';
import { LoopbackServer } from '../support/loopback-server.ts';

const executablePath =
  process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const question = 'Tell me of a holiday.';
const folder = sharedFolder();

/** The first events of what a model once streamed. */
const events = readFileSync(join(root, 'fixtures/provider-streams/openai-chat-text.chunks.jsonl'), 'utf8')
  .split('\n', 40)
  .map((chunk) => `data: ${chunk}\n\n`);
const tokens = events.map((event) => JSON.parse(event.slice(6)).choices[0].delta.content as string);
const texts = tokens.map((_token, place) => tokens.slice(0, place + 1).join('')).filter((text) => text !== '');

const asking = (): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: 'Bearer of-production' },
  body: JSON.stringify({ model: 'gpt-4.1-nano', messages: [{ role: 'user', content: question }], stream: true }),
});

/** Records a node that a model answers, which sends each event when the one before it was read. */
async function record(): Promise<{ readonly fixture: string; readonly model: string }> {
  let read: () => void = () => undefined;
  await using provider = await LoopbackServer.start(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) {
      const { promise, resolve } = Promise.withResolvers<void>();
      read = resolve;
      response.write(event);
      await promise;
    }
    response.end();
  });
  const model = `${provider.url}/v1/chat/completions`;
  const chat = graph('chat', { state: fields({ length: last(0) }) })
    .node('ask', async () => {
      let length = 0;
      for await (const part of (await fetch(model, asking())).body ?? []) {
        length += part.length;
        read();
      }
      return { delta: { length } };
    })
    .start('ask')
    .build();
  const store = memoryStore();
  await using engine = createEngine(chat, { store, effects: [httpEffects()] });
  await engine.run({}, { runId: 'chat-1' }).orThrow();
  return { fixture: await exportRunTo(store, 'chat-1', join(folder, 'chat-1.run.jsonl')), model };
}

/** What the page shows. */
class Shown {
  readonly texts: string[] = [];
  #waiting: { readonly text: string; readonly resolve: () => void } | undefined;

  tell(text: string): void {
    this.texts.push(text);
    if (this.#waiting?.text === text) this.#waiting.resolve();
  }

  async until(text: string): Promise<void> {
    if (text === '' || this.texts.at(-1) === text) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = { text, resolve };
    await promise;
  }
}

/** Runs in the page before its own script. */
function watchOutput(): void {
  const { tellShown } = globalThis as unknown as { readonly tellShown: (text: string) => void };
  const observer = new MutationObserver(() => {
    const text = document.querySelector('output')?.textContent ?? '';
    if (text !== '') tellShown(text);
  });
  observer.observe(document, { childList: true, subtree: true });
}

function asRequest(incoming: IncomingMessage): Request {
  const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]);
  const url = new URL(incoming.url ?? '', 'http://page');
  const body = Readable.toWeb(incoming) as ReadableStream;
  return new Request(url, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
}

/** Sends an answer, each part when the page shows the text of those before it. Resolves to the parts. */
async function sendInSteps(given: Response, response: ServerResponse, shown: Shown): Promise<readonly string[]> {
  response.writeHead(given.status, Object.fromEntries(given.headers));
  const sent: string[] = [];
  let text = '';
  for await (const part of given.body ?? []) {
    response.write(part);
    sent.push(Buffer.from(part).toString());
    text += tokens[events.indexOf(sent.at(-1) ?? '')] ?? '';
    await shown.until(text);
  }
  response.end();
  return sent;
}

describe.skipIf(executablePath === undefined)('a page', () => {
  let browser: Browser;
  let run: Awaited<ReturnType<typeof record>>;
  let files: Readonly<Record<string, readonly [type: string, text: string]>>;
  beforeAll(async () => {
    const launched = chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ['--no-sandbox'],
    });
    await build({
      config: false,
      entry: join(root, 'test/e2e/msw-page/answer.ts'),
      outDir: folder,
      platform: 'browser',
      dts: false,
      clean: false,
      logLevel: 'error',
      alias: { 'reprise/msw/browser': join(root, 'src/msw/browser/index.ts') },
      deps: { alwaysBundle: () => true, onlyBundle: false },
    });
    const worker = createRequire(import.meta.url).resolve('msw/mockServiceWorker.js');
    const html = `<!doctype html><title>Answer</title><link rel="icon" href="data:,">
      <body><output></output><script type="module" src="/answer.js"></script>`;
    files = {
      '/': ['text/html', html],
      '/answer.js': ['text/javascript', readFileSync(join(folder, 'answer.js'), 'utf8')],
      '/mockServiceWorker.js': ['text/javascript', readFileSync(worker, 'utf8')],
    };
    run = await record();
    browser = await launched;
  });
  afterAll(() => browser?.close());

  /** Opens the page, on a server that answers what the page posts to it. */
  async function seen(
    query: Readonly<Record<string, string>>,
    answerTo: (request: Request) => Promise<Response>,
  ): Promise<Seen> {
    const shown = new Shown();
    const posted: { readonly path: string; readonly parts: readonly string[] }[] = [];
    await using server = await LoopbackServer.start(async (incoming, response) => {
      const path = new URL(incoming.url ?? '', 'http://page').pathname;
      const [type, text] = files[path] ?? [];
      if (incoming.method === 'POST')
        posted.push({ path, parts: await sendInSteps(await answerTo(asRequest(incoming)), response, shown) });
      else response.writeHead(text === undefined ? 404 : 200, { 'content-type': `${type}; charset=utf-8` }).end(text);
    });
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.exposeFunction('tellShown', (text: string) => shown.tell(text));
    await page.addInitScript(watchOutput);
    await page.goto(`${server.url}/?${new URLSearchParams({ question, ...query })}`);
    await page.locator('[data-ended]').waitFor({ state: 'attached' });
    const ended = await page.locator('body').getAttribute('data-ended');
    await page.close();
    return { ended, errors, texts: shown.texts, posted };
  }

  interface Seen {
    readonly ended: string | null;
    readonly errors: readonly string[];
    /** What the page showed, one after the other. */
    readonly texts: readonly string[];
    readonly posted: readonly { readonly path: string; readonly parts: readonly string[] }[];
  }

  const expected = { ended: 'well', errors: [], texts };

  it('shows a recorded answer that a worker in it gives', async () => {
    const got = await seen({ ask: run.model, recorded: '' }, await fixtureBridge(run.fixture));
    expect(got).toEqual({ ...expected, posted: [{ path: '/recorded', parts: events }] });
  });

  it('shows it by way of a server that asks the model', async () => {
    const server = setupServer(...(await fixtureHandlers(run.fixture)));
    server.listen({ onUnhandledRequest: 'error' });
    const got = await seen({ ask: '/ask' }, async (request) =>
      fetch(run.model, { ...asking(), body: await request.text() }),
    );
    server.close();
    expect(got).toEqual({ ...expected, posted: [{ path: '/ask', parts: events }] });
  });

  it('is told which recorded request is the nearest', async () => {
    const other = { ask: run.model, recorded: '', question: 'Tell me of a town.' };
    const got = await seen(other, await fixtureBridge(run.fixture));
    expect(got).toMatchObject({ ended: 'TypeError: Failed to fetch', texts: [] });
    expect(got.errors.join()).toMatch(
      /nearest is POST loopback\/v1\/chat\/completions, which differs at request\.body\.json\.messages/,
    );
  });
});
