import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpEffects } from '../../src/live/http/index.ts';
import { currentAttempt } from '../../src/port/attempt.ts';
import { LoopbackServer, bodyOf, pause } from '../support/loopback-server.ts';
import type { Handler } from '../support/loopback-server.ts';
import { RecordedAttempt, testEngine } from '../support/recorded-attempt.ts';
import type { AttemptAnswers } from '../support/recorded-attempt.ts';

const nativeFetch = globalThis.fetch;
/** The original, without Reprise. */
const bareFetch: typeof fetch = (...given) => currentAttempt.exit(() => nativeFetch(...given));
let uninstall: () => void;
beforeEach(() => {
  uninstall = httpEffects().install(testEngine);
});
afterEach(() => uninstall());

async function exchange<Result>(
  handler: Handler,
  node: (url: string) => Promise<Result>,
  answers: AttemptAnswers = {},
): Promise<{ result: Result; attempt: RecordedAttempt }> {
  await using server = await LoopbackServer.start(handler);
  const attempt = new RecordedAttempt(answers);
  return { result: await attempt.run(() => node(server.url)), attempt };
}

const hello: Handler = (_request, response) => {
  response.writeHead(200, 'Fine', {
    'content-type': 'text/plain',
    'x-ratelimit-remaining': '3',
    date: 'now',
    'set-cookie': ['a=1', 'b=2'],
  });
  response.write('hel');
  // Long enough for the parts to arrive one by one on a busy machine.
  setTimeout(() => response.end('lo'), 50);
};

