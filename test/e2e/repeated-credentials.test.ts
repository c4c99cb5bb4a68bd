// Servers that send back the credential of a request. The store keeps what the node got, and no fixture holds it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { append, createEngine, fields, graph, last, memoryStore } from 'reprise';
import type { RunStore } from 'reprise';
import { httpEffects } from 'reprise/http';
import { exportRunTo, redactStore, scanFixture, scrubRuns } from 'reprise/record';
import { openRun, replay } from 'reprise/replay';
import { updateFixture } from 'reprise/update';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crashedBeforeOutcome } from '../support/crashed-store.ts';
import { temporaryFolder } from '../support/folder.ts';
import { collected } from '../support/journals.ts';
import { LoopbackServer, bodyOf } from '../support/loopback-server.ts';

interface Carrier {
  readonly secret: string;
  readonly query?: string;
  readonly init?: RequestInit;
}

/** Of no form that a provider gave its keys. */
const secretOf = (name: string): string => `${name}-q7vTx29LmPw4`;

const headed =
  (header: string, written: (secret: string) => string = (secret) => secret) =>
  (secret: string) => ({
    secret,
    init: { headers: { [header]: written(secret) } },
  });
const basic = (secret: string): string => `Basic ${Buffer.from(`svc:${secret}`).toString('base64')}`;

const carriers: { readonly [name: string]: (secret: string) => Carrier } = {
  bearer: headed('authorization', (secret) => `Bearer ${secret}`),
  scheme: headed('authorization', (secret) => `Token ${secret}`),
  basic: headed('authorization', basic),
  'x-api-key': headed('x-api-key'),
  'api-key': headed('api-key'),
  'x-goog-api-key': headed('x-goog-api-key'),
  cookie: headed('cookie', (secret) => `theme=dark; session=${secret}`),
  api_key: (secret) => ({ secret, query: `?api_key=${secret}` }),
  access_token: (secret) => ({ secret, query: `?access_token=${secret}` }),
  password: (secret) => ({ secret, init: { method: 'POST', body: JSON.stringify({ user: { password: secret } }) } }),
};

const sentence = (secret: string): string => `Denied for ${secret}, it has expired`;
const cut = (text: string): readonly string[] => text.match(/[\s\S]{1,5}/g) ?? [];

type Answer = (secret: string) => { readonly parts: readonly (string | Uint8Array)[]; readonly header?: string };

const answers: { readonly [name: string]: Answer } = {
  'a text': (secret) => ({ parts: [sentence(secret)] }),
  // Before it stands the ID of the run.
  json: (secret) => ({ parts: [JSON.stringify({ run: 'run-1', error: { message: sentence(secret) } })] }),
  parts: (secret) => ({ parts: cut(JSON.stringify({ error: { message: sentence(secret) } })) }),
  bytes: (secret) => ({ parts: [Buffer.concat([Buffer.from([0, 1, 0xff, 0xfe, 0]), Buffer.from(sentence(secret))])] }),
  base64: (secret) => ({ parts: [JSON.stringify({ text: Buffer.from(sentence(secret)).toString('base64') })] }),
  'base64 url': (secret) => ({
    parts: [JSON.stringify({ text: Buffer.from(`?${sentence(secret)}`).toString('base64url') })],
  }),
  'a header': (secret) => ({ parts: ['{}'], header: sentence(secret) }),
};

/** What a client makes of an answer. */
function readText(body: Buffer, header: string | null): string {
  if (header !== null) return header;
  const text = body[0] === 0 ? body.subarray(5).toString() : body.toString();
  if (!text.startsWith('{')) return text;
  const { error, text: encoded } = JSON.parse(text) as { error?: { message: string }; text?: string };
  return error?.message ?? Buffer.from(encoded ?? '', 'base64').toString();
}

let server: LoopbackServer;

