// A real EventSource, of Node: it does not come back where there is nothing to come back for, and it comes back with its
// cursor where the server was closed.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { createEngine, fields, graph, last, text } from '../../src/index.ts';
import type { RunStore } from '../../src/index.ts';
import { lastEventId, sendEventStream } from '../../src/live/sse/index.ts';
import { memoryStore } from '../../src/store/memory/memory.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { keptStore } from '../support/changed-store.ts';
import { temporaryFolder } from '../support/folder.ts';

const secret = 'internal only';
const asking = graph('asking', { state: fields({ prompt: last(secret), answer: text(), isFailing: last(false) }) })
  .node('write', async function* ({ isFailing }) {
    yield { answer: 'Hello ' };
    if (isFailing) throw new Error(`${secret}: no`);
    yield { answer: 'world' };
    return { delta: { answer: 'Hello world', prompt: `${secret} still` } };
  })
  .node('ask', async (_state, { ask }) => {
    await ask('ok?');
  })
  .edge('write', 'ask')
  .start('write')
  .build();

const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serve(store: RunStore) {
  const engine = createEngine(asking, { store });
  const asked: (string | undefined)[] = [];
  const statuses: number[] = [];
  const server = createServer((request, response) => {
    const runId = new URL(request.url ?? '/', 'http://localhost').pathname.slice(1);
    if (runId === '') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>page</title>');
      return;
    }
    if (runId === 'favicon.ico') {
      response.writeHead(404).end();
      return;
    }
    const from = lastEventId(request);
    asked.push(from);
    response.once('finish', () => statuses.push(response.statusCode));
    void sendEventStream(engine.read(runId, from === undefined ? {} : { from }), response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
    return engine.close();
  });
  return { engine, asked, statuses, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Everything that an EventSource of a process of its own gets until it has given up. */
async function untilClosed(url: string): Promise<readonly string[]> {
  const code = `const source = new EventSource(process.argv[1]);
    source.onmessage = ({ data }) => console.log(data);
    // What Node's own waits with does not keep the process alive.
    setInterval(() => { if (source.readyState === EventSource.CLOSED) process.exit(); }, 50);`;
  const child = spawn(process.execPath, ['--experimental-eventsource', '--no-warnings', '-e', code, url]);
  const output: Buffer[] = [];
  child.stdout.on('data', (data: Buffer) => output.push(data));
  child.stderr.pipe(process.stderr);
  await new Promise((resolve) => child.once('close', resolve));
  return Buffer.concat(output).toString().split('\n').filter(Boolean);
}

// Side by side, since a client waits for seconds before it comes back.
describe.concurrent.each<[string, () => RunStore]>([
  ['in memory', () => keptStore(memoryStore())],
  ['on SQLite', () => sqliteStore(`${temporaryFolder()}/runs.db`)],
])('an EventSource, of a store %s', (_name, newStore) => {
  it('is told that a run is paused, and comes back once', async () => {
    const { engine, asked, statuses, url } = await serve(newStore());
    await engine.run({}, { runId: 'r' });
    const events = await untilClosed(`${url}/r`);
    expect(events.map((event) => JSON.parse(event).kind)).toEqual(['chunk', 'chunk', 'question', 'done']);
    expect(JSON.parse(events.at(-1) ?? '').run).toMatchObject({ status: 'paused', questions: [{ question: 'ok?' }] });
    expect([asked.length, statuses]).toEqual([2, [200, 204]]);
    expect(events.join()).not.toContain(secret);
    // The page may come back by itself, with the cursor of the last item, once the run goes on.
    await engine.resume('r', { answer: true });
    const items: string[] = [];
    for await (const { kind } of engine.read('r', { from: JSON.parse(events.at(-1) ?? '').cursor })) items.push(kind);
    expect(items.at(-1)).toBe('done');
    expect(items).not.toContain('chunk');
  });

  it.each(['done', 'failed', 'cancelled'])('is told that a run is %s, and comes back once', async (status) => {
    const { engine, asked, statuses, url } = await serve(newStore());
    await engine.run({ isFailing: status === 'failed' }, { runId: 'r' });
    if (status === 'done') await engine.resume('r', { answer: true });
    if (status === 'cancelled') await engine.cancel('r', secret);
    const events = await untilClosed(`${url}/r`);
    expect(JSON.parse(events.at(-1) ?? '')).toMatchObject({ kind: 'done', run: { status } });
    expect([asked.length, statuses]).toEqual([2, [200, 204]]);
    expect(events.join()).not.toContain(secret);
  });

  it('is told that a run is unknown, and no more', async () => {
    const { asked, url } = await serve(newStore());
    expect(await untilClosed(`${url}/none`)).toEqual([
      '{"kind":"error","code":"run-unknown","message":"there is no such run"}',
    ]);
    expect(asked).toEqual([undefined, '.rest']);
  });

  it('is refused with an id that is no cursor', async () => {
    const { engine, url } = await serve(newStore());
    await engine.run({}, { runId: 'r' });
    for (const id of ['nonsense', 'bm9uc2Vuc2U', 'x.end']) {
      const response = await fetch(`${url}/r`, { headers: { 'last-event-id': id } });
      expect([response.status, (await response.json()) as unknown]).toMatchObject([400, { code: 'cursor-invalid' }]);
    }
  });
});

const executablePath =
  process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

it.skipIf(executablePath === undefined)(
  'an EventSource of Chromium does not come back to a run that is paused, or unknown',
  async () => {
    const { engine, asked, url } = await serve(keptStore(memoryStore()));
    await engine.run({}, { runId: 'r' });
    const browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run', '--disable-sync'],
    });
    closing.push(() => browser.close());
    const page = await browser.newPage();
    await page.goto(url);
    for (const [runId, kinds] of [
      ['r', ['chunk', 'chunk', 'question', 'done']],
      ['none', ['error']],
    ] as const) {
      asked.length = 0;
      const events = await page.evaluate(
        (path) =>
          new Promise<string[]>((resolve) => {
            const seen: string[] = [];
            const source = new EventSource(path);
            source.onmessage = ({ data }) => void seen.push(String(data));
            source.onerror = () => {
              if (source.readyState === EventSource.CLOSED) resolve(seen);
            };
          }),
        `/${runId}`,
      );
      expect(events.map((event) => JSON.parse(event).kind)).toEqual(kinds);
      expect([asked.length, events.join().includes(secret)]).toEqual([2, false]);
    }
  },
  60_000,
);

