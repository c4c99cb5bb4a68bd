// A replay is sealed: nothing that its nodes try reaches the outside, over open connections either, and nobody else's traffic
// is touched.
import { AsyncResource } from 'node:async_hooks';
import { execFileSync, spawn } from 'node:child_process';
import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import pg from 'pg';
import { replayText } from 'reprise/report';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { fields, graph, last } from '../../src/index.ts';
import type { AnyGraph, RunNote } from '../../src/index.ts';
import { recordRun } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import type { ReplayOptions, ReplayReport, Traffic } from '../../src/replay/index.ts';
import { CountingPostgres } from '../support/counting-postgres.ts';
import { sharedFolder } from '../support/folder.ts';
import { pause } from '../support/loopback-server.ts';
import { OpenConnections, connectionNames, dispatched, dispatcherClass } from '../support/open-connections.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const replayCount = isLong ? 1_000 : 20;
const folder = sharedFolder();
let connections: OpenConnections;

beforeAll(async () => {
  connections = await OpenConnections.open(folder);
});
afterAll(async () => {
  await connections[Symbol.asyncDispose]();
});

/** A node that waits in a replay until the test opens it. A timer would not wait: those of a replay take no time. */
class Gate {
  #wait: Promise<void> | undefined;
  #open = (): void => undefined;
  #come = (): void => undefined;
  readonly pass = (): Promise<void> => {
    this.#come();
    return this.#wait ?? Promise.resolve();
  };
  /** Returns what settles when somebody stands before it. */
  close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wait = promise;
    this.#open = resolve;
    return new Promise((come) => {
      this.#come = come;
    });
  }
  open(): void {
    this.#open();
  }
}

/** A graph of one node, and its recorded run. */
async function recorded(
  name: string,
  node: () => Promise<unknown>,
): Promise<{ asking: AnyGraph; path: string; notes: readonly RunNote[] }> {
  const asking = graph('asking', { state: fields({ isDone: last(false) }) })
    .node('ask', async () => {
      await node();
      return { delta: { isDone: true } };
    })
    .start('ask')
    .build();
  const { run, path } = await recordRun(asking, {}, { runId: name.replaceAll(/\W/g, '-'), out: `${folder}/` });
  expect(run.status, name).toBe('done');
  return { asking, path, notes: run.notes };
}

async function reportOf(asking: AnyGraph, path: string, options: ReplayOptions = {}): Promise<ReplayReport> {
  return (await replay(asking, path, options)).report;
}

/** Whose traffic it was that came beside a replay. */
const hostsOf = (traffic: readonly Traffic[]): string =>
  traffic.length === 0 ? '' : `: ${traffic.map(({ host, bytes }) => `${bytes} bytes to ${host}`).join(', ')}`;