beforeAll(async () => {
  server = await LoopbackServer.start(async (request, response) => {
    await bodyOf(request);
    const [, carrier = '', answer = ''] = new URL(request.url ?? '', 'http://localhost').pathname.split('/');
    if (carrier === 'note') return void response.end('noted');
    // It never ends.
    if (answer === 'open') return void response.write(sentence(secretOf(carrier)));
    const { parts, header } = (answers[decodeURIComponent(answer)] as Answer)(secretOf(carrier));
    response.writeHead(401, header === undefined ? {} : { 'x-denied': header });
    for (const part of parts) {
      response.write(part);
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  });
});
afterAll(() => server[Symbol.asyncDispose]());

async function ask(carrier: string, answer: string): Promise<string> {
  const { query = '', init } = (carriers[carrier] as (secret: string) => Carrier)(secretOf(carrier));
  const response = await fetch(`${server.url}/${carrier}/${encodeURIComponent(answer)}${query}`, init);
  return readText(Buffer.from(await response.arrayBuffer()), response.headers.get('x-denied'));
}

const askingOf = (answer: string, names = Object.keys(carriers)) =>
  graph('asking', { state: fields({ said: append<string>(), pieces: append<string>(), noted: last('') }) })
    .node('ask', async function* (_state, { emit }) {
      const said: string[] = [];
      for (const carrier of names) {
        const text = await ask(carrier, answer);
        said.push(text);
        emit('said', { text });
        for (const word of text.split(' ')) yield { pieces: [word] };
      }
      const noted = await fetch(`${server.url}/note`, { method: 'POST', body: JSON.stringify({ said }) });
      return { delta: { said, noted: await noted.text() } };
    })
    .start('ask')
    .build();

/** No form of a secret that gives it back. */
function expectNoSecret(text: string, names = Object.keys(carriers)): void {
  for (const secret of names.map(secretOf)) {
    expect(text).not.toContain(secret);
    for (const offset of [0, 1, 2]) {
      const encoded = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]).toString('base64url');
      expect(text.replaceAll('+', '-').replaceAll('/', '_')).not.toContain(encoded.slice(4, -4));
    }
  }
}

async function textOf(store: RunStore, runId: string): Promise<string> {
  return JSON.stringify(await collected(store.read(runId)));
}

describe.each(Object.keys(answers))('a server that repeats credentials in %s', (answer) => {
  const asking = askingOf(answer);
  const expected = Object.keys(carriers).map((name) => expect.stringContaining(sentence(secretOf(name))));

  it('is recorded without them, and its fixture replays', async () => {
    const store = memoryStore();
    const engine = createEngine(asking, { store, effects: [httpEffects()] });
    const { state } = await engine.run({}, { runId: 'run-1' });
    expect(state.said).toEqual(expected);
    const path = await exportRunTo(store, 'run-1', join(temporaryFolder(), 'run-1.run.jsonl'));
    const text = readFileSync(path, 'utf8');
    expectNoSecret(text);
    expect(text).not.toContain('"repeats"');
    expect(await scanFixture(path)).toEqual([]);
    const { report } = await replay(asking, path);
    expect(report).toMatchObject({ verdict: 'same' });
  });

  it('gives a resumed run what it gave', async () => {
    const store = memoryStore();
    const first = createEngine(asking, { store, effects: [httpEffects()] });
    const { state } = await first.run({}, { runId: 'run-1' });
    const left = await crashedBeforeOutcome(store, 'run-1');
    const resumed = await createEngine(asking, { store: left, effects: [httpEffects()] }).resume('run-1');
    expect(resumed.state).toEqual(state);
    expect(resumed.state.said).toEqual(expected);
    const path = await exportRunTo(left, 'run-1', join(temporaryFolder(), 'run-1.run.jsonl'));
    expectNoSecret(readFileSync(path, 'utf8'));
    expect((await replay(asking, path)).report.verdict).toBe('same');
  });
});

describe('an error with a repeated credential', () => {
  const failing = graph('failing', { state: fields({ said: last('') }) })
    .node('ask', async () => {
      const text = await ask('api-key', 'json');
      throw Object.assign(new Error(`401 ${text}`, { cause: new Error(text) }), { hint: { text } });
    })
    .start('ask')
    .build();

  it('is recorded without it by an engine that records what fails', async () => {
    const folder = temporaryFolder();
    const engine = createEngine(failing, { record: { to: folder }, effects: [httpEffects()] });
    await expect(engine.run({}, { runId: 'run-1' })).resolves.toMatchObject({ status: 'failed' });
    await engine.close();
    const path = join(folder, 'failing', 'run-1.run.jsonl');
    const text = readFileSync(path, 'utf8');
    expectNoSecret(text);
    expect(text).toMatch(/Denied for redacted0+1, it has expired/);
    expect((await replay(failing, path)).report.verdict).toBe('same');
  });
});

