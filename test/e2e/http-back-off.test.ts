// A client that waits because a server told it to: live it waits for real. A replay does not, nor does a run that is resumed, and
// both ask for nothing again.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createEngine, fields, graph, last, memoryStore } from '../../src/index.ts';
import type { RunStore } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { temporaryFolder } from '../support/folder.ts';
import { LoopbackServer } from '../support/loopback-server.ts';

const backOffMs = 1_000;

const refusals: Readonly<Record<string, readonly [status: number, headers: Readonly<Record<string, string>>]>> = {
  'a 429 with seconds': [429, { 'retry-after': String(backOffMs / 1_000) }],
  'a 529 with milliseconds': [529, { 'retry-after-ms': String(backOffMs) }],
};

const text = { type: 'text', text: 'hi' };
const answers: Readonly<Record<string, object>> = {
  '/chat/completions': { id: 'c', choices: [{ index: 0, message: { role: 'assistant', content: 'hi' } }] },
  '/v1/messages': { id: 'm', type: 'message', role: 'assistant', content: [text] },
  '/own': { said: 'hi' },
};

let server: LoopbackServer;
let asked = 0;
let refusal: readonly [number, Readonly<Record<string, string>>] = [429, {}];
beforeAll(async () => {
  server = await LoopbackServer.start((request, response) => {
    asked += 1;
    const [status, headers] = asked === 1 ? refusal : [200, {}];
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(status === 200 ? answers[request.url as string] : { error: { message: 'slow down' } }));
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const messages = [{ role: 'user' as const, content: 'x' }];
const clients: Readonly<Record<string, () => Promise<string | null | undefined>>> = {
  openai: async () => {
    const client = new OpenAI({ apiKey: 'k', baseURL: server.url });
    return (await client.chat.completions.create({ model: 'm', messages })).choices[0]?.message.content;
  },
  anthropic: async () => {
    const client = new Anthropic({ apiKey: 'k', baseURL: server.url });
    const { content } = await client.messages.create({ model: 'm', max_tokens: 1, messages });
    return (content[0] as typeof text).text;
  },
  'a loop around fetch': async () => {
    for (;;) {
      const response = await fetch(`${server.url}/own`, { method: 'POST', body: '{}' });
      if (response.ok) return ((await response.json()) as { said: string }).said;
      await response.body?.cancel();
      await wait(Number(response.headers.get('retry-after') ?? backOffMs / 1_000) * 1_000);
    }
  },
};

const stores: Readonly<Record<string, () => RunStore>> = {
  memory: () => memoryStore(),
  SQLite: () => sqliteStore(join(temporaryFolder(), 'runs.db')),
};

const cases = Object.entries(clients).flatMap(([client, ask]) =>
  Object.keys(refusals).map((refused, place) => ({
    client,
    ask,
    refused,
    store: Object.keys(stores)[place] as string,
  })),
);

const told = async <Result>(work: () => Promise<Result>): Promise<[Result, number]> => {
  const began = performance.now();
  return [await work(), performance.now() - began];
};

/** While it works, no timer of code fires. */
async function withoutTimers<Result>(work: () => Promise<Result>): Promise<Result> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] });
  try {
    return await work();
  } finally {
    vi.useRealTimers();
  }
}

describe.each(cases)('$client, told to wait by $refused', ({ ask, refused, store: name }) => {
  it(`waits once, in a run in ${name}`, async () => {
    asked = 0;
    refusal = refusals[refused] as typeof refusal;
    const polite = graph('polite', { state: fields({ said: last<string | null | undefined>(''), ok: last(false) }) })
      .node('ask', async (_state, context) => {
        const said = await ask();
        return { delta: { said, ok: (await context.ask('Send it?')) === true } };
      })
      .start('ask')
      .build();
    const store = (stores[name] as () => RunStore)();
    await using engine = createEngine(polite, { store, effects: [httpEffects()] });
    const [paused, liveMs] = await told(() => engine.run({}, { runId: 'r' }));
    expect([paused.status, asked]).toEqual(['paused', 2]);
    expect(liveMs).toBeGreaterThan(backOffMs * 0.9);

    const resumed = await withoutTimers(() => engine.resume('r', { answer: true }));
    expect(resumed).toMatchObject({ status: 'done', state: { said: 'hi', ok: true } });

    const path = await exportRunTo(store, 'r', join(temporaryFolder(), 'r.run.jsonl'));
    const replayed = async (): Promise<void> => {
      const { report } = await replay(polite, path);
      expect([report.verdict, report.divergences]).toEqual(['same', []]);
    };
    await withoutTimers(replayed);
    let fastestMs = Number.POSITIVE_INFINITY;
    // The machine may have been busy before.
    for (let count = 0; count < 20 && fastestMs > backOffMs / 2; count += 1)
      fastestMs = Math.min(fastestMs, (await told(replayed))[1]);
    expect(fastestMs).toBeLessThan(backOffMs / 2);
    expect(asked).toBe(2);
  });
});
