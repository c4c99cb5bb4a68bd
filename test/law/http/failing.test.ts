// A run that fails because a connection does: its replay ends as it did, although what only the machine knows of the
// failure (addresses, ports, counts of sockets) is in no recording.
import { get } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEngine, fields, graph, last, memoryStore } from '../../../src/index.ts';
import { httpEffects } from '../../../src/live/http/index.ts';
import { exportRunTo } from '../../../src/record/index.ts';
import { replay } from '../../../src/replay/index.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { findClosedPort } from './observing-client.ts';

const faults: Readonly<Record<string, (socket: Socket) => void>> = {
  reset: (socket) => socket.resetAndDestroy(),
  ended: (socket) => socket.end(),
  'cut off': (socket) =>
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc', () => socket.destroy());
    }),
};
const servers: Server[] = [];
const addresses = new Map<string, string>([['no name', 'http://nothing.invalid/']]);
beforeAll(async () => {
  addresses.set('refused', `http://127.0.0.1:${await findClosedPort()}/`);
  for (const [name, serve] of Object.entries(faults)) {
    const server = createServer((socket) => serve(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    servers.push(server);
    addresses.set(name, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  }
});
afterAll(() => {
  for (const server of servers) server.close();
});

const clients: Readonly<Record<string, (url: string) => Promise<unknown>>> = {
  fetch: async (url) => (await fetch(url)).text(),
  'node:http': (url) =>
    new Promise((resolve, reject) => {
      get(url, (message) => message.resume().on('end', resolve).on('error', reject)).on('error', reject);
    }),
  'several at once': (url) => Promise.any([fetch(url), fetch(url)].map(async (answer) => (await answer).text())),
};
const cases = ['refused', 'no name', ...Object.keys(faults)].flatMap((fault) =>
  Object.keys(clients).map((client) => [fault, client] as const),
);

it.each(cases)('a connection that is %s fails a node in its replay as in its run, with %s', async (fault, client) => {
  const failing = graph('failing', { state: fields({ got: last<null>(null) }) })
    .node('ask', async () => {
      await clients[client]?.(addresses.get(fault) ?? '');
      return {};
    })
    .start('ask')
    .build();
  const store = memoryStore();
  await using engine = createEngine(failing, { store, effects: [httpEffects()] });
  const run = await engine.run({}, { runId: 'failing' });
  expect(run.status).toBe('failed');
  const { report } = await replay(
    failing,
    await exportRunTo(store, 'failing', `${temporaryFolder()}/failing.run.jsonl`),
  );
  expect(report.divergences).toEqual([]);
});