describe('an answer that has not ended when its node has', () => {
  const secret = secretOf('api-key');
  const leaving = graph('leaving', { state: fields({ said: last('') }) })
    .node('ask', async () => {
      const response = await fetch(`${server.url}/api-key/open`, { headers: { 'api-key': secret } });
      const { value } = (await response.body?.getReader().read()) ?? {};
      return { delta: { said: Buffer.from(value ?? []).toString() } };
    })
    .start('ask')
    .build();

  it('has its places too', async () => {
    const store = memoryStore();
    const { state } = await createEngine(leaving, { store, effects: [httpEffects()] }).run({}, { runId: 'run-1' });
    expect(state.said).toBe(sentence(secret));
    expect(await textOf(store, 'run-1')).toContain('"repeats"');
    const path = await exportRunTo(store, 'run-1', join(temporaryFolder(), 'run-1.run.jsonl'));
    expectNoSecret(readFileSync(path, 'utf8'));
    expect((await replay(leaving, path)).report.verdict).toBe('same');
  });
});

describe('the places of repeated credentials', () => {
  const asking = askingOf('json', ['x-api-key', 'cookie']);
  const secrets = ['x-api-key', 'cookie'];

  async function ran(store: RunStore): Promise<void> {
    const { state } = await createEngine(asking, { store, effects: [httpEffects()] }).run({}, { runId: 'run-1' });
    expect(state.said).toEqual(secrets.map((name) => sentence(secretOf(name))));
  }

  it('stand in the store, which keeps credentials of answers alone', async () => {
    const store = memoryStore();
    await ran(store);
    const entries = await collected(store.read('run-1'));
    const answered = entries.filter(({ kind }) => kind === 'effect') as { request: unknown; observed: object }[];
    expect(JSON.stringify(answered.slice(0, 2).map(({ request }) => request))).not.toContain('q7vTx29LmPw4');
    const start = '{"run":"run-1","error":{"message":"Denied for '.length;
    expect(answered[0]?.observed).toMatchObject({
      answer: { repeats: [{ kind: 'api-key', in: ['value', 'body'], start, length: secretOf('x-api-key').length }] },
    });
  });

  it('are gone from what is shown of the store, with what stands there', async () => {
    const store = memoryStore();
    await ran(store);
    const { steps } = await openRun({ kind: 'stored', store, runId: 'run-1', redact: {} });
    const shown: unknown[] = [];
    for await (const step of steps) shown.push(step);
    expectNoSecret(JSON.stringify(shown));
    expect(JSON.stringify(shown)).not.toContain('"repeats"');
  });

  it('move with what rules of a store replace', async () => {
    const store = memoryStore();
    await ran(redactStore(store, { values: [{ name: 'word', find: (text) => text.match(/Denied/g) ?? [] }] }));
    expect(await textOf(store, 'run-1')).not.toContain('Denied');
    expect(await textOf(store, 'run-1')).toContain(secretOf('cookie'));
    const path = await exportRunTo(store, 'run-1', join(temporaryFolder(), 'run-1.run.jsonl'));
    expectNoSecret(readFileSync(path, 'utf8'));
  });

  it('move with what is scrubbed, and with the ID of the run', async () => {
    const [store, scrubbed] = [memoryStore(), memoryStore()];
    await ran(store);
    await scrubRuns(store, scrubbed, { values: [{ name: 'word', find: (text) => text.match(/error/g) ?? [] }] });
    expect(await textOf(scrubbed, 'run-1')).toContain(secretOf('cookie'));
    const path = await exportRunTo(scrubbed, 'run-1', join(temporaryFolder(), 'a-run.run.jsonl'), {
      as: 'a longer name',
    });
    expectNoSecret(readFileSync(path, 'utf8'));
  });

  it('are of no use to a fixture that is updated by live requests', async () => {
    const store = memoryStore();
    await ran(store);
    const path = await exportRunTo(store, 'run-1', join(temporaryFolder(), 'run-1.run.jsonl'));
    const more = askingOf('json', ['x-api-key', 'cookie', 'password']);
    const updated = await updateFixture(more, path, { live: true, sendMarks: true });
    expect(updated).toMatchObject({ verdict: 'updated' });
    const text = readFileSync(path, 'utf8');
    expectNoSecret(text);
    expect(text).not.toContain('"repeats"');
    expect((await replay(more, path)).report.verdict).toBe('same');
  });
});
