// A node that reads clocks and randomness and is entered again after an interruption reads the same, up to where its
// journal ends: what it sends again under the same idempotency key is the same.
import { createEngine, fields, graph, last, memoryStore } from 'reprise';
import type { Value } from 'reprise';
import { httpEffects } from 'reprise/http';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { sqliteStore } from 'reprise/sqlite';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { collected } from '../support/journals.ts';
import { LoopbackServer } from '../support/loopback-server.ts';

it('sends the same bytes again, over a call and over HTTP', async () => {
  const seen: string[] = [];
  await using server = await LoopbackServer.start(async (request, response) => {
    const body = await text(request);
    seen.push(`${request.headers['idempotency-key']} ${body}`);
    // The first answer never comes: the process is gone by then.
    if (seen.length > 1) response.end(`got it`);
  });
  const called: unknown[] = [];
  const hangs = Promise.withResolvers<void>();
  const sending = graph('sending', { state: fields({ found: last<Value>(null) }) })
    .node('call', async (_state, { effect }) => {
      const request = { id: randomUUID(), at: Date.now(), jitter: Math.random() };
      const answer = await effect('send', request, async (given, { idempotencyKey }) => {
        called.push({ given, idempotencyKey });
        if (called.length > 1) return 'got it';
        hangs.resolve();
        return new Promise<string>(() => undefined);
      });
      return { delta: { found: { request, answer, after: performance.now() } as Value } };
    })
    .node('send', async (_state) => {
      const body = JSON.stringify({ id: randomUUID(), at: new Date() });
      const answer = await (await fetch(server.url, { method: 'POST', body })).text();
      return { delta: { found: { body, answer, id: randomUUID() } } };
    })
    .edge('call', 'send')
    .start('call')
    .build();
  const folder = temporaryFolder();
  const options = { effects: [httpEffects({ idempotencyHeader: () => 'idempotency-key' })], graceMs: 0 };
  const open = () => createEngine(sending, { store: sqliteStore(join(folder, 'runs.db')), ...options });

  const first = open();
  const running = first.run({}, { runId: 'run' });
  await hangs.promise;
  await first.close();
  expect((await running).status).toBe('interrupted');

  const second = open();
  const resuming = second.resume('run');
  await expect.poll(() => seen.length).toBe(1);
  await second.close();
  expect((await resuming).status).toBe('interrupted');
  expect(called).toHaveLength(2);
  expect(called[1]).toEqual(called[0]);

  const third = open();
  const run = await third.resume('run');
  await third.close();
  expect(run.status).toBe('done');
  expect(seen).toHaveLength(2);
  expect(seen[1]).toBe(seen[0]);

  const store = sqliteStore(join(folder, 'runs.db'));
  const path = await exportRunTo(store, 'run', join(folder, 'run.run.jsonl'));
  const entries = await collected(store.read('run'));
  expect(entries.filter(({ kind }) => kind === 'ambient').length).toBeGreaterThan(2);
  await store.close();
  const { report } = await replay(sending, path);
  expect([report.verdict, report.unrecordedReads]).toEqual(['same', 0]);
});

it('writes nothing for a node that reads nothing, and one entry for one that reads', async () => {
  const store = memoryStore();
  const reading = graph('reading', { state: fields({ at: last(0) }) })
    .node('quiet', () => ({ delta: { at: 1 } }))
    .node('reads', () => ({ delta: { at: Date.now() + Math.random() + performance.now() } }))
    .edge('quiet', 'reads')
    .start('quiet')
    .build();
  await using engine = createEngine(reading, { store });
  await engine.run({}, { runId: 'run' });
  const kept = (await collected(store.read('run'))).filter(({ kind }) => kind === 'ambient');
  expect(kept.map(({ at }) => at)).toEqual(['2.0#1']);
});
