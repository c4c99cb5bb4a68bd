// Requests of unchanged code in further attempts: asked again or kept, under which key, and never twice where that is
// not known to be safe.
import { createServer, request as httpRequest } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { append, createEngine, fields, graph, memoryStore } from '../../src/index.ts';
import type { AnyGraph, ResumeOptions, RunStore } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import type { HttpEffectsOptions } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { keptStore } from '../support/changed-store.ts';
import { temporaryFolder } from '../support/folder.ts';

let server: Server;
let url: string;
let served: { readonly path: string | undefined; readonly key: string | undefined }[];
/** How the server answers its requests, one after another; then with 200. Undefined: never. */
let answers: (number | undefined)[];

beforeEach(async () => {
  served = [];
  answers = [];
  server = createServer((request, response) => {
    served.push({ path: request.url, key: request.headers['idempotency-key'] as string | undefined });
    const status = answers.length === 0 ? 200 : answers.shift();
    if (status === undefined) return;
    response.statusCode = status;
    response.end(`${served.length}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

type Send = (path: string) => Promise<string>;
const byFetch: Send = async (path) => {
  const response = await fetch(`${url}${path}`, { method: 'POST', body: '{"amount":3}' });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.text();
};
const byNodeHttp: Send = (path) =>
  new Promise((resolve, reject) => {
    const request = httpRequest(`${url}${path}`, { method: 'POST' });
    request.on('error', reject).on('response', async (message) => {
      const text = String((await message.toArray())[0]);
      if (message.statusCode === 200) resolve(text);
      else reject(new Error(`status ${message.statusCode}`));
    });
    request.write('{"amount":');
    setImmediate(() => request.end('3}'));
  });

const clients: readonly (readonly [string, Send])[] = [
  ['fetch', byFetch],
  ['node:http', byNodeHttp],
];

/** Sends a request, and fails after it in its first attempts. */
function paying(
  send: Send,
  fails: number,
  { attempts = 1, timeoutMs = undefined as number | undefined } = {},
): AnyGraph {
  return graph('paying', { state: fields({ log: append<string>() }) })
    .node(
      'pay',
      async (_state, { attempt }) => {
        const log = await send('/pay');
        if (attempt <= fails) throw new Error('behind it');
        return { delta: { log: [log] } };
      },
      { retry: { attempts }, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    )
    .start('pay')
    .build();
}

async function run(built: AnyGraph, store: RunStore, options: HttpEffectsOptions) {
  await using engine = createEngine(built, { store, effects: [httpEffects(options)], graceMs: 10 });
  return await engine.run({} as never, { runId: 'run', seed: 's' });
}

async function resume(built: AnyGraph, store: RunStore, options: HttpEffectsOptions, how: ResumeOptions = {}) {
  await using engine = createEngine(built, { store, effects: [httpEffects(options)], graceMs: 10 });
  return await engine.resume('run', how);
}

async function replaysSame(built: AnyGraph, store: RunStore): Promise<void> {
  const path = join(temporaryFolder(), 'run.run.jsonl');
  await exportRunTo(store, 'run', path);
  const count = served.length;
  expect((await replay(built, path)).report.divergences).toEqual([]);
  expect(served).toHaveLength(count);
}

const keyed: HttpEffectsOptions = { idempotencyHeader: () => 'Idempotency-Key' };

describe.each(clients)('a further attempt that sends by %s', (_name, send) => {
  it('asks again, under the same key: what was answered may have been done', async () => {
    const built = paying(send, 1, { attempts: 2 });
    const store = keptStore(memoryStore(), { isDurable: true });
    expect(await run(built, store, keyed)).toMatchObject({ status: 'done', state: { log: ['2'] } });
    expect(served).toHaveLength(2);
    expect(served[1]?.key).toBe(served[0]?.key);
    await replaysSame(built, store);
  });

  it.each([
    [402, 'a new key'],
    [500, 'the same key'],
  ])('asks again after status %i, under %s', async (status, which) => {
    answers = [status];
    const built = paying(send, 0, { attempts: 2 });
    const store = keptStore(memoryStore(), { isDurable: true });
    expect(await run(built, store, keyed)).toMatchObject({ status: 'done', state: { log: ['2'] } });
    expect(served[1]?.key === served[0]?.key).toBe(which === 'the same key');
    await replaysSame(built, store);
  });

  it('gets what `keep` names without asking, whoever replays it', async () => {
    const keep: HttpEffectsOptions = { ...keyed, keep: ({ url: at }) => at.endsWith('/pay') };
    const built = paying(send, 2, { attempts: 3 });
    const store = keptStore(memoryStore(), { isDurable: true });
    expect(await run(built, store, keep)).toMatchObject({ status: 'done', state: { log: ['1'] } });
    expect(served).toHaveLength(1);
    await replaysSame(built, store);
  });

  it('gets it after a resume as well, and not with `fresh`', async () => {
    const keep: HttpEffectsOptions = { keep: () => true };
    const store = keptStore(memoryStore(), { isDurable: true });
    expect((await run(paying(send, 2), store, keep)).status).toBe('failed');
    expect((await resume(paying(send, 2), store, keep)).status).toBe('failed');
    expect(served).toHaveLength(1);
    const built = paying(send, 2);
    expect(await resume(built, store, keep, { fresh: true })).toMatchObject({ status: 'done', state: { log: ['2'] } });
    await replaysSame(built, store);
  });

  it('does not keep what was refused', async () => {
    answers = [429];
    const built = paying(send, 0, { attempts: 2 });
    expect(await run(built, keptStore(memoryStore(), { isDurable: true }), { keep: () => true })).toMatchObject({
      state: { log: ['2'] },
    });
    expect(served).toHaveLength(2);
  });

  it('sends again what timed out, under its key', async () => {
    answers = [undefined];
    const built = paying(send, 0, { attempts: 2, timeoutMs: 200 });
    const store = keptStore(memoryStore(), { isDurable: true });
    expect(await run(built, store, keyed)).toMatchObject({ status: 'done', state: { log: ['2'] } });
    expect(served[1]?.key).toBe(served[0]?.key);
    await replaysSame(built, store);
  });

  it('sends nothing again that timed out and is in doubt, until somebody decides', async () => {
    answers = [undefined];
    const options: HttpEffectsOptions = { ...keyed, onDoubt: ({ method }) => (method === 'POST' ? 'fail' : undefined) };
    const built = paying(send, 0, { attempts: 3, timeoutMs: 200 });
    const store = keptStore(memoryStore(), { isDurable: true });
    const failed = await run(built, store, options);
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'effect-in-doubt' } });
    await replaysSame(built, store);
    expect(await resume(built, store, options)).toMatchObject({ status: 'failed', error: { code: 'effect-in-doubt' } });
    expect(served).toHaveLength(1);
    const address = failed.status === 'failed' ? String(failed.error.fields.address) : '';
    expect(address).toMatch(/^1\.0#1:http:http~/);
    expect(await resume(built, store, options, { decide: { [address]: 'retry' } })).toMatchObject({
      status: 'done',
      state: { log: ['2'] },
    });
    expect(served).toHaveLength(2);
    expect(served[1]?.key).toBe(served[0]?.key);
    await replaysSame(built, store);
  });
});
