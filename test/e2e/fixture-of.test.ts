// Fixtures that are written by hand: what fakes give comes to every client as if a server had sent it, stands in the file
// like what was recorded, and replays with nothing asked.
import { existsSync } from 'node:fs';
import nodeHttp from 'node:http';
import { join } from 'node:path';
import OpenAI from 'openai';
import { request as undiciRequest } from 'undici';
import { expect, it } from 'vitest';
import { explore } from '../../src/explore/index.ts';
import { append, fields, graph, last } from '../../src/index.ts';
import { replay } from '../../src/replay/index.ts';
import { openFixture } from '../../src/store/fixture/open-fixture.ts';
import { chatCompletion, fixtureOf, toolCall } from '../../src/testing/index.ts';
import type { FixtureOfOptions } from '../../src/testing/index.ts';
import { sharedFolder } from '../support/folder.ts';

const folder = sharedFolder();
let name = 0;

/** A graph of one node, written by hand and replayed. */
async function written(call: () => Promise<unknown>, options: Omit<FixtureOfOptions, 'out'>) {
  name += 1;
  const calling = graph('calling', { state: fields({ got: last<unknown>(null) }) })
    .node('call', async () => ({ delta: { got: await call() } }))
    .start('call')
    .build();
  const out = join(folder, `${name}.run.jsonl`);
  const { run, path, mayNotReplay } = await fixtureOf(calling, {}, { ...options, out });
  const { report, run: again } = await replay(calling, path);
  expect(report.divergences).toEqual([]);
  expect([report.verdict, report.networkCalls, mayNotReplay]).toEqual(['same', 0, []]);
  expect(again.state).toEqual(run.state);
  return { run, path, got: (run.state as { readonly got: unknown }).got };
}

async function refusalOf(call: () => Promise<unknown>, http: FixtureOfOptions['http']) {
  const calling = graph('calling', { state: fields({}) })
    .node('call', async () => {
      await call().catch(() => undefined);
    })
    .start('call')
    .build();
  const out = join(folder, 'refused.run.jsonl');
  const refusal = await fixtureOf(calling, {}, { out, ...(http === undefined ? {} : { http }) }).then(
    () => expect.unreachable(),
    (error: Error & { readonly code: string; readonly nextStep: string }) => error,
  );
  expect(existsSync(out)).toBe(false);
  return refusal;
}

const streamOf = (...parts: readonly string[]): ReadableStream =>
  new ReadableStream({
    async start(controller) {
      for (const part of parts) {
        await new Promise(setImmediate);
        controller.enqueue(new TextEncoder().encode(part));
      }
      controller.close();
    },
  });

async function partsOf(body: AsyncIterable<unknown>): Promise<readonly string[]> {
  const parts: string[] = [];
  for await (const part of body) parts.push(Buffer.from(part as Uint8Array).toString());
  return parts;
}

function byNode(url: string, body?: string) {
  return new Promise((resolve, reject) => {
    const sent = nodeHttp.request(url, { method: body === undefined ? 'GET' : 'POST' }, (answer) => {
      partsOf(answer).then((parts) => resolve({ status: answer.statusCode, parts }), reject);
    });
    sent.on('error', reject).end(body);
  });
}

it('answers every client, in the parts of a stream', async () => {
  const url = 'http://fakes.example/stream';
  const { got, path } = await written(
    async () => ({
      fetch: await partsOf((await fetch(url)).body ?? expect.unreachable()),
      undici: await partsOf((await undiciRequest(url, { method: 'POST', body: 'x' })).body),
      node: await byNode(url, 'y'),
    }),
    { http: { 'http://fakes.example/*': () => new Response(streamOf('one', 'two', 'three'), { status: 201 }) } },
  );
  const parts = ['one', 'two', 'three'];
  expect(got).toEqual({ fetch: parts, undici: parts, node: { status: 201, parts } });
  using fixture = await openFixture(path);
  const effects = [...fixture.steps('all')].flatMap(({ entries }) => entries.filter(({ kind }) => kind === 'effect'));
  expect(effects.map(({ observed }) => (observed as { parts?: unknown }).parts)).toEqual([
    [3, 3, 5],
    [3, 3, 5],
    [3, 3, 5],
  ]);
  expect(fixture.run.observed.source).toBe('fake');
});

