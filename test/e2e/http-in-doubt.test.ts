// A request that was pending when its process died: what is sent again and with which key, and what is not.
import { createServer, request as httpRequest } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEngine, effectsInDoubtOf, failure, fields, graph, last, memoryStore } from '../../src/index.ts';
import type { AnyGraph, ResumeOptions, RunStore } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import type { HttpEffectsOptions } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { temporaryFolder } from '../support/folder.ts';
import { collected } from '../support/journals.ts';

let server: Server;
let url: string;
let keys: (string | undefined)[];
/** Requests that get no answer until a test says so. */
let isAnswering: boolean;
/** It takes a request and breaks its connection. */
let isBreaking: boolean;

beforeEach(async () => {
  keys = [];
  isAnswering = false;
  isBreaking = false;
  server = createServer((request, response) => {
    keys.push(request.headers['idempotency-key'] as string | undefined);
    if (isAnswering) response.end('served');
    else if (isBreaking) request.socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pay`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

type Pay = () => Promise<string>;
const byFetch: Pay = async () => (await fetch(url, { method: 'POST', body: '{"amount":3}' })).text();
const byNodeHttp: Pay = () =>
  new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: 'POST' });
    request.on('error', reject).on('response', async (message) => resolve(String((await message.toArray())[0])));
    request.write('{"amount":');
    setImmediate(() => request.end('3}'));
  });

const paying = (pay: Pay): AnyGraph =>
  graph('paying', { state: fields({ answer: last<string>('none') }) })
    .node('pay', async () => ({ delta: { answer: await pay() } }))
    .start('pay')
    .build();

/** The journal holds an effect that the node requests after this one, so a resumed run holds the request back. */
const payingFirst = (pay: Pay): AnyGraph =>
  graph('paying', { state: fields({ answer: last<string>('none') }) })
    .node('pay', async (_state, { effect }) => {
      const paid = pay();
      // Reported with the node's failure, not earlier.
      paid.catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await effect('note', 1, async () => 1);
      // The journal is written before this one is performed.
      await effect('more', 1, async () => 1);
      return { delta: { answer: await paid } };
    })
    .start('pay')
    .build();

/** The journal left by a process that dies while the server has its request. */
async function died(options: HttpEffectsOptions, pay = byFetch, graphOf = paying): Promise<RunStore> {
  const store = memoryStore();
  const engine = createEngine(graphOf(pay), { store, effects: [httpEffects(options)], graceMs: 10 });
  const running = engine.run({} as never, { runId: 'run', seed: 's' });
  while (keys.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  let [run, ...first] = await collected(store.read('run'));
  while (graphOf === payingFirst && !first.some(({ kind }) => kind === 'effect')) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    [run, ...first] = await collected(store.read('run'));
  }
  if (run?.kind !== 'run') throw new Error('a journal begins with its run');
  const left = memoryStore();
  await left.release(await left.create(run, first));
  await engine.close();
  await running.catch(() => undefined);
  return left;
}

describe('a request in doubt', () => {
  it.each<[string, Pay]>([
    ['fetch', byFetch],
    ['node:http', byNodeHttp],
  ])('is sent again by default, without a key, or with the same key if a header is named: %s', async (_name, pay) => {
    const plain = await died({}, pay);
    isAnswering = true;
    const engine = createEngine(paying(pay), { store: plain, effects: [httpEffects()] });
    expect((await engine.resume('run')).state).toEqual({ answer: 'served' });
    await engine.close();
    expect(keys).toEqual([undefined, undefined]);
    keys = [];
    isAnswering = false;
    const options = { idempotencyHeader: () => 'Idempotency-Key' };
    const keyed = await died(options, pay);
    isAnswering = true;
    const again = createEngine(paying(pay), { store: keyed, effects: [httpEffects(options)] });
    expect((await again.resume('run')).state).toEqual({ answer: 'served' });
    await again.close();
    expect(keys).toHaveLength(2);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys[1]).toBe(keys[0]);
  });

  it('is not sent again if its policy is to fail, and says so', async () => {
    const options: HttpEffectsOptions = { onDoubt: ({ method }) => (method === 'POST' ? 'fail' : undefined) };
    const store = await died(options);
    isAnswering = true;
    const engine = createEngine(paying(byFetch), { store, effects: [httpEffects(options)] });
    const run = await engine.resume('run');
    await engine.close();
    expect(keys).toHaveLength(1);
    expect(run.status).toBe('failed');
    expect(run.status === 'failed' && run.error.message).toMatch(/nobody knows whether \S+:http:http/);
  });

  it.each<[string, Pay]>([
    ['fetch', byFetch],
    ['node:http', byNodeHttp],
  ])('is not sent again even if the doubt shows only after it was held back: %s', async (_name, pay) => {
    const options: HttpEffectsOptions = { onDoubt: () => 'fail' };
    const store = await died(options, pay, payingFirst);
    isAnswering = true;
    const engine = createEngine(payingFirst(pay), { store, effects: [httpEffects(options)] });
    const run = await engine.resume('run');
    await engine.close();
    expect(keys).toHaveLength(1);
    expect(run.status === 'failed' && run.error.message).toMatch(/nobody knows whether \S+:http:http/);
  });

  it('waits for a person if its policy is to ask, and is sent again if they say so', async () => {
    const options: HttpEffectsOptions = { onDoubt: () => 'ask' };
    const store = await died(options);
    isAnswering = true;
    const engine = createEngine(paying(byFetch), { store, effects: [httpEffects(options)] });
    const paused = await engine.resume('run');
    expect(paused.status).toBe('paused');
    expect(keys).toHaveLength(1);
    expect((await engine.resume('run', { answer: 'retry' })).state).toEqual({ answer: 'served' });
    expect(keys).toHaveLength(2);
    await engine.close();
  });

  const byImpatientFetch: Pay = async () =>
    (await fetch(url, { method: 'POST', body: '{}', signal: AbortSignal.timeout(600) })).text();
  const ways: readonly (readonly [string, Pay, boolean])[] = [
    ['fetch', byFetch, true],
    ['node:http', byNodeHttp, true],
    ['fetch that waits no longer', byImpatientFetch, false],
  ];

  describe.each(ways)('whose connection breaks under way: %s', (_name, pay, breaks) => {
    it.each([
      { policy: 'fail' as const, attempts: 1 },
      { policy: 'fail' as const, attempts: 3 },
      { policy: 'ask' as const, attempts: 1 },
      { policy: 'ask' as const, attempts: 3 },
    ])('is not sent again, and nothing handles that: $policy, $attempts', async ({ policy, attempts }) => {
      isBreaking = breaks;
      const options: HttpEffectsOptions = { onDoubt: () => policy };
      const built = graph('paying', { state: fields({ answer: last<string>('none') }), inputs: { sorry: failure() } })
        .node('pay', async () => ({ delta: { answer: await pay().catch(() => pay()) } }), {
          retry: { attempts },
          onError: 'sorry',
        })
        .node('sorry', () => ({ delta: { answer: 'sorry' } }))
        .start('pay')
        .build();
      const store = memoryStore();
      await using engine = createEngine(built, { store, effects: [httpEffects(options)] });
      const run = await engine.run({} as never, { runId: 'run' });
      expect(run).toMatchObject({ status: 'failed', error: { code: 'effect-in-doubt' } });
      expect(keys).toHaveLength(1);
      const [doubt, ...others] = await effectsInDoubtOf(store, 'run');
      expect(others).toEqual([]);
      const path = join(temporaryFolder(), 'run.run.jsonl');
      await exportRunTo(store, 'run', path);
      const { report } = await replay(built, path);
      expect(report.divergences).toEqual([]);
      const again = await engine.resume('run');
      expect(again.status).toBe(policy === 'fail' ? 'failed' : 'paused');
      expect(keys).toHaveLength(1);
      isAnswering = true;
      const decided = policy === 'fail' ? { decide: { [doubt?.address ?? '']: 'retry' } } : { answer: 'retry' };
      expect(await engine.resume('run', decided as ResumeOptions)).toMatchObject({ state: { answer: 'served' } });
      expect(keys).toHaveLength(2);
      expect(await effectsInDoubtOf(store, 'run')).toEqual([]);
    });
  });
});