describe('fetch inside a node', () => {
  it('records the request, the answer and the parts in which it arrived', async () => {
    const { result, attempt } = await exchange(hello, async (url) => {
      const response = await fetch(`${url}/a?key=abc&b=1`, { headers: { authorization: 'Bearer abc' } });
      return { response, text: await response.text() };
    });
    expect(result.text).toBe('hello');
    expect(attempt.exchanges[0]?.request).toEqual({
      method: 'GET',
      origin: 'loopback',
      path: '/a',
      query: [
        ['b', '1'],
        ['key', '[redacted:api-key]'],
      ],
    });
    expect(attempt.outcome()).toEqual({
      status: 200,
      headers: { 'content-type': 'text/plain', 'x-ratelimit-remaining': '3' },
      body: 'hello',
      ended: 'complete',
    });
    expect(attempt.exchanges[0]?.facts?.parts).toEqual([3, 2]);
  });

  it('returns a response that is indistinguishable from a native one', async () => {
    const { result } = await exchange(hello, async (url) => ({
      ours: await fetch(`${url}/x`),
      bare: await bareFetch(`${url}/x`),
      url,
    }));
    const { ours, bare, url } = result;
    for (const name of ['url', 'redirected', 'type', 'status', 'statusText', 'ok', 'bodyUsed'] as const) {
      expect(ours[name]).toBe(bare[name]);
    }
    expect(ours.url).toBe(`${url}/x`);
    expect(ours).toBeInstanceOf(Response);
    expect(ours.constructor).toBe(Response);
    expect([...ours.headers].filter(([name]) => name !== 'date')).toEqual(
      [...bare.headers].filter(([name]) => name !== 'date'),
    );
    expect(() => ours.headers.set('a', 'b')).toThrow('immutable');
  });

  it.each([
    ['text', async (response: Response) => response.text(), '{"a":1}'],
    ['json', async (response: Response) => response.json(), { a: 1 }],
    ['arrayBuffer', async (response: Response) => Buffer.from(await response.arrayBuffer()).toString(), '{"a":1}'],
    ['bytes', async (response: Response) => Buffer.from(await response.bytes()).toString(), '{"a":1}'],
    [
      'clone',
      async (response: Response) => [
        await response.clone().json(),
        response.clone().url === response.url,
        await response.text(),
      ],
      [{ a: 1 }, true, '{"a":1}'],
    ],
    ['byte stream', readWithBuffer, '{"a":1}'],
    ['async iteration', async (response: Response) => Buffer.concat(await partsOf(response)).toString(), '{"a":1}'],
  ])('reads a body by %s', async (_name, read, expected) => {
    const { result, attempt } = await exchange(
      (_request, response) => response.setHeader('content-type', 'application/json').end('{"a":1}'),
      async (url) => read(await fetch(url)),
    );
    expect(result).toEqual(expected);
    expect(attempt.outcome()).toMatchObject({ body: '{"a":1}', ended: 'complete' });
  });

  it.each([
    ['reads the clone alone', async (_own: Response, clone: Response) => void (await clone.text()), 'complete'],
    ['reads the other alone', async (own: Response) => void (await own.text()), 'complete'],
    [
      'reads one by part and cancels the other',
      async (own: Response, clone: Response) => {
        void clone.body?.cancel();
        await partsOf(own);
      },
      'complete',
    ],
    [
      'clones the clone',
      async (own: Response, clone: Response) =>
        void (await Promise.all([clone.clone().text(), clone.text(), own.text()])),
      'complete',
    ],
    [
      'cancels both',
      async (own: Response, clone: Response) => void (await Promise.all([own.body?.cancel(), clone.body?.cancel()])),
      'cancelled',
    ],
  ])('records a body once where its node %s', async (_name, read, ended) => {
    const { attempt } = await exchange(
      async (_request, response) => {
        for (const part of ['one ', 'two ', 'three']) {
          response.write(part);
          await pause(5);
        }
        response.end();
      },
      async (url) => {
        const own = await fetch(url);
        await read(own, own.clone());
      },
    );
    expect(attempt.outcome()).toMatchObject({ body: ended === 'complete' ? 'one two three' : '', ended });
  });

  it('reads a body as blob and as form data', async () => {
    const { result, attempt } = await exchange(
      (_request, response) => response.setHeader('content-type', 'application/x-www-form-urlencoded').end('a=1&b=2'),
      async (url) => {
        const response = await fetch(url);
        const blob = await response.clone().blob();
        return { type: blob.type, text: await blob.text(), form: [...(await response.formData())] };
      },
    );
    expect(result).toEqual({
      type: 'application/x-www-form-urlencoded',
      text: 'a=1&b=2',
      form: [
        ['a', '1'],
        ['b', '2'],
      ],
    });
    expect(attempt.outcome()).toMatchObject({ body: 'a=1&b=2', ended: 'complete' });
  });

  it('records a redirected request as one exchange', async () => {
    const { result, attempt } = await exchange(
      (request, response) =>
        request.url === '/b' ? response.end('there') : response.writeHead(302, { location: '/b' }).end(),
      async (url) => {
        const response = await fetch(`${url}/a`);
        return { redirected: response.redirected, url: response.url.slice(url.length), text: await response.text() };
      },
    );
    expect(result).toEqual({ redirected: true, url: '/b', text: 'there' });
    expect(attempt.exchanges).toHaveLength(1);
    expect(attempt.exchanges[0]?.request.path).toBe('/a');
    expect(attempt.outcome()).toMatchObject({ status: 200, body: 'there' });
  });

  it('records the decoded text of a compressed body, and answers without compression', async () => {
    const { attempt, result } = await exchange(
      (request, response) =>
        request.url === '/empty'
          ? response.writeHead(204).end()
          : response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('unpacked')),
      async (url) => [
        await (await fetch(url)).text(),
        (await fetch(`${url}/empty`)).body,
        (await fetch(url, { method: 'HEAD' })).body,
      ],
    );
    expect(result).toEqual(['unpacked', null, null]);
    expect(attempt.outcome(0)).toEqual({ status: 200, headers: {}, body: 'unpacked', ended: 'complete' });
    expect(attempt.outcome(1)).toEqual({ status: 204, headers: {}, body: '', ended: 'complete' });
    expect(attempt.outcome(2)).toEqual({ status: 200, headers: {}, body: '', ended: 'complete' });
  });

  it('keeps bytes that are not text as bytes', async () => {
    const bytes = new Uint8Array([0xff, 0, 1]);
    const { attempt } = await exchange(
      (_request, response) => response.end(bytes),
      async (url) => (await fetch(url)).arrayBuffer(),
    );
    expect(attempt.outcome().body).toEqual(bytes);
  });

  it('records a body that breaks off, with the error that the node sees', async () => {
    const { result, attempt } = await exchange(
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('half');
        setTimeout(() => response.destroy(), 20);
      },
      async (url) => {
        const response = await fetch(url);
        const error = (await response.text().catch((thrown: unknown) => thrown)) as Error;
        return { error };
      },
    );
    expect(result.error).toBeInstanceOf(TypeError);
    expect(result.error.message).toBe('terminated');
    expect(attempt.outcome()).toMatchObject({
      status: 200,
      body: 'half',
      ended: 'broken',
      error: { message: 'terminated' },
    });
    expect(((attempt.outcome().error as Error).cause as { code: string }).code).toBe('UND_ERR_SOCKET');
  });

  it('records that no answer came', async () => {
    const { result, attempt } = await exchange(
      (request) => request.socket.destroy(),
      async (url) => fetch(url).catch((thrown: unknown) => thrown),
    );
    expect(result).toBeInstanceOf(TypeError);
    const { failed } = attempt.outcome();
    expect(failed).toMatchObject({ message: 'fetch failed', cause: { code: 'UND_ERR_SOCKET' } });
    expect((failed as TypeError).cause).not.toHaveProperty('socket');
  });

  it('records what was read before a cancel, and `cancel` settles', async () => {
    const { attempt } = await exchange(
      (_request, response) => {
        response.write('first');
      },
      async (url) => {
        const reader = (await fetch(url)).body?.getReader();
        const part = await reader?.read();
        expect(Buffer.from(part?.value ?? []).toString()).toBe('first');
        await reader?.cancel('enough');
      },
    );
    expect(attempt.outcome()).toMatchObject({ body: 'first', ended: 'cancelled' });
  });

  it('rejects with the reason of an abort: before, during and after the answer', async () => {
    const reason = new Error('changed my mind');
    const { attempt } = await exchange(
      (request, response) => {
        if (request.url === '/body') response.write('first');
      },
      async (url) => {
        await expect(fetch(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
        const before = new AbortController();
        const waiting = fetch(url, { signal: before.signal });
        setTimeout(() => before.abort(reason), 20);
        await expect(waiting).rejects.toBe(reason);
        const after = new AbortController();
        const response = await fetch(new Request(`${url}/body`, { signal: after.signal }));
        const reader = (response.body as ReadableStream<Uint8Array>).getReader();
        await reader.read();
        const closed = expect(reader.closed).rejects.toBe(reason);
        after.abort(reason);
        await closed;
        await expect(reader.read()).rejects.toBe(reason);
      },
    );
    expect(attempt.exchanges).toHaveLength(2);
    expect(attempt.outcome(0)).toEqual({ ended: 'cancelled' });
    expect(attempt.outcome(1)).toMatchObject({ body: 'first', ended: 'cancelled' });
  });

  it('stops unread bodies when the attempt is over, and refuses later requests', async () => {
    const gone = Promise.withResolvers<void>();
    await exchange(
      (request, response) => {
        response.on('close', gone.resolve);
        if (request.url === '/body') response.write('first');
      },
      async (url) => {
        const attempt = new RecordedAttempt();
        const response = await attempt.run(() => fetch(`${url}/body`));
        const pending = attempt.run(() => fetch(`${url}/never`));
        const rejected = expect(pending).rejects.toThrow('over');
        await new Promise((resolve) => setTimeout(resolve, 20));
        attempt.abort(new Error('it is over'));
        await rejected;
        await gone.promise;
        expect(attempt.outcome(0)).toMatchObject({ status: 200, body: '', ended: 'cancelled' });
        expect(attempt.outcome(1)).toEqual({ ended: 'cancelled' });
        // The fetch of Node 22 does not say why.
        await expect(response.text()).rejects.toThrow(/it is over|The operation was aborted/);
        await expect(attempt.run(() => fetch(`${url}/later`))).rejects.toThrow(`refused: GET ${url}/later`);
      },
    );
  });
});