it('gives a fake what identifies the request, and no credentials', async () => {
  const asked: unknown[] = [];
  const headers = { authorization: 'Bearer abc', 'x-tenant': 'acme' };
  const base = 'https://fakes.example/a';
  await written(
    async () => {
      await fetch(`${base}?b=2&a=1`, { headers });
      await fetch(base, { method: 'POST', body: JSON.stringify({ id: 1, list: ['x'] }), headers });
      await fetch(base, { method: 'PUT', body: new URLSearchParams({ q: 'x y' }) });
      const form = new FormData();
      form.append('file', new Blob(['data'], { type: 'text/csv' }), 'a.csv');
      form.append('note', 'n');
      await fetch(base, { method: 'PATCH', body: form });
      await byNode('http://127.0.0.1:9/local', 'plain');
    },
    {
      http: async (request) => {
        const { method, url } = request;
        const body =
          method === 'PATCH'
            ? [...(await request.formData())].map(([key, value]) => [key, value instanceof File ? value.name : value])
            : await request.text();
        const { authorization, ...sent } = Object.fromEntries(request.headers);
        asked.push({ method, url, body, authorization, tenant: sent['x-tenant'] });
        return new Response('ok');
      },
    },
  );
  const none = { authorization: undefined, tenant: undefined };
  expect(asked).toEqual([
    { method: 'GET', url: `${base}?a=1&b=2`, body: '', authorization: undefined, tenant: 'acme' },
    { method: 'POST', url: base, body: '{"id":1,"list":["x"]}', authorization: undefined, tenant: 'acme' },
    { method: 'PUT', url: base, body: 'q=x+y', ...none },
    {
      method: 'PATCH',
      url: base,
      body: [
        ['file', 'a.csv'],
        ['note', 'n'],
      ],
      ...none,
    },
    { method: 'POST', url: 'http://localhost/local', body: 'plain', ...none },
  ]);
});

it('gives a client the error that a fake throws, and a body that breaks', async () => {
  const { got } = await written(
    async () => {
      const errors = [];
      for (const path of ['lost', 'broken'])
        errors.push(
          await fetch(`https://fakes.example/${path}`)
            .then((response) => response.text())
            .catch(String),
        );
      return errors;
    },
    {
      http: {
        'https://fakes.example/lost': () => {
          throw Object.assign(new TypeError('fetch failed'), {
            cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }),
          });
        },
        'https://fakes.example/broken': new Response(
          new ReadableStream({
            pull: (controller) => controller.error(new TypeError('terminated')),
          }),
        ),
      },
    },
  );
  expect(got).toEqual(['TypeError: fetch failed', 'TypeError: terminated']);
});

it('runs an official client through a loop with a tool, in virtual time', async () => {
  const looping = graph('looping', { state: fields({ said: append<string>() }) })
    .node(
      'loop',
      async (_state, { sleep, effect, attempt }) => {
        const client = new OpenAI({ maxRetries: 0 });
        const messages: OpenAI.ChatCompletionMessageParam[] = [
          { role: 'user', content: 'How is the weather in Oslo?' },
        ];
        await sleep(3_600_000);
        for (;;) {
          const { choices } = await client.chat.completions.create({ model: 'gpt-5-mini', messages });
          const { message } = choices[0] ?? expect.unreachable();
          messages.push(message);
          if (message.tool_calls === undefined) return { delta: { said: [`${attempt} ${message.content}`] } };
          for (const call of message.tool_calls) {
            const weather = await effect('weather', 'Oslo', () => expect.unreachable());
            messages.push({ role: 'tool', tool_call_id: call.id, content: String(weather) });
          }
        }
      },
      { retry: { attempts: 2, delayMs: 60_000 } },
    )
    .start('loop')
    .build();
  const out = `${folder}/`;
  const { run, path } = await fixtureOf(
    looping,
    {},
    {
      out,
      effects: { weather: (city: string) => `rain in ${city}` },
      http: {
        'POST https://api.openai.com/v1/chat/completions': [
          Response.json({ error: { message: 'busy' } }, { status: 500 }),
          chatCompletion(toolCall('weather', { city: 'Oslo' })),
          chatCompletion('It rains.'),
        ],
      },
    },
  );
  expect(run.state).toEqual({ said: ['2 It rains.'] });
  expect(path).toBe(join(folder, 'looping', 'by-hand.run.jsonl'));
  expect((await replay(looping, path)).report).toMatchObject({ verdict: 'same', networkCalls: 0 });
  await expect(fixtureOf(looping, {}, { out })).rejects.toMatchObject({ code: 'file-exists' });
});

