// A run of many streams that write at once, while its server crashes, its pooler starts again, its connections are cut and its
// process hands it over: each chunk is there once and in order, and readers find it from any cursor.
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { append, createEngine, fields, graph, input } from '../../src/index.ts';
import { postgresStore } from '../../src/store/postgres/index.ts';
import { collected } from '../support/journals.ts';
import { hasPooler, startPooler } from './pooler.ts';
import { startProxy } from './proxy.ts';
import type { TestProxy } from './proxy.ts';
import { skipReason, startServer } from './server.ts';
import type { TestServer } from './server.ts';

const chunkCount = 20;
const why = skipReason();

/** `step`: is awaited before each chunk. */
function streams(count: number, step: (stream: number, chunk: number) => Promise<void>) {
  return graph('streams', { state: fields({ out: append<string>() }), inputs: { say: input<number>() } })
    .node('begin', (_state, { send }) => ({
      route: Array.from({ length: count }, (_unused, stream) => send('say', stream)),
    }))
    .node('say', async function* (_state, { input: stream }) {
      for (let chunk = 0; chunk < chunkCount; chunk += 1) {
        await step(stream, chunk);
        yield { out: [`${stream} ${chunk}`] };
      }
    })
    .start('begin')
    .build();
}

const expected = (count: number): readonly string[] =>
  Array.from({ length: count }, (_unused, stream) =>
    Array.from({ length: chunkCount }, (_other, chunk) => `${stream} ${chunk}`),
  ).flat();

describe.skipIf(why !== undefined)('streams of one run', () => {
  let server: TestServer;
  let proxy: TestProxy;
  let through = '';
  let schemas = 0;
  beforeAll(async () => {
    server = await startServer({ isSafe: true });
    proxy = await startProxy(server.port);
    through = server.url.replace(String(server.port), String(proxy.port));
  });
  afterAll(async () => {
    await proxy.close();
    await server.remove();
  });

  /** Reads from a cursor on, and says which texts came in all. */
  async function wordsFrom(
    engine: { read(runId: string, options?: { readonly from?: string }): AsyncIterable<unknown> },
    from?: string,
  ): Promise<readonly (readonly [word: string, cursor: string])[]> {
    const words: (readonly [string, string])[] = [];
    for await (const item of engine.read('run-1', from === undefined ? {} : { from })) {
      const { kind, chunk, cursor } = item as {
        readonly kind: string;
        readonly chunk?: { readonly out: readonly string[] };
        readonly cursor?: unknown;
      };
      if (kind === 'chunk') words.push([String(chunk?.out[0]), String(cursor)]);
    }
    return words;
  }

  const faults: Readonly<Record<string, () => Promise<void>>> = {
    'a crash of the server': async () => {
      await server.stop('immediate');
      await server.start();
    },
    'a kill of the server': async () => {
      await server.stop('kill');
      await server.start();
    },
    'cuts of connections': async () => {
      for (let time = 0; time < 5; time += 1) {
        proxy.cut();
        await pause(10);
      }
    },
  };

  it.each(Object.entries(faults).flatMap(([name, fault]) => [2, 50].map((count) => [count, name, fault] as const)))(
    '%i of them outlast %s',
    async (count, _name, fault) => {
      const schema = `streams_${schemas++}`;
      let written = 0;
      let happening: Promise<void> | undefined;
      const built = streams(count, async () => {
        written += 1;
        // In the middle of everything, and nobody waits for it.
        if (written === Math.floor((count * chunkCount) / 2)) happening = fault();
        await pause(1);
      });
      const engine = createEngine(built, { store: postgresStore(through, { schema }), chunkWindowMs: 0 });
      const other = createEngine(built, { store: postgresStore(server.url, { schema }) });
      const done = await engine.run({}, { runId: 'run-1' });
      await happening;
      expect(done.status).toBe('done');
      const words = await wordsFrom(other as never);
      expect(words.map(([word]) => word).sort()).toEqual([...expected(count)].sort());
      for (let stream = 0; stream < count; stream += 1)
        expect(words.map(([word]) => word).filter((word) => word.startsWith(`${stream} `))).toEqual(
          expected(count).filter((word) => word.startsWith(`${stream} `)),
        );
      // What a reader missed, from the cursors that it may have come to.
      for (let index = 0; index < words.length; index += Math.ceil(words.length / 20)) {
        const rest = await wordsFrom(other as never, words[index]?.[1]);
        expect(rest.map(([word]) => word)).toEqual(words.slice(index + 1).map(([word]) => word));
      }
      await engine.close();
      await other.close();
    },
  );

  it.skipIf(why === undefined && !hasPooler())('outlast a pooler that starts again', async () => {
    const schema = `streams_${schemas++}`;
    const pooler = await startPooler(server);
    let again: Promise<{ stop(): Promise<void> }> | undefined;
    const built = streams(20, async (stream, chunk) => {
      if (stream === 7 && chunk === 15)
        again ??= pooler.stop().then(() => startPooler(server, Number(new URL(pooler.url).port)));
      await pause(1);
    });
    const engine = createEngine(built, { store: postgresStore(pooler.url, { schema }), chunkWindowMs: 0 });
    expect((await engine.run({}, { runId: 'run-1' })).status).toBe('done');
    expect((await wordsFrom(engine as never)).map(([word]) => word).sort()).toEqual([...expected(20)].sort());
    await engine.close();
    await (await again)?.stop();
  });

  it('are handed over in the middle, and a process takes over what another left in the tail', async () => {
    const schema = `streams_${schemas++}`;
    const count = 10;
    const arrived = Promise.withResolvers<void>();
    const never = Promise.withResolvers<void>();
    let written = 0;
    const first = streams(count, async () => {
      written += 1;
      if (written === (count * chunkCount) / 2) arrived.resolve();
      if (written >= (count * chunkCount) / 2) await never.promise;
    });
    const one = createEngine(first, { store: postgresStore(server.url, { schema }), chunkWindowMs: 0 });
    const running = one.run({}, { runId: 'run-1' }).catch(() => undefined);
    await arrived.promise;
    const pool = new pg.Pool({ connectionString: server.url });
    const store = postgresStore(pool, { schema });
    // The run, its start, and some of what has come so far.
    await expect.poll(async () => (await store.find('run-1'))?.entryCount).toBeGreaterThan(4);
    const closing = one.close();
    // They stop where they next say something.
    never.resolve();
    await closing;
    await running;
    const second = streams(count, async () => undefined);
    const two = createEngine(second, { store: postgresStore(server.url, { schema }), chunkWindowMs: 0 });
    const run = await two.resume('run-1');
    expect(run).toMatchObject({ status: 'done', state: { out: expected(count) } });
    expect((await collected(store.read('run-1'))).at(-1)?.kind).toBe('end');
    await two.close();
    await pool.end();
  });
});
