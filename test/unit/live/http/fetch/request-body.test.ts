import { describe, expect, it } from 'vitest';
import { requestBytesMax } from '../../../../../src/live/http/options/request-messages.ts';
import { gatherBody, restOfBody } from '../../../../../src/live/http/fetch/request-body.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const never = new AbortController().signal;

function streamOf(parts: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
}

describe('the body of a request', () => {
  it('is gathered', async () => {
    const body = await gatherBody(streamOf([bytes('he'), bytes('llo')]), never);
    expect(body).toEqual({ kind: 'whole', bytes: bytes('hello') });
  });

  it('over the limit is not gathered any further, and loses nothing', async () => {
    const large = new Uint8Array(requestBytesMax);
    const body = await gatherBody(streamOf([large, bytes('a'), bytes('b')]), never);
    if (body.kind === 'whole') throw new Error('it was gathered');
    const lengths: number[] = [];
    for await (const part of restOfBody(body)) lengths.push(part.byteLength);
    expect(lengths).toEqual([requestBytesMax, 1, 1]);
  });

  it('that has not ended when patience is over loses nothing either', async () => {
    let push: ReadableStreamDefaultController<Uint8Array> | undefined;
    const source = new ReadableStream<Uint8Array>({
      start(controller) {
        push = controller;
        controller.enqueue(bytes('a'));
      },
    });
    const body = await gatherBody(source, never, new Promise((resolve) => setImmediate(resolve, undefined)));
    if (body.kind !== 'unfinished') throw new Error('it ended');
    push?.enqueue(bytes('b'));
    push?.close();
    const parts: string[] = [];
    for await (const part of restOfBody(body)) parts.push(new TextDecoder().decode(part));
    expect(parts).toEqual(['a', 'b']);
  });

  it('is cancelled when the caller aborts', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const cancelled: unknown[] = [];
    const source = new ReadableStream<Uint8Array>({ cancel: (given) => void cancelled.push(given) });
    const body = gatherBody(source, stop.signal);
    stop.abort(reason);
    await expect(body).rejects.toBe(reason);
    expect(cancelled).toEqual([reason]);
  });

  it('is given on without its empty parts', async () => {
    const parts: Uint8Array[] = [];
    for await (const part of restOfBody({ gathered: [bytes(''), bytes('a')] })) parts.push(part);
    expect(parts).toEqual([bytes('a')]);
  });
});
