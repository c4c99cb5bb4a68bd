// How a node reaches the outside other than by HTTP: reported in a live run, refused in a replay.
import { execFile } from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import { connect as connectHttp2 } from 'node:http2';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fields, graph, last } from '../../src/index.ts';
import { recordRun } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { sharedFolder } from '../support/folder.ts';

let server: net.Server;
let connections = 0;
const folder = sharedFolder();
let port: number;

beforeAll(async () => {
  server = net.createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined).end('hello');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.close();
});

function settled(target: NodeJS.EventEmitter, events: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    for (const event of events) target.once(event, () => resolve());
  });
}

const ways: readonly { readonly way: string; readonly names: RegExp; readonly reach: () => Promise<unknown> }[] = [
  {
    way: 'a raw socket',
    names: /TCP connection to 127\.0\.0\.1:\d+/,
    reach: () => settled(net.connect(port, '127.0.0.1').resume(), ['close', 'error']),
  },
  {
    way: 'http2',
    names: /HTTP\/2 connection/,
    reach: async () => {
      const session = connectHttp2(`http://127.0.0.1:${port}`);
      await settled(session, ['close', 'error']);
      session.destroy();
    },
  },
  { way: 'a DNS look-up', names: /DNS look-up of localhost/, reach: () => dns.promises.lookup('localhost') },
  { way: 'a child process', names: /child process/, reach: () => promisify(execFile)(process.execPath, ['--version']) },
  {
    way: 'a worker',
    names: /worker thread/,
    reach: () => settled(new Worker('', { eval: true }), ['exit']),
  },
  {
    way: 'a datagram',
    names: /UDP/,
    reach: async () => {
      const socket = dgram.createSocket('udp4');
      await new Promise<void>((resolve) => socket.send('x', port, '127.0.0.1', () => resolve()));
      socket.close();
    },
  },
];

describe.each(ways)('$way', ({ way, names, reach }) => {
  const reaching = graph('reaching', { state: fields({ done: last(false) }) })
    .node('reach', async () => {
      await reach();
      return { delta: { done: true } };
    })
    .start('reach')
    .build();

  it('is named in the notes of a live run, and refused in a replay, with its place in the code', async () => {
    const { run, path } = await recordRun(reaching, {}, { runId: way, out: `${folder}/` });
    expect(run.status).toBe('done');
    const noted = run.notes.map((note) => note.message).join('\n');
    expect(noted).toMatch(names);
    expect(noted).toContain('wrap it in `context.effect`, or the function that does it in `asEffect`');
    const before = connections;
    const { report } = await replay(reaching, path);
    expect(report.verdict).toBe('diverged');
    const refused = report.divergences.find(
      (divergence) => divergence.kind === 'missing effect' && divergence.path === 'outside',
    );
    expect(refused?.replayed).toMatch(names);
    expect(refused?.node).toBe('reach');
    expect(String(refused?.stack)).toContain('outside.test.ts');
    expect(connections).toBe(before);
  });
});
