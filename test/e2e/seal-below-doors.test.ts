// What was open before a replay, and what was taken off its object before the doors were put up, takes no work out either.
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { writeSync } from 'node:fs';
import http2 from 'node:http2';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fields, graph, last } from '../../src/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import { recordRun } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import type { ReplayReport } from '../../src/replay/index.ts';
import { sharedFolder } from '../support/folder.ts';

interface Way {
  readonly name: string;
  readonly refused: RegExp;
  ask(): Promise<unknown>;
}

const folder = sharedFolder();
const ways: Way[] = [];
const closing: (() => unknown)[] = [];
let hits = 0;
let socket: net.Socket;
let request: http2.ClientHttp2Session['request'];
let inThread: () => Promise<unknown>;

const received = async (emitter: NodeJS.EventEmitter, event: string): Promise<unknown> =>
  new Promise((resolve) => emitter.once(event, resolve));

/** Asks, and waits for the answer of the other end. */
function add(name: string, refused: RegExp, send: () => unknown, emitter: NodeJS.EventEmitter, event: string): void {
  const ask = async (): Promise<unknown> => {
    const answer = received(emitter, event);
    send();
    return answer;
  };
  ways.push({ name, refused, ask });
}

beforeAll(async () => {
  const server = net.createServer((accepted) =>
    accepted
      .on('error', () => undefined)
      .on('data', () => {
        hits += 1;
        accepted.write('ok');
      }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  await received(socket, 'connect');
  closing.push(
    () => socket.destroy(),
    () => server.close(),
  );
  const write = socket.write.bind(socket);
  add('a bound write', /a write to 127\.0\.0\.1/, () => write('x'), socket, 'data');

  const http2Server = http2.createServer((_request, response) => response.end('ok'));
  await new Promise<void>((resolve) => http2Server.listen(0, '127.0.0.1', resolve));
  const session = http2.connect(`http://127.0.0.1:${(http2Server.address() as AddressInfo).port}`);
  request = session.request.bind(session);
  closing.push(
    () => session.destroy(),
    () => http2Server.close(),
  );

  const udp = dgram.createSocket('udp4', () => {
    hits += 1;
  });
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  const client = dgram.createSocket('udp4');
  client.connect(udp.address().port, '127.0.0.1');
  await received(client, 'connect');
  const send = client.send.bind(client) as (text: string) => void;
  add('a bound datagram', /a UDP datagram/, () => send('x'), udp, 'message');
  closing.push(
    () => udp.close(),
    () => client.close(),
  );

  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads');
     const channel = new BroadcastChannel('work');
     parentPort.on('message', () => parentPort.postMessage('done'));
     workerData.on('message', () => workerData.postMessage('done'));
     channel.onmessage = () => parentPort.postMessage('done');
     parentPort.postMessage('up');`,
    ((port: MessageChannel) => {
      const end = port.port1 as unknown as NodeJS.EventEmitter;
      end.on('message', () => {
        hits += 1;
      });
      add('a port', /a message to a worker/, () => port.port1.postMessage(1), end, 'message');
      closing.push(() => port.port1.close());
      return { eval: true, workerData: port.port2, transferList: [port.port2 as never] };
    })(new MessageChannel()),
  );
  worker.on('message', () => {
    hits += 1;
  });
  await received(worker, 'message');
  const post = worker.postMessage.bind(worker);
  add('a worker', /a message to a worker/, () => post('x'), worker, 'message');
  const channel = new BroadcastChannel('work');
  add('a channel', /a message to the channel "work"/, () => channel.postMessage('x'), worker, 'message');
  closing.push(
    () => worker.terminate(),
    () => channel.close(),
  );

  const child = spawn(
    process.execPath,
    [
      '-e',
      `process.on('message', () => process.send('done')); process.stdin.on('data', () => process.send('done')); process.send('up')`,
    ],
    {
      stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
    },
  );
  child.on('message', () => {
    hits += 1;
  });
  await received(child, 'message');
  const tell = child.send.bind(child);
  add('a child process', /a message to a child process/, () => tell('x'), child, 'message');
  const input = child.stdin as net.Socket;
  const feed = input.write.bind(input);
  add('the input of a child process', /a write to a Unix socket or pipe/, () => feed('x'), child, 'message');
  const { fd } = (input as unknown as { readonly _handle: { readonly fd: number } })._handle;
  add('a descriptor', /a write to descriptor \d/, () => writeSync(fd, 'x'), child, 'message');
  closing.push(() => child.kill());

  inThread = async () => {
    const { port1, port2 } = new MessageChannel();
    const answer = received(port1 as never, 'message');
    port2.postMessage(1);
    await answer;
    port1.close();
  };
});

afterAll(() => {
  for (const close of closing) close();
});

async function recorded(
  name: string,
  node: () => Promise<unknown>,
): Promise<{ asking: AnyGraph; path: string; notes: string }> {
  const asking = graph('asking', { state: fields({ isDone: last(false) }) })
    .node('ask', async () => {
      await node();
      return { delta: { isDone: true } };
    })
    .start('ask')
    .build();
  const { run, path } = await recordRun(asking, {}, { runId: name.replaceAll(/\W/g, '-'), out: `${folder}/` });
  expect(run.status, name).toBe('done');
  return { asking, path, notes: run.notes.map(({ message }) => message).join('\n') };
}

const reportOf = async (asking: AnyGraph, path: string): Promise<ReplayReport> => (await replay(asking, path)).report;

describe('work for what was open before', () => {
  it('is refused and named, is noted when live, and harms nothing', async () => {
    for (const { name, refused, ask } of ways) {
      const { asking, path, notes } = await recorded(name, ask);
      // Below its door a datagram is not told from what the door let pass.
      if (name !== 'a bound datagram') expect(notes, name).toMatch(refused);
      const before = hits;
      const report = await reportOf(asking, path);
      expect(report, name).toMatchObject({ verdict: 'diverged', networkCalls: 0, unattributed: [] });
      expect(
        report.refused.map(({ what, node }) => [what, node]),
        name,
      ).toEqual([[expect.stringMatching(refused), 'ask']]);
      expect(hits, name).toBe(before);
      await ask();
      expect(hits, name).toBe(before + 1);
    }
  });

  it('through the input of a worker is refused as well', async () => {
    const worker = new Worker(`process.stdin.on('data', () => process.exit())`, { eval: true, stdin: true });
    const { asking, path } = await recorded('worker input', async () => undefined);
    const feeding = graph(asking.name, { state: fields({ isDone: last(false) }) })
      .node('ask', () => {
        worker.stdin?.write('x');
        return { delta: { isDone: true } };
      })
      .start('ask')
      .build();
    const report = await reportOf(feeding, path);
    expect(report.refused).toMatchObject([{ what: 'a write to a worker thread', node: 'ask' }]);
    await worker.terminate();
  });

  it('that the test gives is let alone while a node runs', async () => {
    for (const { name, ask } of ways) {
      let open = (): void => undefined;
      let gate: Promise<void> | undefined;
      const { asking, path } = await recorded(`beside ${name}`, async () => gate);
      gate = new Promise((resolve) => {
        open = resolve;
      });
      const replayed = reportOf(asking, path);
      await ask();
      open();
      expect(await replayed, name).toMatchObject({ verdict: 'same', refused: [], networkCalls: 0 });
    }
  });

  it('does not concern a pair of ports whose ends are both in the node', async () => {
    const { asking, path, notes } = await recorded('in thread', inThread);
    expect(notes).toBe('');
    expect(await reportOf(asking, path)).toMatchObject({ verdict: 'same', refused: [], unattributed: [] });
  });

  it('does not concern what a process sends to its parent', async () => {
    // Vitest runs tests in child processes, which tell their parent about each of them.
    const { asking, path, notes } = await recorded('to the parent', async () => {
      console.log('a node prints');
      process.send?.({ type: 'a node tells the parent' });
    });
    expect(notes).toBe('');
    expect(await reportOf(asking, path)).toMatchObject({ verdict: 'same', refused: [], unattributed: [] });
  });

  it('counts as left if it can be seen only on its way', async () => {
    const { asking, path } = await recorded('HTTP/2', async () =>
      received(request({ ':path': '/' }).resume().end(), 'end'),
    );
    const report = await reportOf(asking, path);
    expect(report).toMatchObject({ verdict: 'diverged', networkCalls: 1 });
    expect(report.refused).toMatchObject([{ what: 'a request over HTTP/2', node: 'ask' }]);
  });
});
