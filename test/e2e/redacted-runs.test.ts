// Runs over real HTTP whose fixtures hold marks: they replay, and their parts are where they were.
import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { append, createEngine, fields, graph, last, memoryStore } from 'reprise';
import { httpEffects } from 'reprise/http';
import { exportRunTo, previewRedaction, recordRun, scanFixture } from 'reprise/record';
import type { RedactOptions } from 'reprise/record';
import { replay } from 'reprise/replay';
import { updateFixture } from 'reprise/update';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { LoopbackServer } from '../support/loopback-server.ts';
import { plantedSecrets } from '../support/planted-secrets.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const runCount = isLong ? 50 : 6;

const rules: RedactOptions = {
  paths: ['state.customer', 'effects.*.response.body.person.age'],
  values: ['email', 'phone', { name: 'ticket', find: (text) => text.match(/TCK-\d{8}/g) ?? [] }],
};

let server: LoopbackServer;

beforeAll(async () => {
  server = await LoopbackServer.start(async (request, response) => {
    const body = await bodyOf(request);
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === '/person') {
      response.end(JSON.stringify({ person: { email: url.searchParams.get('of'), age: 41 }, echo: request.headers }));
    } else if (url.pathname === '/stream') {
      for (const piece of piecesOf(body.toString(), Number(url.searchParams.get('size')))) {
        response.write(`data: ${JSON.stringify({ delta: { text: piece } })}\n\n`);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      response.end();
    } else response.end(JSON.stringify({ byteCount: body.byteLength }));
  });
});
afterAll(() => server[Symbol.asyncDispose]());

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of request) parts.push(part as Uint8Array);
  return Buffer.concat(parts);
}

function piecesOf(text: string, size: number): readonly string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    text.slice(index * size, (index + 1) * size),
  );
}

const token = ['tok', 'T0p5ecretValue42'].join('-');