describe('over connections that are open already', () => {
  it.each(connectionNames)(
    'nothing reaches a server over %s, and what was tried is named',
    { timeout: isLong ? 600_000 : 180_000 },
    async (name) => {
      const { refused, ask } = connections.named(name);
      const { asking, path } = await recorded(name, ask);
      const before = connections.hits;
      const unattributed: Traffic[] = [];
      for (let count = 0; count < replayCount; count += 1) {
        const report = await reportOf(asking, path);
        expect(report.verdict).toBe(refused === undefined ? 'same' : 'diverged');
        expect(report.refused.map(({ what, node }) => [what, node])).toEqual(
          refused === undefined ? [] : [[expect.stringMatching(refused), 'ask']],
        );
        for (const { stack } of report.refused) expect(stack).toContain('open-connections.ts');
        expect(report.networkCalls).toBe(0);
        unattributed.push(...report.unattributed);
      }
      await pause(20);
      console.log(
        `${name}: ${replayCount} replays, ${connections.hits - before} arrived, ${unattributed.length} unattributed${hostsOf(unattributed)}`,
      );
      expect(connections.hits).toBe(before);
      // The connection is unharmed.
      await ask();
      expect(connections.hits).toBe(before + 1);
    },
  );

  it('no query reaches a database over a warm pool', { timeout: isLong ? 600_000 : 180_000 }, async () => {
    await using server = await CountingPostgres.start();
    const pool = new pg.Pool({
      host: '127.0.0.1',
      port: server.port,
      user: 'test',
      password: 'test',
      max: 3,
      idleTimeoutMillis: 0,
    });
    const update = (): Promise<unknown> => pool.query("UPDATE orders SET state = 'paid'");
    await Promise.all([update(), update(), update()]);
    const { asking, path, notes } = await recorded('pg', update);
    expect(notes.map(({ kind, node }) => `${kind} in ${node}`)).toEqual(['unrecorded in ask']);
    const before = server.queries;
    expect(before).toBe(4);
    const unattributed: Traffic[] = [];
    for (let count = 0; count < replayCount; count += 1) {
      const report = await reportOf(asking, path);
      expect(report.verdict).toBe('diverged');
      expect(report.refused.map(({ what, node }) => [what, node])).toEqual([['a query by pg', 'ask']]);
      expect(report.networkCalls).toBe(0);
      unattributed.push(...report.unattributed);
    }
    await pause(20);
    console.log(
      `pg: ${replayCount} replays, ${server.queries - before} arrived, ${unattributed.length} unattributed${hostsOf(unattributed)}`,
    );
    expect(server.queries).toBe(before);
    await pool.end();
  });

  it('is seen in the notes of a live run', async () => {
    for (const { name, refused, ask } of connections.all) {
      if (refused === undefined) continue;
      const { notes } = await recorded(`live ${name}`, ask);
      expect(new Set(notes.map(({ kind, node }) => `${kind} in ${node}`)), name).toEqual(
        new Set(['unrecorded in ask']),
      );
    }
  });

  it('an error that the node swallows is said all the same', async () => {
    for (const { name, refused, ask } of connections.all) {
      if (refused === undefined) continue;
      const { asking, path } = await recorded(`swallowed ${name}`, async () => {
        try {
          await ask();
        } catch {
          // As a client does that sends its metrics if it can.
        }
      });
      const { verdict, divergences } = await reportOf(asking, path);
      expect(verdict, name).toBe('diverged');
      const replayed = expect.stringMatching(refused) as string;
      const stack = expect.stringContaining('at ') as string;
      expect(divergences, name).toMatchObject([
        { kind: 'missing effect', path: 'outside', node: 'ask', replayed, stack },
      ]);
    }
  });

  it('a request for a busy pool is answered from the recording, and does not wait for its turn', async () => {
    let answer: (() => void) | undefined;
    const seen: string[] = [];
    const server = http.createServer((request, response) => {
      seen.push(request.headers.from ?? '');
      answer = () => response.end('ok');
      if (request.headers.from === 'node') answer();
    });
    const { port } = await listening(server);
    const origin = `http://127.0.0.1:${port}`;
    const dispatcher = new (dispatcherClass())({ connections: 1 });
    const { asking, path } = await recorded('queued', () => dispatched(dispatcher, origin, { from: 'node' }));
    const own = dispatched(dispatcher, origin, { from: 'test' });
    const replayed = reportOf(asking, path);
    const { verdict, refused } = await replayed;
    expect({ verdict, refused }).toEqual({ verdict: 'same', refused: [] });
    while (answer === undefined || seen.length < 2) await pause(1);
    answer();
    await own;
    expect(seen).toEqual(['node', 'test']);
    await dispatcher.destroy();
  });

  it('what a node leaves behind is refused after its replay has ended too', async () => {
    const errors: unknown[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    let isReplay = false;
    const [tcp] = connections.all.filter(({ name }) => name === 'a TCP socket');
    const { asking, path } = await recorded('late', async () => {
      if (isReplay) void promise.then(() => tcp?.ask()).catch((error: unknown) => errors.push(error));
    });
    isReplay = true;
    const before = connections.hits;
    await reportOf(asking, path);
    resolve();
    await expect.poll(() => errors).toMatchObject([{ code: 'effect-refused' }]);
    expect(connections.hits).toBe(before);
  });
});

describe('traffic of the test around a replay', () => {
  it('is let alone, and counted', async () => {
    const gate = new Gate();
    const { asking, path } = await recorded('slow', gate.pass);
    for (const { name, ask } of connections.all) {
      const before = connections.hits;
      const isThere = gate.close();
      const replayed = reportOf(asking, path);
      await isThere;
      await ask();
      gate.open();
      const { verdict, refused, networkCalls, unattributed } = await replayed;
      expect({ verdict, refused, networkCalls }, name).toEqual({ verdict: 'same', refused: [], networkCalls: 0 });
      // The server of the datagrams answers from this process too.
      expect(unattributed, name).toContainEqual({
        host: expect.stringMatching(/^(?:127\.0\.0\.1|localhost):\d+$|^a Unix socket/),
        count: expect.any(Number),
        bytes: expect.any(Number),
      });
      expect(connections.hits, name).toBe(before + 1);
    }
  });

  it('is not the fault of a replay, nor is another replay at once', async () => {
    const [tcp] = connections.all.filter(({ name }) => name === 'a TCP socket');
    const gate = new Gate();
    const slow = await recorded('slow one', gate.pass);
    const reaching = await recorded('reaching', async () => tcp?.ask());
    const isThere = gate.close();
    const replayed = reportOf(slow.asking, slow.path);
    await isThere;
    const blamed = await reportOf(reaching.asking, reaching.path);
    gate.open();
    const clean = await replayed;
    expect(clean).toMatchObject({ verdict: 'same', refused: [], divergences: [], unattributed: [] });
    expect(blamed.verdict).toBe('diverged');
    expect(blamed.refused).toHaveLength(1);
  });

  it('is nothing that Node sends by itself, nor what a server of this process answers', async () => {
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined);
      setTimeout(() => socket.end('late'), 20);
    });
    const { port } = await listening(server);
    const gate = new Gate();
    const { asking, path } = await recorded('still', gate.pass);
    const client = net.connect(port, '127.0.0.1').resume();
    await new Promise((resolve) => client.once('connect', resolve));
    void gate.close();
    const replayed = reportOf(asking, path);
    await new Promise((resolve) => client.once('end', resolve));
    gate.open();
    expect((await replayed).unattributed).toEqual([]);
  });
});

