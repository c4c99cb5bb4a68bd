// `reprise serve` and those who try to read from it: other sites, other users, wrong names. One server for each kind of runs.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runProgram } from '../../cli/program.ts';
import { createEngine, fields, graph, last } from '../../src/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { temporaryFolder } from '../support/folder.ts';
import { RecordedIo } from '../support/recorded-io.ts';

const secret = `ghp_${'Ab1'.repeat(12)}`;
const hostile = '</script><script>document.title = "hurt"</script>';

interface Served {
  readonly port: number;
  readonly token: string;
  readonly io: RecordedIo;
  /** Sends a request, head and all, and returns the answer to its end. */
  ask(head: string): Promise<string>;
  /** What the person who started it gets. */
  get(path: string): Promise<string>;
}

async function serve(folder: string, ...args: readonly string[]): Promise<Served> {
  const io = new RecordedIo(folder);
  const ended = runProgram(['serve', ...args], io);
  await expect.poll(() => io.out + (io.listenerCount > 0 ? '' : io.talk)).not.toBe('');
  const [, digits, token = ''] = /^http:\/\/127\.0\.0\.1:(\d+)\/([\w-]+)\/\n$/.exec(io.out) ?? [];
  const port = Number(digits);
  onTestFinished(async () => {
    io.interrupt();
    expect(await ended).toBe(0);
  });
  const ask = (head: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      socket.on('close', () => resolve(text));
      socket.on('error', (error: NodeJS.ErrnoException) => (text === '' ? reject(error) : resolve(text)));
      socket.write(head);
    });
  const get = (path: string) => ask(`GET /${token}/${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  return { port, token, io, ask, get };
}

const greeting = graph('greeting', { state: fields({ text: last<string>(), step: last(0) }) })
  .node('first', async ({ text }, { effect }) => ({ delta: { step: await effect('call', { text }, () => 1) } }))
  .node('second', async () => {
    await second.wait;
    return { delta: { step: 2 } };
  })
  .edge('first', 'second')
  .start('first')
  .build();

/** What the second step waits for. */
const second = { wait: Promise.resolve() };

async function storeWith(folder: string, runs: Readonly<Record<string, string>>): Promise<string> {
  const path = join(folder, 'runs.db');
  await using engine = createEngine(greeting, { store: sqliteStore(path) });
  for (const [runId, text] of Object.entries(runs)) await engine.run({ text }, { runId, seed: 's' });
  return path;
}

/** The constant answer to everything that is refused. */
const refused = /^HTTP\/1\.1 404 [\s\S]*\r\n\r\nNot found\. Open the address that the command has printed[^\n]*\n$/;

describe('reprise serve', () => {
  it('answers nobody who does not come with its host, from its own pages, with its token', async () => {
    const folder = temporaryFolder();
    await storeWith(folder, { 'run-1': 'hello' });
    const { port, token, ask, get } = await serve(folder);
    expect(await get('')).toContain('href="run/run-1"');
    const own = `Host: 127.0.0.1:${port}`;
    const list = `/${token}/`;
    const requests: Readonly<Record<string, string>> = {
      'another host': `GET ${list} HTTP/1.1\r\nHost: evil.example:${port}\r\n\r\n`,
      'a host without the port': `GET ${list} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`,
      'a host that begins like it': `GET ${list} HTTP/1.1\r\nHost: 127.0.0.1:${port}.evil.example\r\n\r\n`,
      'two hosts': `GET ${list} HTTP/1.1\r\n${own}\r\nHost: evil.example\r\n\r\n`,
      'no host': `GET ${list} HTTP/1.0\r\n\r\n`,
      'another origin': `GET ${list} HTTP/1.1\r\n${own}\r\nOrigin: http://evil.example\r\n\r\n`,
      'an origin on another port': `GET ${list} HTTP/1.1\r\n${own}\r\nOrigin: http://127.0.0.1:1\r\n\r\n`,
      'no origin to speak of': `GET ${list} HTTP/1.1\r\n${own}\r\nOrigin: null\r\n\r\n`,
      'two origins': `GET ${list} HTTP/1.1\r\n${own}\r\nOrigin: http://127.0.0.1:${port}\r\nOrigin: http://a\r\n\r\n`,
      'a page of another site': `GET ${list} HTTP/1.1\r\n${own}\r\nSec-Fetch-Site: cross-site\r\n\r\n`,
      'a page on another port': `GET ${list} HTTP/1.1\r\n${own}\r\nSec-Fetch-Site: same-site\r\n\r\n`,
      'no token': `GET / HTTP/1.1\r\n${own}\r\n\r\n`,
      'an empty token': `GET // HTTP/1.1\r\n${own}\r\n\r\n`,
      'a run without a token': `GET /run/run-1 HTTP/1.1\r\n${own}\r\n\r\n`,
      'a shorter token': `GET /${token.slice(0, -1)}/ HTTP/1.1\r\n${own}\r\n\r\n`,
      'a longer token': `GET /${token}x/ HTTP/1.1\r\n${own}\r\n\r\n`,
      'another token': `GET /${'x'.repeat(token.length)}/ HTTP/1.1\r\n${own}\r\n\r\n`,
      'the token in the query': `GET /?${token} HTTP/1.1\r\n${own}\r\n\r\n`,
      'the token behind another path': `GET /x/../${token}/ HTTP/1.1\r\n${own}\r\n\r\n`,
      'a whole address': `GET http://127.0.0.1:${port}${list} HTTP/1.1\r\n${own}\r\n\r\n`,
      'an address that is too long': `GET ${list}?search=${'x'.repeat(9_000)} HTTP/1.1\r\n${own}\r\n\r\n`,
      'a broken escape': `GET ${list}run/%E0%A4%A HTTP/1.1\r\n${own}\r\n\r\n`,
      'an unknown run': `GET ${list}run/run-2 HTTP/1.1\r\n${own}\r\n\r\n`,
      'an unknown page': `GET ${list}runs/run-1 HTTP/1.1\r\n${own}\r\n\r\n`,
      'the path of the store': `GET ${list}run/runs.db HTTP/1.1\r\n${own}\r\n\r\n`,
      'an expectation': `GET ${list} HTTP/1.1\r\n${own}\r\nExpect: 100-continue\r\n\r\n`,
      ...Object.fromEntries(
        ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'].map((method) => [
          method,
          `${method} ${list} HTTP/1.1\r\n${own}\r\nContent-Length: 0\r\n\r\n`,
        ]),
      ),
    };
    for (const [what, request] of Object.entries(requests))
      expect([what, await ask(request)]).toEqual([what, expect.stringMatching(refused)]);
    // Node itself ends these, before anything is asked.
    const huge = await ask(`GET /${'x'.repeat(70_000)} HTTP/1.1\r\n${own}\r\n\r\n`);
    expect(huge).toMatch(/^HTTP\/1\.1 431 [^\n]*\r\nConnection: close\r\n\r\n$/);
    expect(await ask(`HEAD ${list} HTTP/1.1\r\n${own}\r\n\r\n`)).not.toContain('run-1');
    expect(await ask('CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n').catch(() => '')).toBe('');
  });

  it('lets no other page read, hold or embed what it sends', async () => {
    const folder = temporaryFolder();
    await storeWith(folder, { 'run-1': 'hello' });
    const { get } = await serve(folder);
    const [head = ''] = (await get('run/run-1')).split('\r\n\r\n', 1);
    for (const header of [
      'cache-control: no-store',
      "content-security-policy: frame-ancestors 'none'",
      'cross-origin-opener-policy: same-origin',
      'cross-origin-resource-policy: same-origin',
      'referrer-policy: no-referrer',
      'x-content-type-options: nosniff',
    ])
      expect(head).toContain(`\r\n${header}`);
    expect(head).not.toMatch(/access-control|set-cookie/i);
  });

  it('shows a store as a fixture would hold it, unless it is wanted raw', async () => {
    const folder = temporaryFolder();
    await storeWith(folder, { [`run ${hostile}`]: `the key is ${secret}` });
    const path = `run/${encodeURIComponent(`run ${hostile}`)}`;
    const redacted = await serve(folder);
    const page = await redacted.get(path);
    expect(page).toContain('HTTP/1.1 200');
    expect(page).not.toContain(secret);
    expect(page).not.toContain(hostile);
    expect((await redacted.get('')).replaceAll('&lt;', '<')).toContain(hostile);
    expect(await redacted.get('')).not.toContain(hostile);
    expect(await (await serve(folder, '--raw')).get(path)).toContain(secret);
  });

  it('shows a run as far as it is, and again when it is read again', async () => {
    const folder = temporaryFolder();
    await storeWith(folder, { before: 'hello' });
    const { get } = await serve(folder);
    const gate = Promise.withResolvers<void>();
    second.wait = gate.promise;
    await using engine = createEngine(greeting, { store: sqliteStore(join(folder, 'runs.db')) });
    const run = engine.run({ text: 'slow' }, { runId: 'slow' });
    await expect.poll(() => get('run/slow')).toContain('"step":1');
    const early = await get('run/slow');
    expect(early).toContain('"status":"running"');
    expect(early).not.toContain('"step":2,"changes":[{"field":"step"');
    expect(await get('?status=running')).toContain('run/slow');
    expect(await get('?status=running')).not.toContain('run/before');
    expect(await get('?search=BEF')).not.toContain('run/slow');
    gate.resolve();
    await run;
    expect(await get('run/slow')).toContain('"status":"done"');
    expect(await get('?status=running')).toContain('No run is like that.');
  });

  it('says what a paused run waits for, and not what it asks', async () => {
    const folder = temporaryFolder();
    const asking = graph('asking', { state: fields({ answer: last('') }) })
      .node('desk', async (_state, { ask }) => ({
        delta: { answer: String(await ask({ key: secret }, { name: 'approve' })) },
      }))
      .start('desk')
      .build();
    await using engine = createEngine(asking, { store: sqliteStore(join(folder, 'runs.db')) });
    expect((await engine.run({}, { runId: 'asks' })).status).toBe('paused');
    const page = await (await serve(folder)).get('run/asks');
    expect(page).toContain('"status":"paused"');
    expect(page).toContain('["waits for","an answer to 1.0:approve of \\"desk\\""]');
    expect(page).not.toContain(secret);
  });

  it('lists a long store page by page', async () => {
    const folder = temporaryFolder();
    await using engine = createEngine(greeting, { store: sqliteStore(join(folder, 'runs.db')) });
    for (let place = 0; place < 102; place += 1) await engine.enqueue({ text: 'x' }, { runId: `run-${place}` });
    const { get } = await serve(folder);
    const found: string[] = [];
    for (let path: string | undefined = '?search=run-'; path !== undefined; ) {
      const text = await get(path);
      found.push(...[...text.matchAll(/href="run\/(run-\d+)"/g)].map(([, name]) => name as string));
      path = /<a href="\.\/(\?[^"]*)">more runs/.exec(text)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(found).toHaveLength(102);
    expect(new Set(found).size).toBe(102);
    expect(await get('run/run-7')).toContain('"status":"queued"');
  });

  it('shows the fixtures of its folder and nothing that a link or a name leads to', async () => {
    const outside = temporaryFolder();
    const store = sqliteStore(await storeWith(outside, { mine: 'outside of the folder', own: hostile }));
    const folder = temporaryFolder({ 'fixtures/broken.run.jsonl': `{"fixture":${hostile}\n` });
    await exportRunTo(store, 'mine', join(outside, 'mine.run.jsonl'));
    await exportRunTo(store, 'own', join(folder, 'fixtures/deep/own.run.jsonl'));
    await store.close();
    writeFileSync(join(outside, 'secret.txt'), secret);
    symlinkSync(join(outside, 'mine.run.jsonl'), join(folder, 'fixtures/linked.run.jsonl'));
    symlinkSync(join(outside, 'secret.txt'), join(folder, 'fixtures/secret.run.jsonl'));
    symlinkSync(outside, join(folder, 'fixtures/out'));
    mkdirSync(join(folder, 'fixtures/folder.run.jsonl'));
    const { get } = await serve(folder, 'fixtures');
    const list = await get('');
    expect([...list.matchAll(/href="run\/([^"]+)"/g)].map(([, name]) => name)).toEqual([
      'broken.run.jsonl',
      'deep%2Fown.run.jsonl',
    ]);
    expect(list).toContain('<span class="verdict unreadable">');
    const own = await get('run/deep%2Fown.run.jsonl');
    expect(own).toContain('HTTP/1.1 200');
    expect(own).not.toContain(hostile);
    expect(own).toContain('\\u003c/script>');
    const broken = await get('run/broken.run.jsonl');
    expect(broken).toContain('fixture-damaged');
    expect(broken).not.toContain('<script>');
    for (const name of [
      'linked.run.jsonl',
      'secret.run.jsonl',
      'out%2Fmine.run.jsonl',
      'folder.run.jsonl',
      '..%2Fmine.run.jsonl',
      '../mine.run.jsonl',
      '%2e%2e%2fmine.run.jsonl',
      '%252e%252e%252fmine.run.jsonl',
      'deep%2F..%2F..%2Fmine.run.jsonl',
      'deep%2F..%2Fdeep%2Fown.run.jsonl',
      'deep%5Cown.run.jsonl',
      encodeURIComponent(join(outside, 'mine.run.jsonl')),
      'deep%2Fown.run.jsonl%00',
      'HEAD:fixtures%2Fdeep%2Fown.run.jsonl',
      '__proto__',
      '',
    ])
      expect([name, await get(`run/${name}`)]).toEqual([name, expect.stringMatching(refused)]);
  });

  it.each([
    { args: [], says: 'runs.db' },
    { args: ['nothing'], says: 'nothing is not a folder' },
    { args: ['.', '--raw'], says: '--raw is about stored runs' },
    { args: ['--port', '70000'], says: 'It must be a port' },
  ])('says what is wrong with $args', async ({ args, says }) => {
    const io = new RecordedIo(temporaryFolder());
    expect(await runProgram(['serve', ...args], io)).toBe(2);
    expect(io.talk).toContain(says);
    expect(io.talk).toContain('next: ');
  });

  it('says what is wrong with a store that broke while it was served', async () => {
    const folder = temporaryFolder();
    const path = await storeWith(folder, { 'run-1': 'hello' });
    const { get } = await serve(folder);
    writeFileSync(path, 'no database any more');
    for (const page of ['', 'run/run-1']) expect(await get(page)).toContain('store-unreadable');
  });
});
