// A node that looks at the status of an answer and never at its body: nothing of that exchange ends by itself.
import { request as httpRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createEngine, fields, graph, last, memoryStore } from '../../src/index.ts';
import type { AnyGraph, RunStore } from '../../src/index.ts';
import type { Entry } from '../../src/journal/entry.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { sharedFolder } from '../support/folder.ts';
import { collected } from '../support/journals.ts';
import { LoopbackServer } from '../support/loopback-server.ts';

const folder = sharedFolder();

type Order = (url: string) => Promise<number>;

const byFetch: Order = async (url) => (await fetch(url, { method: 'POST', body: 'order' })).status;
const byNodeHttp: Order = (url) =>
  new Promise((resolve, reject) => {
    httpRequest(url, { method: 'POST' }, ({ statusCode = 0 }) => resolve(statusCode))
      .on('error', reject)
      .end('order');
  });

const clients: readonly (readonly [string, Order])[] = [
  ['fetch', byFetch],
  ['node:http', byNodeHttp],
];

const state = () => fields({ status: last(0), answer: last<unknown>(null) });

function asking(order: Order, url: string): AnyGraph {
  return graph('asking', { state: state() })
    .node('order', async (_state, { ask }) => {
      const status = await order(url);
      return { delta: { status, answer: await ask('ship?') } };
    })
    .start('order')
    .build();
}

function mailing(order: Order, url: string): AnyGraph {
  return graph('mailing', { state: state() })
    .node('order', async (_state, { effect }) => {
      const status = await order(url);
      const answer = await effect('mail', { status }, async () => 'sent');
      await effect('log', {}, async () => 'logged');
      return { delta: { status, answer } };
    })
    .start('order')
    .build();
}

/** What a process leaves that dies once its journal holds so many entries. */
async function leftAfter(entries: readonly Entry[]): Promise<RunStore> {
  const store = memoryStore();
  const [run, ...rest] = entries;
  if (run?.kind !== 'run') throw new Error('no run');
  const lease = await store.create(run);
  await store.append(lease, rest);
  return store;
}

describe.each(clients)('a body that nobody reads, by %s', (_name, order) => {
  it('keeps no run from pausing, and is not asked for again', async () => {
    let served = 0;
    await using server = await LoopbackServer.start((_request, response) => {
      served += 1;
      response.end('taken');
    });
    const built = asking(order, server.url);
    const store = memoryStore();
    await using engine = createEngine(built, { store, effects: [httpEffects()] });
    expect((await engine.run({} as never, { runId: 'run' })).status).toBe('paused');
    const run = await engine.resume('run', { answer: 'yes' });
    expect(run).toMatchObject({ status: 'done', state: { status: 200, answer: 'yes' } });
    expect(served).toBe(1);
    const fixture = await exportRunTo(store, 'run', `${folder}/${order.name}.run.jsonl`);
    expect((await replay(built, fixture)).report).toMatchObject({ verdict: 'same', networkCalls: 0 });
  });

  it('leaves a run that can be resumed after any entry', async () => {
    let served = 0;
    await using server = await LoopbackServer.start((_request, response) => {
      served += 1;
      response.end('taken');
    });
    const built = mailing(order, server.url);
    const whole = memoryStore();
    const engine = createEngine(built, { store: whole, effects: [httpEffects()] });
    await engine.run({} as never, { runId: 'run' });
    const entries = await collected(whole.read('run'));
    await engine.close();
    const mailed = entries.findIndex((entry) => entry.kind === 'effect' && entry.name === 'mail');
    expect(mailed).toBeGreaterThan(1);
    for (let count = 2; count < entries.length; count += 1) {
      served = 0;
      const store = await leftAfter(entries.slice(0, count));
      await using again = createEngine(built, { store, effects: [httpEffects()] });
      const run = await again.resume('run');
      expect(run, `after ${count} entries`).toMatchObject({ status: 'done', state: { status: 200, answer: 'sent' } });
      expect(served).toBeLessThanOrEqual(1);
      if (count > mailed) expect(served, `after ${count} entries`).toBe(0);
    }
  });

  it('is that of an answer after which a client asked once more: the resumed run gets both again', async () => {
    let served = 0;
    await using server = await LoopbackServer.start((_request, response) => {
      served += 1;
      response.writeHead(served === 1 ? 429 : 200, { 'x-turn': `${served}` }).end('taken');
    });
    const built = graph('retrying', { state: state() })
      .node('order', async (_state, { effect }) => {
        const first = await order(server.url);
        const status = first === 429 ? await order(server.url) : first;
        await effect('log', {}, async () => 'logged');
        return { delta: { status, answer: first } };
      })
      .start('order')
      .build();
    const whole = memoryStore();
    await using engine = createEngine(built, { store: whole, effects: [httpEffects()] });
    const live = await engine.run({}, { runId: 'run' });
    expect(live.state).toEqual({ status: 200, answer: 429 });
    const entries = await collected(whole.read('run'));
    const logged = entries.findIndex((entry) => entry.kind === 'effect' && entry.name === 'log');
    const store = await leftAfter(entries.slice(0, logged + 1));
    await using again = createEngine(built, { store, effects: [httpEffects()] });
    expect((await again.resume('run')).state).toEqual(live.state);
    expect(served).toBe(2);
    const fixture = await exportRunTo(store, 'run', `${folder}/retrying-${order.name}.run.jsonl`);
    expect((await replay(built, fixture)).report).toMatchObject({ verdict: 'same', networkCalls: 0 });
  });
});

describe('a body that is read after other things were done', () => {
  const reading = (url: string) =>
    graph('reading', { state: state() })
      .node('order', async (_state, { effect }) => {
        const response = await fetch(url, { method: 'POST' });
        await effect('log', {}, async () => 'logged');
        return { delta: { status: response.status, answer: await response.text() } };
      })
      .start('order')
      .build();

  const journalOf = async (built: ReturnType<typeof reading>): Promise<readonly Entry[]> => {
    const store = memoryStore();
    await using engine = createEngine(built, { store, effects: [httpEffects()] });
    await engine.run({}, { runId: 'run' });
    return collected(store.read('run'));
  };

  it('is gone with its process: the resumed run says so, and with `force` it is asked for again', async () => {
    await using server = await LoopbackServer.start((_request, response) => response.end('taken'));
    const built = reading(server.url);
    const entries = await journalOf(built);
    const logged = entries.findIndex((entry) => entry.kind === 'effect' && entry.name === 'log');
    await using again = createEngine(built, {
      store: await leftAfter(entries.slice(0, logged + 1)),
      effects: [httpEffects()],
    });
    await expect(again.resume('run')).rejects.toMatchObject({
      code: 'resume-diverged',
      message: expect.stringContaining('which had not been read when it was interrupted') as unknown,
    });
    expect((await again.resume('run', { force: true })).state).toEqual({ status: 200, answer: 'taken' });
  });

  it('is asked for again if some of it had been read', async () => {
    await using server = await LoopbackServer.start((_request, response) => response.end('taken'));
    const built = reading(server.url);
    const entries = await journalOf(built);
    const read = entries.findIndex((entry) => entry.kind === 'effect' && entry.name === 'http');
    const store = await leftAfter(entries.slice(0, read));
    await using again = createEngine(built, { store, effects: [httpEffects()] });
    expect((await again.resume('run')).state).toEqual({ status: 200, answer: 'taken' });
  });
});
