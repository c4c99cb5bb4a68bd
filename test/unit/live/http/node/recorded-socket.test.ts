import { get, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { RecordedSocket } from '../../../../../src/live/http/node/recorded-socket.ts';
import type { RecordedAnswer, RecordedHead } from '../../../../../src/live/http/answer/recorded-answer.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const head: RecordedHead = {
  status: 200,
  statusText: 'Fine',
  headers: [['content-type', 'text/plain']],
  interim: [],
  isPartial: true,
  url: undefined,
  redirected: false,
  type: 'basic',
  encoding: '',
  isDecoded: false,
};
const answer: RecordedAnswer = {
  head,
  parts: [bytes('he'), bytes('llo')],
  end: { kind: 'complete', trailers: [['x-sum', '5']] },
};

interface Played {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly parts: readonly string[];
  readonly isComplete: boolean;
  /** What the request emits, like one whose connection was lost. */
  readonly errors: readonly Error[];
}

/** The answer as node:http reads it from the socket. */
function played(given: RecordedAnswer, method = 'GET'): Promise<Played> {
  const socket = new RecordedSocket(given, method);
  const errors: Error[] = [];
  return new Promise((resolve) => {
    const sent = request({ method, createConnection: () => socket }, (message) => {
      const parts: string[] = [];
      message.on('data', (part: Buffer) => parts.push(part.toString()));
      message.on('error', () => undefined);
      message.once('close', () => {
        const { statusCode: status, headers, complete: isComplete } = message;
        resolve({ status, headers, parts, isComplete, errors });
      });
    });
    sent.on('error', (error) => errors.push(error));
    sent.end();
  });
}

describe('a recorded socket', () => {
  it('plays the answer, each part by itself', async () => {
    expect(await played(answer)).toEqual({
      status: 200,
      headers: { 'content-type': 'text/plain', connection: 'close', 'transfer-encoding': 'chunked' },
      parts: ['he', 'llo'],
      isComplete: true,
      errors: [],
    });
  });

  it('plays no body where there can be none', async () => {
    expect(await played(answer, 'HEAD')).toMatchObject({ parts: [], isComplete: true });
    expect(await played({ ...answer, head: { ...head, status: 204 } })).toMatchObject({
      status: 204,
      parts: [],
      isComplete: true,
    });
  });

  it('breaks off with the recorded error', async () => {
    const error = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    expect(await played({ ...answer, end: { kind: 'broken', error } })).toMatchObject({
      parts: ['he', 'llo'],
      isComplete: false,
      errors: [error],
    });
  });

  it('says nothing before it was asked', async () => {
    const socket = new RecordedSocket(answer, 'GET');
    const heard: unknown[] = [];
    socket.on('data', (part) => heard.push(part));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(heard).toEqual([]);
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await new Promise((resolve) => socket.once('end', resolve));
    expect(heard).toHaveLength(4);
  });

  it('plays nothing more once the node has stopped reading', async () => {
    const socket = new RecordedSocket(answer, 'GET');
    const message = await new Promise<IncomingMessage>((resolve) => get({ createConnection: () => socket }, resolve));
    message.destroy();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(message.complete).toBe(false);
  });
});
