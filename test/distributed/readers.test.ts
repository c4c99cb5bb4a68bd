// Readers of runs that another process writes: they are told when a run grows, across a connection that is cut, and look rarely.
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventsUpTo, graphOf, runEntry } from '../../src/explore/store/law-entries.ts';
import { createEngine, fields, graph, text } from '../../src/index.ts';
import { postgresStore } from '../../src/store/postgres/index.ts';
import { startProxy } from './proxy.ts';
import type { TestProxy } from './proxy.ts';
import { skipReason, startServer } from './server.ts';
import type { TestServer } from './server.ts';

const why = skipReason();
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A pool, and how many statements went over it. */
function countingPool(connectionString: string): { readonly pool: pg.Pool; readonly statements: { count: number } } {
  const pool = new pg.Pool({ connectionString });
  pool.on('error', () => undefined);
  const query = pool.query.bind(pool) as (...given: unknown[]) => unknown;
  const statements = { count: 0 };
  Object.assign(pool, {
    query: (...given: unknown[]) => {
      statements.count += 1;
      return query(...given);
    },
  });
  return { pool, statements };
}

describe.skipIf(why !== undefined)('runs that another machine drives', () => {
  let server: TestServer;
  let proxy: TestProxy;
  let count = 0;
  beforeAll(async () => {
    server = await startServer();
    proxy = await startProxy(server.port);
  });
  afterAll(async () => {
    await proxy.close();
    await server.remove();
  });

  it('tell readers elsewhere that they grow, and do so again after the connection was cut', async () => {
    const schema = `kill_${count++}`;
    const writer = postgresStore(server.url, { schema });
    const reader = postgresStore(server.url.replace(String(server.port), String(proxy.port)), { schema });
    const lease = await writer.create(runEntry('run-1'));
    const other = await writer.create(runEntry('run-2'));
    let told = 0;
    const watch = reader.watch?.({ runId: 'run-1' }, () => {
      told += 1;
    });
    await vi.waitFor(() => expect(watch?.isLive).toBe(true), { timeout: 60_000 });
    told = 0;
    await writer.append(other, eventsUpTo(1));
    await pause(50);
    expect(told).toBe(0);
    await writer.append(lease, eventsUpTo(1));
    await vi.waitFor(() => expect(told).toBe(1), { timeout: 60_000 });
    proxy.cut();
    const again = async (): Promise<void> => {
      const before = told;
      await writer.append(lease, eventsUpTo(1));
      await pause(100);
      expect(told).toBeGreaterThan(before);
      expect(watch?.isLive).toBe(true);
    };
    await vi.waitFor(again, { timeout: 60_000 });
    watch?.stop();
    await reader.close();
    await writer.close();
  });

  it('are read to their end, and attached to, where a policy leaves them out', async () => {
    const schema = `kill_${count++}`;
    const words = graph('words', { state: fields({ text: text() }) })
      .node('say', async function* (_state, { effect }) {
        const answer = await effect('ask', null, () =>
          Array.from({ length: 300 }, (_unused, word) => `${word} `.repeat(20)),
        );
        for (const word of answer) {
          yield { text: word };
          if (word.startsWith('9')) await pause(1);
        }
      })
      .start('say')
      .build();
    const record = { when: 'failed', to: server.folder } as const;
    const writing = createEngine(words, { store: postgresStore(server.url, { schema }), record });
    const store = postgresStore(server.url, { schema });
    const reading = createEngine(words, { store });
    for (const runId of ['run-1', 'run-2', 'run-3']) {
      const written = writing.run({}, { runId });
      await vi.waitFor(async () => expect(await store.find(runId)).toBeDefined(), { timeout: 60_000, interval: 2 });
      const readers = Array.from({ length: 6 }, async (_unused, reader) => {
        let chunks = 0;
        for await (const item of reading.read(runId)) {
          if (item.kind === 'chunk') chunks += 1;
          if (item.kind === 'chunk' && chunks % 50 === 0) await pause(reader * 5);
          if (item.kind === 'done') return `${chunks} ${item.run.status}`;
        }
        return `${chunks} without an end`;
      });
      const attached = reading.run({}, { runId, onExisting: 'attach' });
      expect(await Promise.all(readers)).toEqual(Array.from({ length: 6 }, () => '300 done'));
      expect((await written).status).toBe('done');
      expect((await attached).status).toBe('done');
    }
    await reading.close();
    await writing.close();
  });

  it('are asked for with one statement, however many of them somebody begins to read in a turn', async () => {
    const schema = `kill_${count++}`;
    const writing = postgresStore(server.url, { schema });
    const ids = Array.from({ length: 200 }, (_unused, index) => `run-${index}`);
    for (const id of ids) await writing.create(runEntry(id));
    const pool = new pg.Pool({ connectionString: server.url });
    pool.on('error', () => undefined);
    const query = pool.query.bind(pool) as (...given: unknown[]) => unknown;
    let said = 0;
    Object.assign(pool, {
      query: (...given: unknown[]) => {
        if (JSON.stringify(given[0]).includes('SET watched_until')) said += 1;
        return query(...given);
      },
    });
    const reading = postgresStore(pool, { schema });
    await reading.list({});
    const told = new Set<string>();
    const watches = ids.map((runId) => reading.watch?.({ runId }, () => void told.add(runId)));
    await vi.waitFor(() => expect(told.size).toBe(200), { timeout: 20_000 });
    expect(said).toBe(1);
    for (const watch of watches) watch?.stop();
    await reading.close();
    await writing.close();
    await pool.end();
  });

  it('are looked at with one statement each time while nothing grows, however many are read', async () => {
    const schema = `kill_${count++}`;
    const writing = postgresStore(server.url, { schema });
    const desk = graph('desk', { state: fields({ text: text() }) })
      .node('ask', () => undefined)
      .start('ask')
      .build();
    const ids = Array.from({ length: 20 }, (_unused, index) => `run-${index}`);
    const leases = await Promise.all(ids.map((id) => writing.create(runEntry(id, graphOf('desk')))));
    const pool = new pg.Pool({ connectionString: server.url });
    pool.on('error', () => undefined);
    const query = pool.query.bind(pool) as (...given: unknown[]) => unknown;
    const asked: string[] = [];
    Object.assign(pool, {
      query: (given: { readonly name?: string }, ...others: unknown[]) => {
        asked.push(given.name?.split('.').at(-1) ?? '');
        return query(given, ...others);
      },
    });
    const reading = createEngine(desk, { store: postgresStore(pool, { schema }) });
    const seen: string[] = [];
    const reads = ids.map(async (id) => {
      for await (const item of reading.read(id)) if (item.kind === 'event') seen.push(item.key);
    });
    const ended = Promise.allSettled(reads);
    for (const [growth, lease] of leases.slice(0, 2).entries()) {
      let at = asked.length;
      const looked = async (): Promise<void> => {
        asked.length = 0;
        at = performance.now();
        while (asked.length < 3) await pause(5);
        expect(asked).toEqual(['find', 'find', 'find']);
        // Two of them lie between, a second apart.
        expect(performance.now() - at).toBeGreaterThan(1_900);
      };
      await vi.waitFor(looked, { timeout: 60_000 });
      await writing.append(lease, eventsUpTo(1), undefined, 1);
      await vi.waitFor(() => expect(seen.length).toBe(growth + 1), { timeout: 60_000 });
    }
    await reading.close();
    await ended;
    await writing.close();
    await pool.end();
  });

  it.concurrent('are read elsewhere with few statements while nothing grows', async () => {
    const schema = `kill_${count++}`;
    const words = graph('words', { state: fields({ text: text() }) })
      .node('say', async function* () {
        yield { text: 'one ' };
        await pause(2_500);
        yield { text: 'two' };
      })
      .start('say')
      .build();
    const writing = createEngine(words, { store: postgresStore(server.url, { schema }) });
    const { pool, statements } = countingPool(server.url);
    const store = postgresStore(pool, { schema });
    const reading = createEngine(words, { store });
    const written = writing.run({}, { runId: 'run-1' });
    await vi.waitFor(async () => expect(await store.find('run-1')).toBeDefined(), { timeout: 60_000 });
    const seen: string[] = [];
    const counts: number[] = [];
    for await (const item of reading.read('run-1')) {
      if (item.kind !== 'chunk') continue;
      seen.push(String((item.chunk as { text: string }).text));
      counts.push(statements.count);
    }
    expect((await written).status).toBe('done');
    expect(seen).toEqual(['one ', 'two']);
    // Twenty looks a second would be well over a hundred.
    const quiet = (counts[1] ?? 0) - (counts[0] ?? 0);
    console.log(`a reader asked ${quiet} times in 2.5 seconds in which nothing grew`);
    expect(quiet).toBeLessThan(40);
    await reading.close();
    await writing.close();
    await pool.end();
  });

  it.concurrent('are read elsewhere while they sleep, with a statement every few seconds, and to their end', async () => {
    const schema = `kill_${count++}`;
    const naps = graph('naps', { state: fields({ text: text() }) })
      .node('say', async function* (_state, { sleep }) {
        yield { text: 'good ' };
        await sleep(6_000);
        yield { text: 'night' };
      })
      .start('say')
      .build();
    const writing = createEngine(naps, { store: postgresStore(server.url, { schema }) });
    const { pool, statements } = countingPool(server.url);
    const reading = createEngine(naps, { store: postgresStore(pool, { schema }) });
    await writing.enqueue({}, { runId: 'run-1' });
    const worker = writing.work({ parkMs: 0 });
    const seen: string[] = [];
    const read = (async () => {
      for await (const item of reading.read('run-1')) {
        if (item.kind === 'chunk') seen.push(String((item.chunk as { text: string }).text));
        if (item.kind === 'done') seen.push(item.run.status);
      }
    })();
    const store = postgresStore(server.url, { schema });
    await vi.waitFor(async () => expect((await store.find('run-1'))?.status).toBe('paused'), { timeout: 60_000 });
    await pause(500);
    const before = statements.count;
    await pause(2_500);
    const quiet = statements.count - before;
    console.log(`a reader of a sleeping run asked ${quiet} times in 2.5 seconds`);
    expect(quiet).toBeLessThanOrEqual(5);
    await read;
    expect(seen).toEqual(['good ', 'night', 'done']);
    await worker.stop();
    await reading.close();
    await writing.close();
    await store.close();
    await pool.end();
  });
});
