// What the listeners of a request, of its answer and of its signal do next is part of the run, whichever event they hear:
// live it is recorded with no note, and a replay gives it again and sends nothing.
import { Agent, createServer, get, request } from 'node:http';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createRawServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEngine, fields, graph, last, memoryStore } from '../../../src/index.ts';
import { httpEffects } from '../../../src/live/http/index.ts';
import { exportRunTo } from '../../../src/record/index.ts';
import { replay } from '../../../src/replay/index.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { findClosedPort } from './observing-client.ts';

const stopMs = 15;
let askedCount = 0;
const serve: Readonly<Record<string, (asked: IncomingMessage, answer: ServerResponse) => void>> = {
  '/slow': (_asked, answer) => void setTimeout(() => answer.end('slow'), 8 * stopMs),
  '/reset': (asked) => asked.socket.resetAndDestroy(),
  '/cut': (asked, answer) => {
    answer.writeHead(200, { 'content-length': 8 }).write('half', () => asked.socket.resetAndDestroy());
  },
};
const server = createServer((asked, answer) => {
  askedCount += 1;
  const served = serve[asked.url ?? ''] ?? (() => void answer.end('answer'));
  asked.resume().on('end', () => served(asked, answer));
});
const noHttp = createRawServer((socket) => {
  socket.on('error', () => undefined).on('data', () => socket.end('nothing of HTTP\r\n\r\n'));
});
let base = '';
let refused = '';
let broken = '';
beforeAll(async () => {
  const origins = [server, noHttp].map(async (one) => {
    await new Promise<void>((resolve) => void one.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(one.address() as AddressInfo).port}`;
  });
  [base, broken] = (await Promise.all(origins)) as [string, string];
  refused = `http://127.0.0.1:${await findClosedPort()}`;
});
afterAll(() => {
  server.closeAllConnections();
  for (const one of [server, noHttp]) one.close();
});

const quiet = (asked: ClientRequest): ClientRequest => asked.on('error', () => undefined);
const read = (message: IncomingMessage): IncomingMessage => message.resume().on('error', () => undefined);
const post = (): ClientRequest => request(base, { method: 'POST' }, read);
const stopped = (asked: ClientRequest, stop: (asked: ClientRequest) => void): ClientRequest => {
  setTimeout(() => stop(asked), stopMs);
  return asked;
};

/** Each asks for something, and calls `then` when its event comes. */
const events: Readonly<Record<string, (then: () => void) => void>> = {
  'error, refused': (then) => void get(refused).on('error', then),
  'error, refused, without an agent': (then) => void get(refused, { agent: false }).on('error', then),
  'error, no such name': (then) => void get('http://nothing.invalid').on('error', then),
  'error, reset': (then) => void get(`${base}/reset`).on('error', then),
  'error, no HTTP': (then) => void get(broken).on('error', then),
  'error, destroyed': (then) => void stopped(get(`${base}/slow`), (asked) => asked.destroy()).on('error', then),
  'error, aborted by a signal': (then) =>
    void get(`${base}/slow`, { signal: AbortSignal.timeout(stopMs) }).on('error', then),
  'error, over a kept connection': (then) => {
    const agent = new Agent({ keepAlive: true });
    const again = (): void => void get(`${base}/reset`, { agent }).on('error', then);
    get(base, { agent }, (message) => read(message).on('end', () => setTimeout(again, 1)));
  },
  'error, after it had waited for a connection': (then) => {
    const agent = new Agent({ maxSockets: 1 });
    get(base, { agent }, read);
    get(`${base}/reset`, { agent }).on('error', then);
  },
  'close, refused': (then) => void quiet(get(refused)).on('close', then),
  'close, reset': (then) => void quiet(get(`${base}/reset`)).on('close', then),
  'close, answered': (then) => void get(base, read).on('close', then),
  abort: (then) => void quiet(stopped(get(`${base}/slow`), (asked) => asked.abort())).on('abort', then),
  finish: (then) => void post().on('finish', then).end('asked'),
  'the callback of end()': (then) => void post().end('asked', then),
  'the callback of write()': (then) => {
    const asked = post();
    asked.write('asked', then);
    asked.end();
  },
  'timeout, by the option': (then) => {
    const asked = quiet(get(`${base}/slow`, { timeout: stopMs }));
    asked.on('timeout', () => {
      asked.destroy();
      then();
    });
  },
  'timeout, by setTimeout()': (then) => {
    const asked = quiet(get(`${base}/slow`));
    asked.setTimeout(stopMs, () => {
      asked.destroy();
      then();
    });
  },
  socket: (then) => void get(base, read).on('socket', then),
  response: (then) =>
    void get(base, (message) => {
      read(message);
      then();
    }),
  'data of the answer': (then) => void get(base, (message) => read(message).once('data', then)),
  'end of the answer': (then) => void get(base, (message) => read(message).on('end', then)),
  'close of the answer': (then) => void get(base, (message) => read(message).on('close', then)),
  'error of the answer': (then) => void quiet(get(`${base}/cut`, (message) => read(message).on('error', then))),
  'aborted of the answer': (then) => void quiet(get(`${base}/cut`, (message) => read(message).on('aborted', then))),
  'close of a broken answer': (then) => void quiet(get(`${base}/cut`, (message) => read(message).on('close', then))),
  'close of a destroyed answer': (then) =>
    void get(`${base}/cut`, (message) => {
      message.on('error', () => undefined).on('close', then);
      message.once('data', () => message.destroy());
    }),
  'a signal, with an open fetch': (then) => {
    const signal = AbortSignal.timeout(stopMs);
    fetch(`${base}/slow`, { signal }).catch(() => undefined);
    signal.addEventListener('abort', then);
  },
  'a signal of several, with an open fetch': (then) => {
    const signal = AbortSignal.any([AbortSignal.timeout(stopMs), new AbortController().signal]);
    fetch(`${base}/slow`, { signal }).catch(() => undefined);
    signal.onabort = then;
  },
  'a signal, with an open request': (then) => {
    const signal = AbortSignal.timeout(stopMs);
    quiet(get(`${base}/slow`, { signal }));
    signal.addEventListener('abort', then);
  },
  'a signal that nobody else has': (then) => {
    quiet(get(`${base}/slow`));
    AbortSignal.timeout(stopMs).addEventListener('abort', then);
  },
};

/** What the listener does next. The delay is that of the limits above: each timer is told apart from theirs. */
async function next(): Promise<readonly (number | string)[]> {
  const first = Math.random();
  const answer = await fetch(`${base}/next`);
  const body = await answer.text();
  await new Promise((resolve) => setTimeout(resolve, stopMs));
  return [first, body, Math.random()];
}

it.each(Object.keys(events))('what a listener does next is recorded and replayed: %s', async (event) => {
  const hearing = graph('hearing', { state: fields({ said: last<readonly (number | string)[]>([]) }) })
    .node('listen', async () => {
      const said = await new Promise<readonly (number | string)[]>((resolve, reject) => {
        events[event]?.(() => void next().then(resolve, reject));
      });
      return { delta: { said } };
    })
    .start('listen')
    .build();
  const store = memoryStore();
  await using engine = createEngine(hearing, { store, effects: [httpEffects()] });
  const live = await engine.run({}, { runId: 'hearing' });
  expect(live.status).toBe('done');
  // A request may still be under way when its listener has what it wants.
  expect(live.notes.filter(({ kind }) => kind !== 'left-open')).toEqual([]);
  const path = await exportRunTo(store, 'hearing', `${temporaryFolder()}/hearing.run.jsonl`);
  const askedLive = askedCount;
  const { run, report } = await replay(hearing, path);
  expect(report.divergences).toEqual([]);
  expect(run.state).toEqual(live.state);
  expect(askedCount).toBe(askedLive);
});
