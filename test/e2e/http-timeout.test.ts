// An exchange without an answer when its attempt timed out: in a replay, as live, it rejects when the attempt is over, so that
// nobody waits until the node is detached.
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEngine, fields, graph, memoryStore, text } from 'reprise';
import { httpEffects } from 'reprise/http';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { fetch as undiciFetch, request as undiciRequest } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { join } from 'node:path';
import { temporaryFolder } from '../support/folder.ts';

const server = createServer(({ url }, response) => {
  if (url === '/head') response.writeHead(200).flushHeaders();
});
let origin = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const clients: Readonly<Record<string, () => Promise<unknown>>> = {
  fetch: () => fetch(`${origin}/never`),
  'node:http': () =>
    new Promise((resolve, reject) => {
      request(`${origin}/never`, resolve).on('error', reject).end();
    }),
  'fetch of undici': () => undiciFetch(`${origin}/never`),
  'request of undici': () => undiciRequest(`${origin}/never`),
  'a body of fetch': async () => (await fetch(`${origin}/head`)).text(),
  'a body of the fetch of undici': async () => (await undiciFetch(`${origin}/head`)).text(),
  'a body of the request of undici': async () => (await undiciRequest(`${origin}/head`)).body.text(),
};

it.each(Object.entries(clients))('%s rejects live and in a replay, and the node finishes', async (_name, call) => {
  const endings: string[] = [];
  const waiting = graph('waiting', { state: fields({ answer: text() }) })
    .node(
      'ask',
      async () => {
        await call().catch((error: unknown) => endings.push(error instanceof Error ? error.name : typeof error));
      },
      { timeoutMs: 50 },
    )
    .start('ask')
    .build();
  const store = memoryStore();
  const path = join(temporaryFolder(), 'waiting.run.jsonl');
  const engine = createEngine(waiting, { store, effects: [httpEffects()] });
  const live = await engine.run({}, { runId: 'run' });
  await exportRunTo(store, 'run', path);
  await engine.close();
  expect([live.status, live.detached, endings.length]).toEqual(['failed', [], 1]);

  const { run, report } = await replay(waiting, path);
  expect([report.verdict, run.status, run.detached]).toEqual(['same', 'failed', []]);
  expect(endings).toHaveLength(2);
  expect(endings[1]).toBe(endings[0]);
});
