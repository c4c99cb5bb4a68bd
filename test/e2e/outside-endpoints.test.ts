// Telemetry and credential requests are no part of a run: live they leave untouched, and a replay answers them itself.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEngine, fields, graph, last, memoryStore } from '../../src/index.ts';
import type { AnyGraph, RunStore } from '../../src/index.ts';
import type { AnyRun } from '../../src/graph/types/run-types.ts';
import type { Entry } from '../../src/journal/entry.ts';
import { placeholder } from '../../src/journal/http/placeholder-answers.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import type { HttpEffectsOptions } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/export-run.ts';
import { replay } from '../../src/replay/replay.ts';
import { replayText } from '../../src/report/index.ts';
import { sqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { sharedFolder } from '../support/folder.ts';
import { collected } from '../support/journals.ts';
import { LoopbackServer, bodyOf } from '../support/loopback-server.ts';
import { TokenClient, outsideOfTests, sendByFetch, sendByNodeHttp, tokenGraph } from '../support/token-client.ts';
import type { Send } from '../support/token-client.ts';
import { dispatcherClass } from '../support/open-connections.ts';

const folder = sharedFolder();
const earlyFetch = globalThis.fetch;

const doors: readonly (readonly [string, Send])[] = [
  ['fetch', sendByFetch()],
  ['the dispatcher', sendByFetch((...given) => earlyFetch(...given))],
  ['node:http', sendByNodeHttp],
];

/** A provider: its tokens differ each time, and a call without a valid one is refused. */
class Provider implements AsyncDisposable {
  readonly seen: string[] = [];
  readonly #tokens = new Set<string>();
  readonly #server: LoopbackServer;
  /** What these calls wait for. */
  readonly held = new Map<string, Promise<unknown>>();

  private constructor(server: LoopbackServer) {
    this.#server = server;
  }

  static async start(): Promise<Provider> {
    const server = await LoopbackServer.start((request, response) => provider.#serve(request, response));
    const provider = new Provider(server);
    return provider;
  }

  get url(): string {
    return this.#server.url;
  }

  timesOf(path: string): number {
    return this.seen.filter((seen) => seen === path).length;
  }

  #serve: Parameters<typeof LoopbackServer.start>[0] = async (request, response) => {
    const path = request.url ?? '';
    this.seen.push(path);
    const body = await bodyOf(request);
    await this.held.get(path);
    if (path === '/login/token') {
      const token = `secret-of-the-provider-${crypto.randomUUID()}`;
      this.#tokens.add(token);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 3_600 }));
      return;
    }
    if (path.startsWith('/collect/')) {
      response.end('taken');
      return;
    }
    const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
    const isValid = this.#tokens.has(token) && body.toString().includes(token);
    response.statusCode = isValid ? 200 : 401;
    response.end(isValid ? `answer to ${path}` : 'no');
  };

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]();
  }
}

const stateOfAll = { left: 'answer to /api/left', right: 'answer to /api/right', end: 'answer to /api/end' };

interface Recorded {
  readonly run: AnyRun;
  readonly entries: readonly Entry[];
  readonly fixture: string;
}

let count = 0;

async function record(
  given: AnyGraph,
  options: HttpEffectsOptions,
  store: RunStore = memoryStore(),
): Promise<Recorded> {
  count += 1;
  const runId = `run-${count}`;
  const engine = createEngine(given, { store, effects: [httpEffects(options)] });
  const run: AnyRun = await engine.run({} as never, { runId });
  const entries = await collected(store.read(runId));
  const fixture = await exportRunTo(store, runId, join(folder, `${runId}.run.jsonl`));
  await engine.close();
  return { run, entries, fixture };
}

function pathsOf(entries: readonly Entry[]): readonly string[] {
  return entries.flatMap((entry) =>
    entry.kind === 'effect' ? [(entry.request as { readonly path: string }).path] : [],
  );
}

