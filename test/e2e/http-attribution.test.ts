// Which attempt an exchange belongs to, and which exchanges are left alone.
import http, { Agent, ClientRequest, get } from 'node:http';
import https from 'node:https';
import { afterEach, describe, expect, it } from 'vitest';
import { httpEffects } from '../../src/live/http/index.ts';
import { currentAttempt } from '../../src/port/attempt.ts';
import type { CurrentAttempt } from '../../src/port/attempt.ts';
import { LoopbackServer, bodyOf } from '../support/loopback-server.ts';
import type { Handler } from '../support/loopback-server.ts';
import { requestRules } from '../../src/journal/http/request-rules.ts';
import { RecordedAttempt, testEngine } from '../support/recorded-attempt.ts';

const undo: (() => void)[] = [];
const install = (...given: Parameters<typeof httpEffects>): (() => void) => {
  const uninstall = httpEffects(...given).install(testEngine);
  undo.push(uninstall);
  return uninstall;
};
afterEach(() => {
  for (const uninstall of undo.splice(0)) uninstall();
});

const echo: Handler = async (request, response) => {
  await bodyOf(request);
  setTimeout(() => response.end(request.url), Math.random() * 20);
};
const keepAlive = new Agent({ keepAlive: true, maxSockets: 3 });
const textByNodeHttp = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const request = get(url, { agent: keepAlive }, async (message) => {
      // This still belongs to the attempt, so requests made here are its own.
      expect(currentAttempt.getStore()?.isPerforming).toBe(false);
      resolve((await bodyOf(message)).toString());
    });
    request.on('error', reject);
  });
const textByFetch = async (url: string): Promise<string> => (await fetch(url)).text();

describe('an exchange belongs to the attempt that makes it', () => {
  it('with twelve at once over three kept-alive connections, and the follow-up request of each', async () => {
    install();
    await using server = await LoopbackServer.start(echo);
    const attempts = await Promise.all(
      Array.from({ length: 12 }, async (_unused, index) => {
        const attempt = new RecordedAttempt({}, `1.${index}#1`);
        const text = index % 2 === 0 ? textByNodeHttp : textByFetch;
        await attempt.run(async () => {
          await text(`${server.url}/${index}/first`);
          await text(`${server.url}/${index}/second`);
        });
        return attempt;
      }),
    );
    for (const [index, attempt] of attempts.entries()) {
      expect(attempt.exchanges.map(({ request }) => request.path)).toEqual([`/${index}/first`, `/${index}/second`]);
      expect([attempt.outcome(0).body, attempt.outcome(1).body]).toEqual([`/${index}/first`, `/${index}/second`]);
    }
    keepAlive.destroy();
  });

  it('outside any attempt, and while an effect is performed, nothing is intercepted', async () => {
    install();
    await using server = await LoopbackServer.start(echo);
    const attempt = new RecordedAttempt();
    const performing = Object.create(attempt, { isPerforming: { value: true } }) as CurrentAttempt;
    expect(await currentAttempt.run(performing, () => textByFetch(server.url))).toBe('/');
    const request = currentAttempt.run(performing, () => get(server.url));
    expect(Object.getOwnPropertyNames(request)).not.toContain('emit');
    await new Promise((resolve) => request.on('response', (message) => message.resume().on('end', resolve)));
    const bare = await fetch(server.url);
    expect(Object.getOwnPropertyNames(bare)).toEqual([]);
    await bare.text();
    expect(attempt.exchanges).toEqual([]);
  });
});

describe('removing interception', () => {
  const dispatcherKey = Symbol.for('undici.globalDispatcher.1');
  const look = (): readonly unknown[] => [
    globalThis.fetch,
    Object.getOwnPropertyDescriptor(globalThis, 'fetch'),
    (globalThis as unknown as Record<symbol, unknown>)[dispatcherKey],
    (Agent.prototype as unknown as Record<string, unknown>).addRequest,
    Object.getOwnPropertyDescriptor(Agent.prototype, 'addRequest'),
    (ClientRequest.prototype as unknown as Record<string, unknown>).onSocket,
    http.request,
    http.get,
    https.request,
    https.get,
  ];

  it('restores the process, in whatever order several interceptions end', () => {
    void new Response(null);
    const before = look();
    const first = install();
    const second = install();
    const during = look();
    expect(during[0]).not.toBe(before[0]);
    first();
    expect(look()).toEqual(during);
    first();
    expect(look()[0]).toBe(during[0]);
    second();
    for (const [index, part] of look().entries()) {
      if (typeof part === 'function') expect(part).toBe(before[index]);
      else expect(part).toEqual(before[index]);
    }
  });

  it('leaves a later wrapper by other code alone', async () => {
    const native = globalThis.fetch;
    const uninstall = install();
    const inner = globalThis.fetch;
    const theirs: typeof fetch = (...given) => inner(...given);
    globalThis.fetch = theirs;
    uninstall();
    expect(globalThis.fetch).toBe(theirs);
    await using server = await LoopbackServer.start(echo);
    const attempt = new RecordedAttempt();
    expect(await attempt.run(() => textByFetch(server.url))).toBe('/');
    expect(attempt.exchanges).toEqual([]);
    globalThis.fetch = native;
  });
});

describe('options', () => {
  it('alias origins, count listed request headers, and record listed answer headers', async () => {
    await using server = await LoopbackServer.start((_request, response) => response.setHeader('X-Total', '7').end());
    const options = { origins: { shop: [server.url] }, match: { headers: ['x-tenant'] } };
    install({ ...options, responseHeaders: ['x-total'] });
    const attempt = new RecordedAttempt({ rules: requestRules(options) });
    await attempt.run(async () => (await fetch(server.url, { headers: { 'X-Tenant': 'a', 'x-other': 'b' } })).text());
    expect(attempt.exchanges[0]?.request).toMatchObject({ origin: 'shop', headers: [['x-tenant', 'a']] });
    expect(attempt.outcome().headers).toEqual({ 'x-total': '7' });
  });

  it.each([
    [{ origin: {} }, 'Did you mean "origins"?'],
    [{ origins: { a: ['not an origin'] } }, 'https://api.openai.com'],
    [{ origins: { a: ['https://a.test/path'] } }, 'without a path'],
    [{ origins: { 'a://b': [] } }, 'without a path'],
    [{ match: { header: [] } }, 'Did you mean "headers"?'],
    [{ match: { headers: ['a b'] } }, 'a list of header names'],
    [{ responseHeaders: 'x' }, 'a list of header names'],
  ])('refuses %j', (options, nextStep) => {
    expect(() => httpEffects(options as never)).toThrow(
      expect.objectContaining({ code: 'option-invalid', nextStep: expect.stringContaining(nextStep) }),
    );
  });
});