it('names a request that nothing answers, and writes nothing', async () => {
  const url = 'https://api.example/v1/orders';
  const post = () => fetch(url, { method: 'POST', body: '{}' });
  const none = await refusalOf(post, undefined);
  expect(none).toMatchObject({ code: 'effect-missing', nextStep: `Give \`http\` an answer for "POST ${url}".` });
  expect(none.message).toBe(`nothing answers POST ${url}`);
  const near = await refusalOf(post, { [`PUT ${url}`]: new Response() });
  expect(near.nextStep).toBe(
    `Give \`http\` an answer for "POST ${url}"; the nearest address that it has is "PUT ${url}".`,
  );
  const twice = await refusalOf(() => post().then(post), { [`POST ${url}`]: [new Response()] });
  expect(twice.message).toBe(`POST ${url} was asked more often than "POST ${url}" has answers`);
  const wrong = await refusalOf(post, (() => 'text') as never);
  expect(wrong).toMatchObject({ code: 'option-invalid', message: `what answers POST ${url} returned no Response` });
});

it('runs clean-ups, and says which task never ends', async () => {
  const deleted: string[] = [];
  const limited = graph('limited', { state: fields({}) })
    .node(
      'hold',
      async (_state, { onStop, sleep }) => {
        onStop(async () => void (await fetch('https://locks.example/1', { method: 'DELETE' })));
        await sleep(10_000);
      },
      { timeoutMs: 100 },
    )
    .start('hold')
    .build();
  const http = (request: Request): Response => {
    deleted.push(`${request.method} ${request.url}`);
    return new Response('gone');
  };
  const { run, path } = await fixtureOf(limited, {}, { out: `${folder}/`, http });
  expect([run.status, deleted]).toEqual(['failed', ['DELETE https://locks.example/1']]);
  expect((await replay(limited, path)).report.verdict).toBe('same');
  const endless = graph('endless', { state: fields({}) })
    .node('wait', () => new Promise<undefined>(() => undefined))
    .start('wait')
    .build();
  await expect(fixtureOf(endless, {}, { out: `${folder}/` })).rejects.toMatchObject({
    code: 'replay-stalled',
    message: 'graph "endless" did not come to an end: 1.0#1 waits for what nothing gives',
  });
});

it('fakes HTTP for an exploration by the same code, and finds a race in it', async () => {
  let latest = '';
  const racing = graph('racing', { state: fields({ last: last('', { onConflict: 'highest-rank' }) }) })
    .node('first', async () => {
      latest = await (await fetch('https://fakes.example/first')).text();
    })
    .node('second', async () => {
      latest = await (await fetch('https://fakes.example/second')).text();
    })
    .node('after', () => ({ delta: { last: latest } }))
    .node('begin', () => undefined)
    .edge('begin', 'first')
    .edge('begin', 'second')
    .join(['first', 'second'], 'after')
    .start('begin')
    .build();
  const outside = () => ({ http: (request: Request) => new Response(new URL(request.url).pathname) });
  const wrong = () => ({ http: { 'fakes.example': new Response() } });
  await expect(explore(racing, { input: {}, outside: wrong })).rejects.toMatchObject({
    code: 'option-invalid',
    message: expect.stringContaining('argument "http"'),
  });
  const report = await explore(racing, { input: {}, outside }, { schedules: 20 });
  expect(report.finding).toMatchObject({ schedule: expect.stringContaining('hold(') });
});

it('lets people answer and others send, one after the other', async () => {
  const order = graph('order', { state: fields({ said: append<unknown>() }) })
    .node('approve', async ({ said }, { ask, receive }) => {
      const first = await ask<boolean>({ amount: 44 }, { name: 'approve', timeoutMs: 1_000 });
      const { amount } = await receive<{ readonly amount: number }>('paid', { timeoutMs: 1_000 });
      const second = await ask<string>(`Send ${amount}?`);
      const late = await ask('Anybody?', { name: 'nobody', timeoutMs: 10 }).catch((error) => error.code as string);
      return { delta: { said: [said.length, first, amount, second, late] } };
    })
    .start('approve')
    .build();
  const out = join(folder, 'order.run.jsonl');
  const answers = { approve: ({ amount }: { amount: number }) => amount < 50, '1.0:question': 'yes' };
  const signals = [{ name: 'paid', value: { amount: 44 } }];
  const { run } = await fixtureOf(order, {}, { out, answers, signals });
  expect(run).toMatchObject({ status: 'done', state: { said: [0, true, 44, 'yes', 'answer-timeout'] } });
  const { report, run: again } = await replay(order, out);
  expect([report.verdict, again.state]).toEqual(['same', run.state]);
  const { run: unpaid } = await fixtureOf(order, {}, { out, force: true, answers });
  expect(unpaid).toMatchObject({ status: 'failed', error: { code: 'receive-timeout' } });
  const { run: waiting } = await fixtureOf(order, {}, { out, force: true, answers: { approve: true }, signals });
  expect(waiting).toMatchObject({ status: 'paused', questions: [{ key: '1.0:question', question: 'Send 44?' }] });
  expect((await replay(order, out)).report.verdict).toBe('same');
});