describe('a call of fetch', () => {
  const echo: Handler = async (request, response) => {
    const body = await bodyOf(request);
    const {
      'content-length': length,
      'transfer-encoding': coding,
      'content-type': type,
      'x-own': own,
    } = request.headers;
    response.end(JSON.stringify({ method: request.method, length, coding, type, own, body: body.toString() }));
  };
  async function* words(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('one ');
    yield Buffer.from('two');
  }
  const form = (): FormData => {
    const given = new FormData();
    given.append('a', '1');
    given.append('file', new File(['content'], 'a.txt', { type: 'text/plain' }));
    return given;
  };
  it.each<[string, (url: string) => Parameters<typeof fetch>, unknown]>([
    ['a text', (url) => [url, { method: 'POST', body: 'text' }], 'text'],
    [
      'JSON',
      (url) => [url, { method: 'PUT', body: '{"b":1,"a":2}', headers: { 'content-type': 'application/json' } }],
      { json: { a: 2, b: 1 } },
    ],
    ['bytes', (url) => [new URL(url), { method: 'POST', body: new Uint8Array([1, 255]) }], new Uint8Array([1, 255])],
    [
      'parameters',
      (url) => [url, { method: 'POST', body: new URLSearchParams({ b: '1', a: '2' }) }],
      {
        form: [
          ['a', '2'],
          ['b', '1'],
        ],
      },
    ],
    ['a Blob', (url) => [url, { method: 'POST', body: new Blob(['blob']) }], 'blob'],
    ['an empty body', (url) => [url, { method: 'POST', body: '' }], undefined],
    ['a stream', (url) => [url, { method: 'POST', body: streamOf(words()), duplex: 'half' } as RequestInit], 'one two'],
    [
      'a generator',
      (url) => [url, { method: 'POST', body: words(), duplex: 'half' } as unknown as RequestInit],
      'one two',
    ],
    [
      'a Request',
      (url) => [new Request(url, { method: 'POST', body: 'inside', headers: { 'x-own': 'mine' } })],
      'inside',
    ],
    [
      'a Request and what overrides it',
      (url) => [new Request(url, { method: 'POST', body: 'inside' }), { body: 'over', headers: { 'x-own': 'mine' } }],
      'over',
    ],
    [
      'form data',
      (url) => [url, { method: 'POST', body: form() }],
      {
        multipart: [
          { name: 'a', body: '1' },
          { name: 'file', filename: 'a.txt', type: 'text/plain', body: 'content' },
        ],
      },
    ],
  ])('sends %s as it would be sent without interception, and records it', async (_what, call, identity) => {
    const { result, attempt } = await exchange(echo, async (url) => ({
      ours: (await (await fetch(...call(url))).json()) as Record<string, string>,
      bare: (await (await bareFetch(...call(url))).json()) as Record<string, string>,
    }));
    const unbounded = (seen: Record<string, string>): unknown =>
      JSON.parse(JSON.stringify(seen).replaceAll(/-{2,}form[\w-]*\d+/g, 'BOUNDARY'));
    expect(unbounded(result.ours)).toEqual(unbounded(result.bare));
    expect(attempt.exchanges[0]?.request.body).toEqual(identity);
  });

  it('reports a wrong call in the words of fetch', async () => {
    const attempt = new RecordedAttempt();
    const failing: [() => Promise<Response>, () => Promise<Response>][] = [
      [() => fetch('/relative'), () => bareFetch('/relative')],
      [
        () => fetch('http://127.0.0.1', { method: 'GET', body: 'x' }),
        () => bareFetch('http://127.0.0.1', { method: 'GET', body: 'x' }),
      ],
    ];
    for (const [ours, bare] of failing) {
      const [mine, theirs] = await Promise.all([
        attempt.run(ours).catch((e: unknown) => e),
        bare().catch((e: unknown) => e),
      ]);
      expect((mine as Error).message).toBe((theirs as Error).message);
      expect((mine as Error).name).toBe((theirs as Error).name);
    }
    expect(await attempt.run(async () => (await fetch('data:text/plain,local')).text())).toBe('local');
    expect(attempt.exchanges).toEqual([]);
  });
});

