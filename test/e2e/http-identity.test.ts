// When two requests are the same: what tells them apart, and by whose rules a recorded run is resumed and replayed.
import { createServer, get, Agent } from 'node:http';
import type { RequestOptions } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createEngine, fields, graph, last, memoryStore } from '../../src/index.ts';
import type { AnyGraph, RunStore } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import type { HttpEffectsOptions } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import type { Replayed } from '../../src/replay/index.ts';
import { replayText } from '../../src/report/index.ts';
import { temporaryFolder } from '../support/folder.ts';
import { collected } from '../support/journals.ts';
import { LoopbackServer } from '../support/loopback-server.ts';

const asking = (ask: () => Promise<unknown>): AnyGraph =>
  graph('asking', { state: fields({ answer: last<unknown>(null) }) })
    .node('ask', async () => ({ delta: { answer: await ask() } }))
    .start('ask')
    .build();

async function recorded(asked: AnyGraph, options: HttpEffectsOptions = {}): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(asked, { store, effects: [httpEffects(options)] });
  const run = await engine.run({}, { runId: 'run' });
  expect(run.status).toBe('done');
  return exportRunTo(store, 'run', join(temporaryFolder(), 'run.run.jsonl'));
}

/** What a replay of other code says about a recording. */
async function replayed(path: string, ask: () => Promise<unknown>): Promise<Replayed<unknown>['report']> {
  return (await replay(asking(ask), path)).report;
}

const fetched =
  (url: string, headers: Record<string, string>, method = 'GET') =>
  async (): Promise<string> =>
    (await fetch(url, { headers, method })).text();

describe('a request that asks for something else', () => {
  it.each([
    ['x-amz-target', 'DynamoDB_20120810.DescribeTable', 'DynamoDB_20120810.DeleteTable'],
    ['x-tenant', 'acme', 'umbrella'],
    ['range', 'bytes=0-9', 'bytes=10-19'],
  ])('is no replay of the recorded one: %s', async (name, one, other) => {
    await using server = await LoopbackServer.start((_request, response) => response.end('same text'));
    const path = await recorded(asking(fetched(server.url, { [name]: one })));
    expect(await replayed(path, fetched(server.url, { [name]: one }))).toMatchObject({ verdict: 'same' });
    const { verdict, divergences } = await replayed(path, fetched(server.url, { [name]: other }));
    expect(verdict).toBe('diverged');
    expect(divergences[0]).toMatchObject({
      kind: 'request',
      path: 'request.headers[0][1]',
      recorded: one,
      replayed: other,
    });
  });

  it('is told apart from one in flight beside it, in whatever order they go out', async () => {
    const text = (part: number): string => String(part).repeat(10);
    let asked = 0;
    await using server = await LoopbackServer.start((request, response) => {
      // In the recording the first part is held up, in a replay it is not.
      if (request.url === '/ticket') setTimeout(() => response.end('ticket'), asked++ === 0 ? 40 : 0);
      else response.writeHead(206).end(text(Number(/=(\d+)/.exec(request.headers.range ?? '')?.[1]) / 10));
    });
    const part = async (number: number): Promise<string> => {
      await (await fetch(`${server.url}/ticket`, { method: 'POST', body: `part ${number}` })).text();
      return fetched(`${server.url}/file`, { range: `bytes=${number * 10}-${number * 10 + 9}` })();
    };
    const parts = async (): Promise<string> => (await Promise.all([part(0), part(1)])).join('|');
    const { run, report } = await replay(asking(parts), await recorded(asking(parts)));
    expect(report).toMatchObject({ verdict: 'same' });
    expect(run.state).toEqual({ answer: `${text(0)}|${text(1)}` });
  });

  it('is the same on another port of this machine', async () => {
    await using one = await LoopbackServer.start((_request, response) => response.end('health'));
    await using other = await LoopbackServer.start((_request, response) => response.end('health'));
    const path = await recorded(asking(fetched(`${one.url}/health`, {})));
    expect(await replayed(path, fetched(`${other.url}/health`, {}))).toMatchObject({ verdict: 'same' });
  });
});

describe('a client that counts its messages in all of the process', () => {
  it.each(['application/json', 'text/event-stream'])(
    'gets recorded answers by the numbers of today: %s',
    async (type) => {
      await using server = await LoopbackServer.start((request, response) => {
        let body = '';
        request.on('data', (part) => {
          body += String(part);
        });
        request.on('end', () => {
          const { id, params } = JSON.parse(body) as { readonly id: number; readonly params: unknown };
          const text = JSON.stringify({ jsonrpc: '2.0', id, result: { id: 'kept', params } });
          const sent = type === 'application/json' ? text : `event: message\ndata: ${text}\n\n`;
          response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(sent) }).end(sent);
        });
      });
      let count = 0;
      const call = async (params: string): Promise<unknown> => {
        count += 1;
        const id = count;
        const message = JSON.stringify({ jsonrpc: '2.0', id, method: 'call', params });
        const response = await fetch(server.url, { method: 'POST', body: message });
        const answered = JSON.parse(/\{.*\}/.exec(await response.text())?.[0] ?? '') as { id: number; result: unknown };
        if (answered.id !== id) throw new Error(`an answer to ${answered.id} came for ${id}`);
        return answered.result;
      };
      const asked = asking(() => Promise.all([call('über a'), call('b')]));
      const path = await recorded(asked);
      count = 997;
      expect((await replay(asked, path)).report).toMatchObject({ verdict: 'same', networkCalls: 0 });
    },
  );
});