/** Passes on what it gets, as an agent does: to a model, to a tool and into its state. */
const agent = graph('agent', {
  state: fields({
    customer: last<string>(),
    said: last<string>(),
    size: last<number>(),
    texts: append<string>(),
    count: last(0),
  }),
})
  .node('look-up', async ({ customer }) => {
    const answer = await fetch(`${server.url}/person?of=${encodeURIComponent(customer)}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { person } = (await answer.json()) as { person: { email: string } };
    return { delta: { customer: person.email } };
  })
  .node('ask', async function* ({ said, customer, size }) {
    const answer = await fetch(`${server.url}/stream?size=${size}`, {
      method: 'POST',
      body: `To ${customer}: ${said}.`,
    });
    let count = 0;
    for await (const part of answer.body ?? []) {
      count += 1;
      yield { texts: [Buffer.from(part).toString()] };
    }
    return { delta: { count } };
  })
  .node('store', async ({ texts }) => {
    const body = gzipSync(JSON.stringify({ texts }));
    await fetch(`${server.url}/store`, { method: 'POST', headers: { 'content-encoding': 'gzip' }, body });
  })
  .start('look-up')
  .edge('look-up', 'ask')
  .edge('ask', 'store')
  .build();

const mail = 'person-1@redacted.invalid';

/** What a model said in each part of a stream, event by event. */
function partsOf(texts: readonly string[]): readonly (readonly string[])[] {
  return texts.map((text) =>
    [...text.matchAll(/^data: (.*)$/gm)].map(
      ([, json]) => (JSON.parse(json as string) as { delta: { text: string } }).delta.text,
    ),
  );
}

/** The mark of the secret that was said. */
function markIn(texts: readonly string[]): string {
  const said = partsOf(texts).flat().join('').replace(mail, '');
  return /the key is (.*) ok/.exec(said)?.[1] ?? 'no mark';
}

/** Pieces that hold nothing of a secret; undefined for the others. */
function besideSecrets(
  parts: readonly (readonly string[])[],
  secrets: readonly string[],
): readonly (readonly (string | undefined)[])[] {
  const whole = parts.flat().join('');
  const spans = secrets.map((secret) => ({ start: whole.indexOf(secret), end: whole.indexOf(secret) + secret.length }));
  let offset = 0;
  return parts.map((part) =>
    part.map((piece) => {
      const begin = offset;
      offset += piece.length;
      return spans.some(({ start, end }) => start < offset && begin < end) ? undefined : piece;
    }),
  );
}

describe('a redacted run', () => {
  it('replays, part by part, and holds no secret', async () => {
    const shaped = plantedSecrets(5).filter(
      ({ isShaped, kind }) => isShaped && !['card', 'iban', 'customer'].includes(kind),
    );
    for (let number = 0; number < runCount; number += 1) {
      const { secret } = shaped[number % shaped.length] as { secret: string };
      const customer = `customer.${number}@example.org`;
      const out = join(temporaryFolder(), 'agent.run.jsonl');
      const input = { customer, said: `the key is ${secret} ok`, size: 3 + (number % 7) };
      const { path, run } = await recordRun(agent, input, { out, redact: rules });
      expect(run.status).toBe('done');
      const text = readFileSync(path, 'utf8');
      for (const hidden of [secret, customer, token, '"age":41']) expect(text).not.toContain(hidden);
      expect(text).toContain('person-1@redacted.invalid');
      const { report, run: replayed } = await replay(agent, path, { redact: rules });
      expect({ number, verdict: report.verdict, divergences: report.divergences }).toEqual({
        number,
        verdict: 'same',
        divergences: [],
      });
      const [before, after] = [partsOf(run.state.texts), partsOf(replayed.state.texts)];
      const mark = markIn(replayed.state.texts);
      const isWord = !mark.startsWith('[');
      expect(after.flat().join('')).toBe(before.flat().join('').replace(secret, mark).replace(customer, mail));
      for (const [place, pieces] of besideSecrets(before, [secret, customer]).entries())
        for (const [index, piece] of pieces.entries())
          if (piece !== undefined) expect(after[place]?.[index]).toBe(piece);
          // Code that passes empty pieces by passes on as many.
          else if (isWord) expect(after[place]?.[index]).not.toBe('');
      expect(after.map(({ length }) => length)).toEqual(before.map(({ length }) => length));
      expect(await scanFixture(path, rules)).toEqual([]);
    }
  });

  it('keeps credentials of requests out of the store, and what a server sends back of them out of fixtures', async () => {
    const store = memoryStore();
    await using engine = createEngine(agent, { store, effects: [httpEffects()] });
    const { state } = await engine.run({ customer: 'ada@example.org', said: 'hi', size: 4 }, { runId: 'one' });
    expect(state.customer).toBe('ada@example.org');
    const journal: unknown[] = [];
    for await (const entry of store.read('one')) journal.push(entry);
    // The node got it in its answer.
    const requests = journal.map((entry) => (entry as { readonly request?: unknown }).request);
    expect(JSON.stringify(requests)).not.toContain(token);
    expect(JSON.stringify(journal)).toContain(`Bearer ${token}`);
    const places = await previewRedaction(store, 'one', { redact: rules });
    expect(places).toContainEqual({ rule: 'path', place: '1.0#1 outcome look-up', count: expect.any(Number) });
    expect(JSON.stringify(places)).not.toContain('ada@');
    const path = await exportRunTo(store, 'one', join(temporaryFolder(), 'one.run.jsonl'), { redact: rules });
    expect(readFileSync(path, 'utf8')).not.toContain(token);
    expect((await replay(agent, path)).report.verdict).toBe('same');
  });

  it('finds what the code says itself again, and compares the text beside it', async () => {
    const mailing = (to: string, text: string) =>
      graph('mailing', { state: fields({ sent: last('') }) })
        .node('mail', async (_state, { effect }) => {
          await effect('mail', { to, text }, async () => 'ok');
          return { delta: { sent: `${text} to ${to}` } };
        })
        .start('mail')
        .build();
    const out = join(temporaryFolder(), 'mailing.run.jsonl');
    const { path } = await recordRun(mailing('desk@example.org', 'Hello'), {}, { out, redact: { values: ['email'] } });
    expect(readFileSync(path, 'utf8')).not.toContain('desk@');
    expect((await replay(mailing('desk@example.org', 'Hello'), path)).report.verdict).toBe('same');
    expect((await replay(mailing('desk@example.org', 'Goodbye'), path)).report.verdict).toBe('diverged');
    expect((await replay(mailing('', 'Hello'), path)).report.verdict).toBe('diverged');
  });

  it('is updated by the rules that it was recorded by', async () => {
    const noting = (note: string) =>
      graph('noting', { state: fields({ note: last('') }) })
        .node('note', () => ({ delta: { note } }))
        .start('note')
        .build();
    const out = join(temporaryFolder(), 'noting.run.jsonl');
    const { path } = await recordRun(noting('ask ada@example.org'), {}, { out, redact: { values: ['email'] } });
    expect((await updateFixture(noting('ask bob@example.org, now'), path)).verdict).toBe('updated');
    const text = readFileSync(path, 'utf8');
    expect(text).not.toMatch(/ada@|bob@/);
    expect(text).toContain('ask person-2@redacted.invalid, now');
    expect((await replay(noting('ask bob@example.org, now'), path)).report.verdict).toBe('same');
  });

  it('is updated by the rules of the project too, and not at all where a rule of its own is missing', async () => {
    const noting = (note: string) =>
      graph('noting', { state: fields({ note: last('') }) })
        .node('note', () => ({ delta: { note } }))
        .start('note')
        .build();
    const customers = { name: 'customer', texts: ['Lovelace', 'Babbage'] };
    const out = join(temporaryFolder(), 'noting.run.jsonl');
    const { path } = await recordRun(noting('for Lovelace'), {}, { out, redact: { values: [customers] } });
    const before = readFileSync(path);
    const today = noting('for Babbage, ask ada@example.org');
    expect(await updateFixture(today, path)).toMatchObject({ verdict: 'refused', why: 'rule unknown' });
    expect(readFileSync(path)).toEqual(before);
    const redact: RedactOptions = { values: [customers, 'email'] };
    expect((await updateFixture(today, path, { redact })).verdict).toBe('updated');
    expect(readFileSync(path, 'utf8')).not.toMatch(/Lovelace|Babbage|ada@/);
    expect((await replay(today, path, { redact })).report.verdict).toBe('same');
  });

  it('is refused where a name holds the secret', async () => {
    const named = graph('named', { state: fields({ done: last(false) }) })
      .node('tell', (_state, { emit }) => {
        emit('for ada@example.org', {});
        return { delta: { done: true } };
      })
      .start('tell')
      .build();
    const out = join(temporaryFolder(), 'named.run.jsonl');
    await expect(recordRun(named, {}, { out, redact: { values: ['email'] } })).rejects.toMatchObject({
      code: 'secret-found',
      fields: { rule: 'email', place: expect.stringContaining('event') },
    });
  });
});

/** Of a kind that no scanner of repositories takes for a real one. */
const opaque = ['T0p', '5ecretValue42'].join('');
const base64url = (text: string): string => Buffer.from(text).toString('base64url');
const webToken = [`{"alg":"HS256"}`, `{"tenant":"t-9","api_key":"${opaque}"}`, `sig-${opaque}-sig`]
  .map(base64url)
  .join('.');

it('keeps the form of a credential that a node looks into', async () => {
  await using issuer = await LoopbackServer.start((request, response) => {
    const { pathname, searchParams, host } = new URL(request.url ?? '/', `http://${request.headers.host}`);
    response.setHeader('set-cookie', [`session=${opaque}; Path=/; HttpOnly`, 'lang=en; Path=/']);
    if (pathname !== '/') return void response.end(JSON.stringify({ q: searchParams.get('q') }));
    const answer = {
      access_token: webToken,
      id_token: webToken.replace(/[^.]*$/, base64url(`other ${opaque}`)),
      authorization: `Basic ${Buffer.from(`admin:${opaque}`).toString('base64')}`,
      database: `postgres://app:${opaque}@db.test:5432/main?sslmode=require`,
      short: 'postgres://app:hunter@db.test/main',
      next: `http://${host}/search?key=${opaque}&q=1`,
      signed: `http://${host}/search?signature=abc&q=2`,
      hook: `http://${host}/services/T0123456789/B0123456789/${opaque}abcd1234`,
      api_key: `sk-proj-${opaque}`,
      private_key: `-----BEGIN PRIVATE KEY-----\n${opaque}\n${opaque}\n-----END PRIVATE KEY-----\n`,
    };
    response.end(JSON.stringify(answer));
  });
  const looking = graph('looking', { state: fields({ seen: last<Record<string, unknown>>({}) }) })
    .node('look', async () => {
      const answer = await fetch(issuer.url);
      const given = (await answer.json()) as Record<string, string> & { readonly access_token: string };
      const followed = async (link: string) => ((await (await fetch(link)).json()) as { q: unknown }).q;
      const claims = (token = '') => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
      const [session = '', language = ''] = answer.headers.getSetCookie().map((cookie) => cookie.split('; ')[0] ?? '');
      const cookie = /^(?<name>[^=]+)=(?<value>.*)$/.exec(session)?.groups;
      const { hostname, search, username, password } = new URL(given.database ?? '');
      const seen = {
        tenant: claims(given.access_token).tenant,
        isOther: given.access_token !== given.id_token && claims(given.id_token).tenant === 't-9',
        password: claims(given.access_token).api_key,
        cookie: [cookie?.name, cookie?.value, language, await followed(`${issuer.url}/x?session=${cookie?.value}&q=3`)],
        pair: Buffer.from(given.authorization?.slice(6) ?? '', 'base64')
          .toString()
          .split(':'),
        address: [hostname, search, username, password, new URL(given.short ?? '').hostname],
        followed: [
          await followed(given.next ?? ''),
          await followed(given.signed ?? ''),
          await followed(given.hook ?? ''),
        ],
        key: [given.api_key?.startsWith('sk-proj-'), given.api_key?.length],
        pem: given.private_key?.startsWith('-----BEGIN PRIVATE KEY-----\n'),
      };
      return { delta: { seen } };
    })
    .start('look')
    .build();
  const { path, run } = await recordRun(looking, {}, { out: join(temporaryFolder(), 'looking.run.jsonl') });
  expect(run.state.seen).toMatchObject({ tenant: 't-9', followed: ['1', '2', null], pem: true });
  const { report } = await replay(looking, path);
  expect({ verdict: report.verdict, divergences: report.divergences }).toEqual({ verdict: 'same', divergences: [] });
  const text = readFileSync(path, 'utf8');
  for (const hidden of [opaque, base64url(opaque), webToken.split('.')[2] as string, 'hunter'])
    expect(text).not.toContain(hidden);
  expect(await scanFixture(path)).toEqual([]);
});

