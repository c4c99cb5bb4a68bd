import { ServerResponse } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { EventStreamSource } from '../../../../src/live/sse/event-stream.ts';
import { eventStreamResponse } from '../../../../src/live/sse/event-stream-response.ts';
import { lastEventId } from '../../../../src/live/sse/last-event-id.ts';
import { sendEventStream } from '../../../../src/live/sse/send-event-stream.ts';

interface Item {
  readonly kind: string;
  readonly cursor: string;
  readonly text?: string;
}

function source(items: () => AsyncGenerator<Item>, hasEnded = false): EventStreamSource<Item> {
  return { hasEnded, [Symbol.asyncIterator]: items };
}

async function* two(): AsyncGenerator<Item> {
  yield { kind: 'chunk', cursor: 'a', text: 'one\ntwo' };
  yield { kind: 'done', cursor: 'b' };
}
const twoTexts =
  'id: a\ndata: {"kind":"chunk","cursor":"a","text":"one\\ntwo"}\n\nid: b\ndata: {"kind":"done","cursor":"b"}\n\n';

const coded = (code: string): Error => Object.assign(new Error('at /srv/app/runs.db'), { code });

describe('a web response', () => {
  it('has one event for each item, with its cursor as the id', async () => {
    const response = eventStreamResponse(source(two), { headers: { 'x-mine': '1' } });
    expect(await response.text()).toBe(twoTexts);
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-mine': '1',
    });
  });

  it('tells a browser that comes back after the end to stop', () => {
    expect(eventStreamResponse(source(two, true)).status).toBe(204);
  });

  it('comments while nothing comes', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow = async function* (): AsyncGenerator<Item> {
      await promise;
      yield* two();
    };
    const reader = eventStreamResponse(source(slow), { keepAliveMs: 5 }).body?.getReader();
    const read = async (): Promise<string> => new TextDecoder().decode((await reader?.read())?.value);
    expect(await read()).toBe(': waiting\n\n');
    resolve();
    let text = await read();
    while (text.startsWith(':')) text = await read();
    expect(twoTexts.startsWith(text)).toBe(true);
    await reader?.cancel();
  });

  it.each([
    [coded('run-unknown'), 'id: a.rest\n', '{"kind":"error","code":"run-unknown","message":"there is no such run"}'],
    [coded('store-locked'), '', '{"kind":"error","code":"store-locked","message":"the stream has failed"}'],
    [new Error('odd'), 'id: a.rest\n', '{"kind":"error","code":"node-failed","message":"the stream has failed"}'],
  ])('ends with the code of what its reader threw, and no word of it: %s', async (error, id, data) => {
    const failing = async function* (): AsyncGenerator<Item> {
      yield { kind: 'chunk', cursor: 'a' };
      throw error;
    };
    expect(await eventStreamResponse(source(failing)).text()).toBe(
      `id: a\ndata: {"kind":"chunk","cursor":"a"}\n\n${id}data: ${data}\n\n`,
    );
  });

  it.each(['paused', 'failed', 'interrupted', 'done'])(
    'has the status of a %s run, and nothing else of it',
    async (status) => {
      const error = Object.assign(new Error('at /srv/app'), { code: 'node-failed', fields: { path: '/srv/app' } });
      const run = { id: 'r', status, steps: 2, state: { secret: 1 }, notes: [], error, questions: [{ key: 'q' }] };
      const ending = async function* (): AsyncGenerator<Item> {
        yield { kind: 'node-done', cursor: 'a', delta: { secret: 1 } } as Item;
        yield { kind: 'done', cursor: 'b', run } as Item;
      };
      const sent = { id: 'r', status, steps: 2, questions: [{ key: 'q' }], error: { code: 'node-failed' } };
      const mark = status === 'paused' || status === 'failed' ? '.rest' : '';
      expect(await eventStreamResponse(source(ending)).text()).toBe(
        `id: b${mark}\ndata: ${JSON.stringify({ kind: 'done', cursor: 'b', run: sent })}\n\n`,
      );
    },
  );

  it('sends what is selected, and the last id in any case', async () => {
    const select = ({ kind, text }: Item): object | undefined => (kind === 'chunk' ? { text } : undefined);
    expect(await eventStreamResponse(source(two), { select }).text()).toBe(
      'id: a\ndata: {"text":"one\\ntwo"}\n\nid: b\n\n',
    );
  });

  it('is a 400 where the cursor is refused, and says no more than its code', async () => {
    const refused = { ...source(two, true), refused: coded('cursor-invalid') };
    const response = eventStreamResponse(refused);
    expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/json']);
    expect(await response.json()).toEqual({
      kind: 'error',
      code: 'cursor-invalid',
      message: 'this is no place in the stream of this run',
    });
  });

  it('ends its reader when the browser disconnects', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const watched = async function* (): AsyncGenerator<Item> {
      try {
        yield* two();
      } finally {
        resolve();
      }
    };
    const reader = eventStreamResponse(source(watched)).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await promise;
  });
});