describe('a Unix socket', () => {
  async function listening(answer: string): Promise<string> {
    const path = join(temporaryFolder(), `${answer}.sock`);
    const server = createServer((_request, response) => response.end(answer));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    onTestFinished(() => void server.close());
    return path;
  }
  const got = (options: RequestOptions) => (): Promise<string> =>
    new Promise((resolve, reject) => {
      get({ path: '/info', ...options }, async (message) =>
        resolve(Buffer.concat(await message.toArray()).toString()),
      ).on('error', reject);
    });

  it('is a part of the origin, named by the request or by its agent', async () => {
    const [one, other] = [await listening('one'), await listening('other')];
    const byRequest = got({ socketPath: one });
    const path = await recorded(asking(byRequest));
    expect(await replayed(path, byRequest)).toMatchObject({ verdict: 'same' });
    expect(await replayed(path, got({ agent: new Agent({ socketPath: one } as object) }))).toMatchObject({
      verdict: 'same',
    });
    const { divergences } = await replayed(path, got({ socketPath: other }));
    expect(divergences[0]).toMatchObject({
      path: 'request.origin',
      recorded: `unix:${one}`,
      replayed: `unix:${other}`,
    });
  });
});

const match = { headers: ['accept', 'x-feature'] };

describe('the rules of a recorded run', () => {
  it('are those that it began with: its replay needs no options', async () => {
    await using server = await LoopbackServer.start((request, response) => response.end(request.headers.accept));
    const path = await recorded(asking(fetched(server.url, { 'x-feature': 'on' })), {
      match,
      origins: { here: [server.url] },
    });
    const { report } = await replay(asking(fetched(server.url, { 'x-feature': 'on' })), path);
    expect(report).toMatchObject({ verdict: 'same' });
    expect(report).not.toHaveProperty('unfollowed');
    expect(await replayed(path, fetched(server.url, { 'x-feature': 'off' }))).toMatchObject({ verdict: 'diverged' });
  });

  it('are used in place of other options of a replay, which is said', async () => {
    await using server = await LoopbackServer.start((_request, response) => response.end('text'));
    const asked = asking(fetched(server.url, { 'x-feature': 'on', 'x-trace': '1' }));
    const path = await recorded(asked, { match, origins: { here: [server.url] } });
    const { report } = await replay(asked, path, { match: { headers: ['x-trace'] }, origins: { there: [server.url] } });
    expect(report).toMatchObject({ verdict: 'same', unfollowed: ['origins', 'match.headers'] });
    expect(replayText(report)).toContain('`origins` and `match.headers` now differ from the recording');
  });

  /** How often a node has got its answer. */
  let answered = 0;

  it('are used by a resume whose engine names others, which is noted', async () => {
    await using server = await LoopbackServer.start((_request, response) => response.end('text'));
    const asked = asking(async () => {
      const text = await fetched(server.url, { 'x-feature': 'on', 'x-trace': '1' })();
      answered += 1;
      await sleep(isDying ? 60_000 : 0);
      return text;
    });
    let isDying = true;
    const store = await left(asked, { match });
    isDying = false;
    await using engine = createEngine(asked, { store, effects: [httpEffects({ match: { headers: ['x-trace'] } })] });
    const run = await engine.resume('run');
    expect(run).toMatchObject({ status: 'done', state: { answer: 'text' }, notes: [{ kind: 'other-rules', at: '1' }] });
    const again = await exportRunTo(store, 'run', join(temporaryFolder(), 'again.run.jsonl'));
    expect((await replay(asked, again)).report).toMatchObject({ verdict: 'same' });
  });

  it('are used by a resume whose engine names none', async () => {
    await using server = await LoopbackServer.start((_request, response) => response.end('text'));
    let isDying = true;
    const asked = asking(async () => {
      const text = await fetched(server.url, { accept: 'text/csv', 'x-feature': 'on' })();
      answered += 1;
      await sleep(isDying ? 60_000 : 0);
      return text;
    });
    const store = await left(asked, { match });
    isDying = false;
    await using engine = createEngine(asked, { store, effects: [httpEffects()] });
    expect(await engine.resume('run')).toMatchObject({ status: 'done', notes: [] });
  });

  /** The journal of a run whose process died once the first exchange had been recorded. */
  async function left(asked: AnyGraph, options: HttpEffectsOptions): Promise<RunStore> {
    const store = memoryStore();
    const engine = createEngine(asked, { store, effects: [httpEffects(options)], graceMs: 10 });
    answered = 0;
    const running = engine.run({}, { runId: 'run' });
    while ((await store.find('run')) === undefined) await sleep(5);
    while (answered === 0) await sleep(5);
    // An entry is written with the next one that must be durable; closing the engine writes the rest.
    await engine.close();
    await running;
    const [run, ...entries] = await collected(store.read('run'));
    if (run?.kind !== 'run') throw new Error('a journal begins with its run');
    expect(entries.map(({ kind }) => kind)).toContain('effect');
    const copy = memoryStore();
    await copy.release(await copy.create(run, entries));
    return copy;
  }
});