describe('a client with a queue of its own', () => {
  /** Like clients of databases: one query at a time, the next one written when the answer to the last has come. */
  class QueueingClient {
    readonly #socket: net.Socket;
    readonly #queue: ((row: string) => void)[] = [];
    readonly #waiting: string[] = [];
    error: Error | undefined;
    constructor(socket: net.Socket) {
      this.#socket = socket.setEncoding('utf8');
      socket.on('error', (error) => {
        this.error = error;
        for (const answered of this.#queue.splice(0)) answered('lost');
      });
      socket.on('data', (row) => {
        this.#queue.shift()?.(String(row));
        const next = this.#waiting.shift();
        if (next !== undefined) socket.write(next);
      });
    }
    query(sql: string, queued?: () => void): Promise<string> {
      const answer = new Promise<string>((resolve) => this.#queue.push(resolve));
      if (this.#queue.length === 1) this.#socket.write(sql);
      else {
        this.#waiting.push(sql);
        queued?.();
      }
      return answer;
    }
  }

  /** The query of the test is answered once that of the node waits behind it. */
  async function queueingClient(): Promise<{
    client: QueueingClient;
    query: () => unknown;
    seen: string[];
    host: string;
  }> {
    const seen: string[] = [];
    const waits = Promise.withResolvers<void>();
    const server = net.createServer((socket) => {
      socket
        .on('error', () => undefined)
        .on('data', (sql) => {
          seen.push(String(sql));
          void (String(sql) === 'test' ? waits.promise : Promise.resolve()).then(() => socket.write(`row of ${sql}`));
        });
    });
    const { port } = await listening(server);
    const socket = net.connect(port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    const client = new QueueingClient(socket);
    return { client, query: () => client.query('node', waits.resolve), seen, host: `127.0.0.1:${port}` };
  }

  it('writes for a node where it cannot be told: the report counts it, and does not say that nothing left', async () => {
    const { client, query, seen, host } = await queueingClient();
    const { asking, path } = await recorded('query', async () => query());
    const own = client.query('test');
    const report = await reportOf(asking, path);
    await own;
    expect(seen).toEqual(['node', 'test', 'node']);
    expect(report).toMatchObject({ verdict: 'same', refused: [], unattributed: [{ host, count: 1, bytes: 4 }] });
    const text = replayText(report);
    expect(text).toContain(`unattributed: while it ran, this process sent to ${host} (1 time, 4 bytes)`);
    expect(text).not.toContain('0 network calls');
  });

  it.each<[string, () => unknown]>([
    ['child process', () => spawn(process.execPath, ['--version'], { stdio: 'ignore' })],
    ['child process, and waits for it', () => execFileSync(process.execPath, ['--version'])],
    ['worker thread', () => new Worker('', { eval: true })],
  ])('starts a %s where it cannot be told: the report counts it too', async (what, start) => {
    const queued = AsyncResource.bind(start);
    const { asking, path } = await recorded(`queued ${what}`, async () => void queued());
    const report = await reportOf(asking, path);
    const host = expect.stringMatching(/^a (?:child process|worker thread) /) as string;
    expect(report).toMatchObject({ verdict: 'same', unattributed: [{ host, count: 1, bytes: 0 }] });
    expect(replayText(report)).not.toContain('0 network calls');
  });

  it('is refused where the process is sealed, as a connection that broke', async () => {
    const { client, query, seen } = await queueingClient();
    const { asking, path } = await recorded('query sealed', async () => query());
    const own = client.query('test');
    const report = await reportOf(asking, path, { seal: 'process' });
    await own;
    expect(seen).toEqual(['node', 'test']);
    expect(client.error).toMatchObject({ code: 'effect-refused' });
    expect(report).toMatchObject({ networkCalls: 0, unattributed: [] });
    expect(report.refused).toEqual([{ what: expect.stringContaining('a write to'), stack: expect.any(String) }]);
    expect(replayText(report)).toContain('refused outside of any node: a write to');
  });
});

describe('a sealed process', () => {
  it('refuses what code outside of nodes tries', async () => {
    const gate = new Gate();
    const { asking, path } = await recorded('sealed', gate.pass);
    for (const { name, ask } of connections.all) {
      // These would lose the connection that the other tests use.
      if (/socket|WebSocket|process/i.test(name)) continue;
      const before = connections.hits;
      const isThere = gate.close();
      const replayed = reportOf(asking, path, { seal: 'process' });
      await isThere;
      await expect(ask(), name).rejects.toThrow();
      gate.open();
      const report = await replayed;
      expect(report, name).toMatchObject({ verdict: 'same', networkCalls: 0, unattributed: [] });
      expect(report.refused.length, name).toBeGreaterThan(0);
      expect(connections.hits, name).toBe(before);
    }
  });

  it('says nothing of standard streams', async () => {
    const { asking, path } = await recorded('printing', async () => {
      process.stdout.write('');
      console.log('a node prints');
    });
    expect(await reportOf(asking, path, { seal: 'process' })).toMatchObject({ verdict: 'same', refused: [] });
  });
});

async function listening(server: net.Server): Promise<AddressInfo> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return server.address() as AddressInfo;
}