describe('an answer of node:http', () => {
  const responseTo = (): { readonly response: ServerResponse; readonly sent: () => string } => {
    const written: Buffer[] = [];
    const socket = new Writable({
      write(chunk: Buffer, _encoding, done) {
        written.push(Buffer.from(chunk));
        done();
      },
    });
    const request = { method: 'GET', httpVersionMajor: 1, httpVersionMinor: 1, headers: {} };
    const response = new ServerResponse(request as IncomingMessage);
    response.assignSocket(socket as never);
    return { response, sent: () => Buffer.concat(written).toString() };
  };

  it('sends the same events', async () => {
    const { response, sent } = responseTo();
    await sendEventStream(source(two), response);
    expect(response.statusCode).toBe(200);
    expect(unchunked(sent())).toBe(twoTexts);
  });

  it('closes its connection, so that a reader who comes back reaches a server that is still there', async () => {
    const { response, sent } = responseTo();
    await sendEventStream(source(two), response);
    expect(sent()).toMatch(/^connection: close\r$/im);
  });

  it('is a 400 where the cursor is refused', async () => {
    const { response, sent } = responseTo();
    await sendEventStream({ ...source(two), refused: coded('cursor-invalid') }, response);
    expect(sent()).toMatch(/^HTTP\/1\.1 400 [\s\S]*"code":"cursor-invalid"/);
  });

  it('is a 204 after the end', async () => {
    const { response, sent } = responseTo();
    await sendEventStream(source(two, true), response);
    expect(sent()).toContain('204 No Content');
  });

  it('ends its reader when the connection closes', async () => {
    const { response } = responseTo();
    const { promise, resolve } = Promise.withResolvers<void>();
    const endless = async function* (): AsyncGenerator<Item> {
      try {
        for (;;) {
          yield { kind: 'chunk', cursor: 'a' };
          await new Promise((next) => setImmediate(next));
        }
      } finally {
        resolve();
      }
    };
    const sent = sendEventStream(source(endless), response);
    setImmediate(() => response.emit('close'));
    await sent;
    await promise;
  });
});

/** The body of an answer, without the lengths of its chunks. */
function unchunked(sent: string): string {
  const body = sent.slice(sent.indexOf('\r\n\r\n') + 4);
  return body.replaceAll(/[\da-f]+\r\n([\s\S]*?)\r\n/g, '$1');
}

describe('the last event id', () => {
  const nodeRequest = (headers: object): IncomingMessage => ({ headers }) as IncomingMessage;

  it('is the cursor that a browser comes back with', () => {
    expect(lastEventId(new Request('http://a.test', { headers: { 'Last-Event-ID': 'a' } }))).toBe('a');
    expect(lastEventId(nodeRequest({ 'last-event-id': 'a' }))).toBe('a');
  });

  it('is undefined on the first connection', () => {
    expect(lastEventId(new Request('http://a.test'))).toBeUndefined();
    expect(lastEventId(nodeRequest({}))).toBeUndefined();
    expect(lastEventId(nodeRequest({ 'last-event-id': '' }))).toBeUndefined();
  });
});