describe.each(doors)('by %s, a token and telemetry', (_name, send) => {
  it('are no part of the run: neither recorded nor noted, and answered in a replay with the server gone', async () => {
    let recorded: Recorded;
    let client: TokenClient;
    {
      await using provider = await Provider.start();
      client = new TokenClient(send, provider.url);
      recorded = await record(tokenGraph(client), { outside: outsideOfTests });
      expect(recorded.run).toMatchObject({ status: 'done', state: stateOfAll, notes: [] });
      expect(provider.timesOf('/collect/spans')).toBe(3);
    }
    expect(pathsOf(recorded.entries)).toEqual(expect.arrayContaining(['/api/left', '/api/right', '/api/end']));
    expect(pathsOf(recorded.entries)).toHaveLength(3);
    expect(recorded.entries.filter(({ kind }) => kind === 'note')).toEqual([]);
    const text = readFileSync(recorded.fixture, 'utf8');
    expect(text).not.toContain('secret-of-the-provider');
    expect(text).not.toContain('mayNotReplay');

    client.forget();
    const { run, report } = await replay(tokenGraph(client), recorded.fixture);
    expect(report).toMatchObject({ verdict: 'same', networkCalls: 0, refused: [], unattributed: [] });
    expect(run).toMatchObject({ status: 'done', state: stateOfAll });
    // One node may be quick enough to give the other its token.
    const tokens = report.outside[1]?.count ?? 0;
    expect([1, 2]).toContain(tokens);
    expect(report.outside).toEqual([
      { endpoint: 'POST http://localhost/collect/*', host: expect.stringMatching(/^127/), count: 3 },
      { endpoint: 'POST http://localhost/login/token', host: expect.stringMatching(/^127/), count: tokens },
    ]);
    expect(replayText(report)).toContain(`${3 + tokens} requests outside of the run answered without network`);
  });

  it('may be asked for by another task than in the recording, or not at all', async () => {
    let recorded: Recorded;
    let client: TokenClient;
    {
      await using provider = await Provider.start();
      client = new TokenClient(send, provider.url);
      // A process that was warm: its token is there already.
      const warm = createEngine(tokenGraph(client), { effects: [httpEffects({ outside: outsideOfTests })] });
      await warm.run({} as never);
      await warm.close();
      const before = provider.timesOf('/login/token');
      recorded = await record(tokenGraph(client), { outside: outsideOfTests });
      expect(provider.timesOf('/login/token')).toBe(before);
    }
    const warm = await replay(tokenGraph(client), recorded.fixture);
    expect(warm.report.verdict).toBe('same');
    client.forget();
    const cold = await replay(tokenGraph(client), recorded.fixture);
    expect(cold.report.verdict).toBe('same');
    expect([
      [3, 1],
      [3, 2],
    ]).toContainEqual(cold.report.outside.map(({ count: times }) => times));
    // The placeholder does not expire.
    const again = await replay(tokenGraph(client), recorded.fixture);
    expect(again.report.outside.map(({ count: times }) => times)).toEqual([3]);
  });

  it('are part of a run whose recording says nothing of it', async () => {
    await using provider = await Provider.start();
    const client = new TokenClient(send, provider.url);
    const recorded = await record(tokenGraph(client), {});
    expect(pathsOf(recorded.entries)).toContain('/login/token');
    expect(pathsOf(recorded.entries)).toContain('/collect/spans');
    client.forget();
    const { report } = await replay(tokenGraph(client), recorded.fixture, { outside: outsideOfTests });
    expect(report).toMatchObject({ verdict: 'same', outside: [], unfollowed: ['outside'] });
  });
});

it('a run that was killed asks for a token again when it is resumed, and replays', async () => {
  await using provider = await Provider.start();
  const never = Promise.withResolvers();
  provider.held.set('/api/end', never.promise);
  const path = join(folder, 'killed.db');
  const child = spawn(process.execPath, ['test/support/token-process-main.ts', path, provider.url]);
  await expect.poll(() => provider.timesOf('/api/end'), { timeout: 30_000 }).toBe(1);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const before = provider.timesOf('/login/token');
  expect(before).toBe(2);

  provider.held.clear();
  never.resolve(undefined);
  const store = sqliteStore(path);
  const client = new TokenClient(sendByFetch(), provider.url);
  // Other options than those of the engine that began it, which count.
  const engine = createEngine(tokenGraph(client), { store, effects: [httpEffects()] });
  await new Promise((resolve) => setTimeout(resolve, 200));
  const run = await engine.resume('run');
  expect(run).toMatchObject({ status: 'done', state: stateOfAll });
  expect(run.notes.map(({ kind }) => kind)).toEqual([]);
  expect(provider.timesOf('/login/token')).toBe(before + 1);
  expect(provider.timesOf('/api/left')).toBe(1);
  expect(pathsOf(await collected(store.read('run'))).toSorted()).toEqual(['/api/end', '/api/left', '/api/right']);
  const fixture = await exportRunTo(store, 'run', join(folder, 'killed.run.jsonl'));
  await engine.close();
  client.forget();
  const { report } = await replay(tokenGraph(client), fixture);
  expect(report).toMatchObject({ verdict: 'same', networkCalls: 0 });
});

it('a request that the callback of one makes is recorded', async () => {
  await using provider = await Provider.start();
  const calling = graph('calling', { state: fields({ text: last('') }) })
    .node('call', async () => {
      const { promise, resolve } = Promise.withResolvers<string>();
      void sendByNodeHttp('POST', `${provider.url}/collect/first`).then(async () => {
        resolve((await sendByNodeHttp('GET', `${provider.url}/login/other`)).text);
      });
      return { delta: { text: await promise } };
    })
    .start('call')
    .build();
  const { entries } = await record(calling, { outside: outsideOfTests });
  expect(pathsOf(entries)).toEqual(['/login/other']);
});