it('each reader gets its cursor when the engine closes, and has the rest from there', async () => {
  const store = keptStore(memoryStore());
  const go = Promise.withResolvers<void>();
  const slow = graph('slow', { state: fields({ answer: text() }) })
    .node('write', async function* () {
      yield { answer: 'one ' };
      await go.promise;
      yield { answer: 'two' };
    })
    .start('write')
    .build();
  const first = createEngine(slow, { store, graceMs: 0 });
  const watching = createEngine(slow, { store });
  const run = first.run({}, { runId: 'r' });
  await run.then.call(Promise.resolve(), () => undefined);
  const got: string[] = [];
  const read = async (engine: typeof first) => {
    const items: { readonly kind: string; readonly cursor: string }[] = [];
    for await (const item of engine.read('r')) {
      items.push(item);
      got.push(item.kind);
    }
    return items;
  };
  const [here, elsewhere] = [read(first), read(watching)];
  await expect.poll(() => got.filter((kind) => kind === 'chunk')).toHaveLength(2);
  await watching.close();
  await first.close();
  await run;
  for (const items of [await here, await elsewhere]) {
    expect(items.at(-1)?.kind).toBe('detached');
    expect(items.filter(({ kind }) => kind === 'chunk')).toHaveLength(1);
    go.resolve();
    const next = createEngine(slow, { store });
    if ((await store.find('r'))?.status !== 'done') await next.resume('r');
    const rest: string[] = [];
    for await (const item of next.read('r', { from: items.at(-1)?.cursor ?? '' }))
      if (item.kind === 'chunk') rest.push(item.chunk.answer ?? '');
    expect(rest).toEqual(['two']);
    await next.close();
  }
});