it('leaves the texts beside a mark in a list, so that an update may ask for real', async () => {
  await using echo = await LoopbackServer.start((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const email = searchParams.get('of') ?? '';
    response.end(
      JSON.stringify({
        rows: [
          ['Bob', email],
          ['Ann', 'x@example.com'],
        ],
        list: [email, 'com'],
        text: `to ${email}`,
      }),
    );
  });
  const asking = (please: string) =>
    graph('asking', { state: fields({ email: last<string>(), got: last<unknown>(null) }) })
      .node('ask', async ({ email }) => {
        const answer = await fetch(`${echo.url}/?of=${encodeURIComponent(email)}&p=${please}`);
        return { delta: { got: await answer.json() } };
      })
      .start('ask')
      .build();
  const redact: RedactOptions = { values: ['email'] };
  const path = join(temporaryFolder(), 'asking.run.jsonl');
  await recordRun(asking('one'), { email: 'ada@example.org' }, { out: path, redact });
  expect(await updateFixture(asking('two'), path, { live: true, redact })).toMatchObject({ why: 'redacted' });
  const { run, verdict } = await updateFixture(asking('two'), path, { live: true, sendMarks: true, redact });
  expect(verdict).toBe('updated');
  expect(run.state.got).toMatchObject({
    rows: [
      ['Bob', mail],
      ['Ann', 'x@example.com'],
    ],
    list: [mail, 'com'],
  });
  const { report, run: replayed } = await replay(asking('two'), path);
  expect(report.verdict).toBe('same');
  expect(replayed.state.got).toMatchObject({
    rows: [
      ['Bob', mail],
      ['Ann', expect.stringMatching(/^person-/)],
    ],
  });
});