describe('fetch that is not sent', () => {
  const never: Handler = (_request, response) => response.writeHead(500).end('reached the server');
  it('is answered from the journal, in the parts in which it arrived', async () => {
    const value = {
      status: 429,
      headers: { 'content-type': 'text/plain', 'retry-after': '1' },
      body: 'äbc',
      ended: 'complete',
    };
    const { result, attempt } = await exchange(
      never,
      async (url) => {
        const response = await fetch(`${url}/x`);
        const parts = (await partsOf(response)).map((part) => part.byteLength);
        return {
          url: response.url.slice(url.length),
          status: response.status,
          text: response.statusText,
          after: response.headers.get('retry-after'),
          parts,
        };
      },
      { answer: () => ({ kind: 'answered', outcome: { kind: 'value', value }, facts: { parts: [1, 3] } }) },
    );
    expect(result).toEqual({ url: '/x', status: 429, text: 'Too Many Requests', after: '1', parts: [1, 3] });
    expect(attempt.exchanges[0]?.outcome).toBeUndefined();
  });

  it('breaks off where the recorded body broke off', async () => {
    const error = new TypeError('terminated', {
      cause: Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }),
    });
    const value = { status: 200, headers: {}, body: 'half', ended: 'broken', error };
    const { result } = await exchange(
      never,
      async (url) => {
        const reader = ((await fetch(url)).body as ReadableStream<Uint8Array>).getReader();
        const first = await reader.read();
        return [Buffer.from(first.value ?? []).toString(), await reader.read().catch((thrown: unknown) => thrown)];
      },
      { answer: () => ({ kind: 'answered', outcome: { kind: 'value', value } }) },
    );
    expect(result[0]).toBe('half');
    expect(result[1]).toEqual(error);
    expect(result[1]).toBeInstanceOf(TypeError);
  });

  it('fails as recorded, is refused, or waits for an abort', async () => {
    const error = Object.freeze(new TypeError('fetch failed'));
    const failed: AttemptAnswers = { answer: () => ({ kind: 'answered', outcome: { kind: 'error', error } }) };
    await exchange(never, async (url) => expect(fetch(url)).rejects.toEqual(error), failed);
    const refusal = new Error('not here');
    await exchange(never, async (url) => expect(fetch(url)).rejects.toBe(refusal), {
      answer: () => ({ kind: 'refused', error: refusal }),
    });
    const silent: AttemptAnswers = { answer: () => ({ kind: 'silent' }) };
    await exchange(
      never,
      async (url) => expect(fetch(url, { signal: AbortSignal.timeout(20) })).rejects.toThrow('timeout'),
      silent,
    );
  });

  it('waits until everything before it is durable', async () => {
    const ready = Promise.withResolvers<undefined>();
    let arrived = 0;
    const { result } = await exchange(
      (_request, response) => {
        arrived = performance.now();
        response.end('x');
      },
      async (url) => {
        const response = fetch(url);
        await new Promise((resolve) => setTimeout(resolve, 30));
        expect(arrived).toBe(0);
        ready.resolve(undefined);
        return (await response).text();
      },
      { ready: ready.promise },
    );
    expect(result).toBe('x');
  });
});

async function readWithBuffer(response: Response): Promise<string> {
  const reader = (response.body as ReadableStream<Uint8Array<ArrayBuffer>>).getReader({ mode: 'byob' });
  let text = '';
  for (let buffer = new Uint8Array(3); ; buffer = new Uint8Array(3)) {
    const part = await reader.read(buffer);
    text += Buffer.from(part.value ?? []).toString();
    if (part.done) return text;
  }
}

async function partsOf(response: Response): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) parts.push(part);
  return parts;
}

function streamOf(parts: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}