it('one that belongs to no node is not noted', async () => {
  await using provider = await Provider.start();
  const waiting = graph('waiting', { state: fields({ text: last('') }) })
    .node('wait', async () => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { delta: {} };
    })
    .start('wait')
    .build();
  const engine = createEngine(waiting, { effects: [httpEffects({ outside: outsideOfTests })] });
  const running = engine.run({} as never);
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (const [, send] of doors) await send('POST', `${provider.url}/collect/loop`);
  expect((await running).notes).toEqual([]);
  const noted = engine.run({} as never);
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (const [, send] of doors) await send('POST', `${provider.url}/other`);
  expect((await noted).notes).toHaveLength(1);
  await engine.close();
});

it('telemetry gets a 204, and a credential request the answer that its endpoint names', async () => {
  const given: string[] = [];
  const asking = (url: string): AnyGraph =>
    graph('asking', { state: fields({ text: last('') }) })
      .node('ask', async () => {
        for (const [, send] of doors) {
          const events = await send('POST', `${url}/collect/x`, undefined, '{}');
          const vault = await send('POST', `${url}/vault/login`);
          given.push(`${events.status} ${events.text} ${vault.status} ${vault.text}`);
        }
        return { delta: {} };
      })
      .start('ask')
      .build();
  await using provider = await Provider.start();
  const vault = {
    url: 'http://localhost/vault/login',
    kind: 'credential',
    answer: { auth: { client_token: placeholder } },
  };
  const { fixture } = await record(asking(provider.url), { outside: [...outsideOfTests, vault as never] });
  const seen = provider.seen.length;
  given.length = 0;
  const { report } = await replay(asking(provider.url), fixture);
  expect(report.verdict).toBe('same');
  expect(given).toEqual(Array(3).fill(`204  200 {"auth":{"client_token":"${placeholder}"}}`));
  expect(provider.seen).toHaveLength(seen);
});

it('a fixture that needs a newer list is refused, and a damaged one too', async () => {
  await using provider = await Provider.start();
  const client = new TokenClient(sendByFetch(), provider.url);
  const { fixture } = await record(tokenGraph(client), { outside: outsideOfTests });
  const text = readFileSync(fixture, 'utf8');
  const changed = (from: string, to: string): string => {
    expect(text).toContain(from);
    count += 1;
    const path = join(folder, `changed-${count}.run.jsonl`);
    writeFileSync(path, text.replace(from, to));
    return path;
  };
  const code = (path: string): Promise<unknown> => replay(tokenGraph(client), path).catch((error: unknown) => error);
  expect(await code(changed('"listed":1', '"listed":99'))).toMatchObject({ code: 'fixture-version-unknown' });
  expect(await code(changed('"kind":"telemetry"', '"kind":"other"'))).toMatchObject({ code: 'fixture-damaged' });
  expect(await code(changed('POST http://localhost/collect/*', 'nowhere'))).toMatchObject({ code: 'fixture-damaged' });
});

describe('a dispatcher that a client has made for itself', () => {
  interface Agent {
    request(options: object): Promise<{ readonly statusCode: number; readonly body: { dump(): Promise<void> } }>;
    close(): Promise<void>;
  }
  const makeAgent = (): Agent => new (dispatcherClass() as unknown as new () => Agent)();
  const reporting = (url: string, path: string): AnyGraph =>
    graph('reporting', { state: fields({ text: last('') }) })
      .node('report', async () => {
        const agent = makeAgent();
        const text = await agent.request({ origin: url, path, method: 'POST', body: 'x' }).then(
          async ({ statusCode, body }) => {
            await body.dump();
            return String(statusCode);
          },
          () => 'lost',
        );
        return { delta: path.startsWith('/collect') ? {} : { text } };
      })
      .start('report')
      .build();

  it('sends telemetry, which a replay keeps from leaving', async () => {
    await using provider = await Provider.start();
    const { run, fixture } = await record(reporting(provider.url, '/collect/x'), { outside: outsideOfTests });
    expect(run.notes).toEqual([]);
    expect(provider.timesOf('/collect/x')).toBe(1);
    const { report } = await replay(reporting(provider.url, '/collect/x'), fixture);
    expect(report).toMatchObject({ verdict: 'same', networkCalls: 0, refused: [] });
    expect(report.outside).toMatchObject([{ count: 1 }]);
    expect(provider.timesOf('/collect/x')).toBe(1);
  });

  it('asks for a token, which a replay answers', async () => {
    await using provider = await Provider.start();
    const { run, fixture } = await record(reporting(provider.url, '/login/token'), { outside: outsideOfTests });
    expect(run.notes).toEqual([]);
    const { report } = await replay(reporting(provider.url, '/login/token'), fixture);
    expect(report).toMatchObject({ verdict: 'same', networkCalls: 0, refused: [] });
    expect(provider.timesOf('/login/token')).toBe(1);
  });
});
