import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpEffects } from '../../src/live/http/index.ts';
import { LoopbackServer } from '../support/loopback-server.ts';
import { RecordedAttempt, testEngine } from '../support/recorded-attempt.ts';

const megabyte = Buffer.alloc(1024 * 1024, 'x');
const answerSize = 20 * megabyte.byteLength;
const requestSize = 66 * megabyte.byteLength;
let uninstall: () => void;
beforeEach(() => {
  uninstall = httpEffects().install(testEngine);
});
afterEach(() => uninstall());

async function* many(count: number): AsyncGenerator<Buffer> {
  for (let index = 0; index < count; index += 1) yield megabyte;
}

const startServer = (): Promise<LoopbackServer> =>
  LoopbackServer.start(async (request, response) => {
    let received = 0;
    for await (const part of request) received += (part as Buffer).byteLength;
    response.end(request.url === '/large' ? Buffer.alloc(answerSize, 'x') : String(received));
  });

describe('beyond a limit the node gets what it would get without interception, and the gap is named', () => {
  it('for an answer, which is not recorded', async () => {
    await using server = await startServer();
    const attempt = new RecordedAttempt();
    const bytes = await attempt.run(async () => (await fetch(`${server.url}/large`)).bytes());
    expect(bytes.byteLength).toBe(answerSize);
    expect(attempt.exchanges[0]).toMatchObject({ isForgotten: true });
    expect(attempt.unrecorded).toEqual([expect.stringContaining('/large: its answer is larger than may be recorded')]);
  });

  it('for an answer of that size into a store on disk, which is recorded whole', async () => {
    await using server = await startServer();
    const attempt = new RecordedAttempt({ isDurable: true });
    await attempt.run(async () => (await fetch(`${server.url}/large`)).bytes());
    expect(String(attempt.outcome().body).length).toBe(answerSize);
    expect(attempt.unrecorded).toEqual([]);
  });

  it('for a request of fetch, which is not recorded', async () => {
    await using server = await startServer();
    const attempt = new RecordedAttempt();
    const init = { method: 'POST', body: many(66), duplex: 'half' } as unknown as RequestInit;
    expect(await attempt.run(async () => (await fetch(server.url, init)).text())).toBe(String(requestSize));
    expect(attempt.exchanges).toEqual([]);
    expect(attempt.unrecorded).toEqual([expect.stringContaining('its body is larger than')]);
  });

  it('for a request of node:http, which is not recorded', async () => {
    await using server = await startServer();
    const attempt = new RecordedAttempt();
    const text = await attempt.run(async () => {
      const request = httpRequest(server.url, { method: 'POST' });
      const answer = new Promise<string>((resolve, reject) => {
        request.on('error', reject).on('response', async (message) => resolve(String((await message.toArray())[0])));
      });
      for await (const part of many(66))
        if (!request.write(part)) await new Promise((resolve) => request.once('drain', resolve));
      request.end();
      return answer;
    });
    expect(text).toBe(String(requestSize));
    expect(attempt.exchanges).toEqual([]);
    expect(attempt.unrecorded).toEqual([expect.stringContaining('its body is larger than')]);
  });
});
