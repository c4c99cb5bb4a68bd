// Every command takes the address of a server where it takes a file, and shows no password of it.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { commitEntry, endOf, eventEntry, graphOf, runEntry, stored } from '../../src/explore/store/law-entries.ts';
import { postgresStore, s3Parts } from '../../src/store/postgres/index.ts';
import { makeProject, processOf, root } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { commandHere } from '../support/command-here.ts';
import { sharedFolder } from '../support/folder.ts';
import { s3Keys, startS3 } from '../support/s3-server.ts';
import { freePort, skipReason, startServer } from './server.ts';
import type { TestServer } from './server.ts';

const graphs = `import { fields, graph, last, sum } from 'reprise';
export const desk = graph('desk', { state: fields({ text: last('') }) })
  .node('ask', async (_state, { ask }) => ({ delta: { text: await ask('Which?') } }))
  .start('ask')
  .build();
export const bell = graph('bell', { state: fields({ rung: last(false) }) })
  .node('wait', async (_state, { receive }) => ({ delta: { rung: await receive('ring') } }))
  .start('wait')
  .build();
export const counter = graph('counter', { state: fields({ count: sum() }) })
  .node('add', () => ({ delta: { count: 1 } }))
  .edge('add', 'add', { when: (state) => state.count < 3 })
  .start('add')
  .build();
`;
const config = `export default { graphs: ['graphs.ts'] };\n`;
const secret = 'sesame-open';
const why = skipReason();

describe.skipIf(why !== undefined)('commands with the address of a server', () => {
  const folder = sharedFolder();
  const ended: Ended[] = [];
  let server: TestServer;
  let address: string;
  beforeAll(async () => {
    server = await startServer();
    address = `postgres://postgres:${secret}@127.0.0.1:${server.port}/postgres?schema=desk`;
    makeProject(folder, { 'graphs.ts': graphs, 'reprise.config.ts': config });
  });
  afterAll(() => server.remove());

  async function command(...args: readonly string[]): Promise<Ended> {
    const result = await commandHere(folder, args);
    ended.push(result);
    return result;
  }
  const withStore = (...args: readonly string[]): Promise<Ended> => command(...args, '--store', address);

  it('find no store before there is one, and make none by looking', async () => {
    for (let time = 0; time < 2; time += 1) {
      const { code, talk } = await withStore('list');
      expect(code).toBe(2);
      expect(talk).toContain('does not exist');
    }
  });

  it('begin, list, show, answer, send, cancel, fork and delete runs', async () => {
    expect(await withStore('run', 'desk', '--input', '{}', '--run-id', 'desk-1')).toMatchObject({ code: 0 });
    const listed = await withStore('list', '--paused');
    expect(listed.out).toContain('desk-1');
    expect((await withStore('show', 'desk-1')).out).toContain('Which?');
    expect(await withStore('answer', 'desk-1', '"tea"')).toMatchObject({ code: 0 });
    expect(await withStore('resume', 'desk-1')).toMatchObject({ code: 0 });
    expect((await withStore('list', '--status', 'done')).out).toContain('desk-1');
    expect(await withStore('run', 'bell', '--input', '{}', '--run-id', 'bell-1')).toMatchObject({ code: 0 });
    expect(await withStore('send', 'bell-1', 'ring', 'true')).toMatchObject({ code: 0 });
    expect(await withStore('enqueue', 'counter', '--input', '{}', '--run-id', 'counter-1')).toMatchObject({ code: 0 });
    expect(await withStore('enqueue', 'counter', '--input', '{}', '--run-id', 'counter-2')).toMatchObject({ code: 0 });
    expect(await withStore('cancel', 'counter-2')).toMatchObject({ code: 0 });
    for (const runId of ['bell-1', 'counter-1']) expect(await withStore('resume', runId)).toMatchObject({ code: 0 });
    const done = await withStore('list', '--json');
    const runs = (JSON.parse(done.out) as { runs: { runId: string; status: string }[] }).runs;
    expect(Object.fromEntries(runs.map(({ runId, status }) => [runId, status]))).toEqual({
      'desk-1': 'done',
      'bell-1': 'done',
      'counter-1': 'done',
      'counter-2': 'cancelled',
    });
    expect(await withStore('fork', 'counter-1', '--step', '1', '--run-id', 'counter-3')).toMatchObject({ code: 0 });
    expect(await withStore('export', 'counter-1', '--out', 'fixtures/')).toMatchObject({ code: 0 });
    expect(await command('replay', 'fixtures/counter/counter-1.run.jsonl')).toMatchObject({ code: 0 });
    expect(await withStore('diff', 'counter-1', 'counter-3')).toMatchObject({ code: 0 });
    expect(await withStore('delete', 'counter-2', '--yes')).toMatchObject({ code: 0, out: 'counter-2: deleted\n' });
    expect((await withStore('prune', '--older-than', '0s', '--yes')).code).toBe(0);
    expect(await withStore('show', 'nobody')).toMatchObject({ code: 2 });
  });

  it('copy runs from a file to a server, and back', async () => {
    const there = address.replace('schema=desk', 'schema=copied');
    const journal = async (store: string): Promise<string> =>
      (await command('show', 'bell-7', '--json', '--store', store)).out;
    await command('run', 'bell', '--input', '{}', '--run-id', 'bell-7', '--store', 'own.db');
    await command('run', 'counter', '--input', '{}', '--run-id', 'counter-7', '--store', 'own.db');
    expect(await command('send', 'bell-7', 'ring', 'true', '--store', 'own.db')).toMatchObject({ code: 0 });
    const copied = { code: 0, out: '2 runs copied\n' };
    expect(await command('copy', '--from', 'own.db', '--to', there)).toMatchObject(copied);
    expect(await command('copy', '--from', there, '--to', 'back.db')).toMatchObject(copied);
    expect(await journal(there)).toBe(await journal('own.db'));
    expect(await journal('back.db')).toBe(await journal('own.db'));
    const again = await command('copy', '--from', 'own.db', '--to', there);
    expect(again).toMatchObject({ code: 0, out: '0 runs copied, 2 there already\n' });
    for (const store of [there, 'back.db'])
      expect(await command('resume', 'bell-7', '--store', store)).toMatchObject({ code: 0 });
    expect(await command('copy', '--from', 'own.db', '--to', there)).toMatchObject({ code: 2 });
    expect(await command('copy', '--from', 'own.db', '--to', 'own.db')).toMatchObject({ code: 2 });
    expect(await command('copy', '--from', 'nowhere.db', '--to', there)).toMatchObject({ code: 2 });
  });

  it('read what of a run is in a bucket, and write there', async () => {
    const s3 = await startS3();
    vi.stubEnv('AWS_ACCESS_KEY_ID', s3Keys.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', s3Keys.secretAccessKey);
    vi.stubEnv('AWS_REGION', s3Keys.region);
    vi.stubEnv('AWS_SESSION_TOKEN', undefined);
    try {
      const there = address.replace('schema=desk', 'schema=bucket');
      const parts = s3Parts({ ...s3Keys, endpoint: s3.endpoint, bucket: 'runs', prefix: 'desk (1)/' });
      const store = postgresStore(there, { parts });
      const lease = await store.create(runEntry('large-1', graphOf('large')));
      const words = Array.from({ length: 1_000 }, (_unused, index) => `${index} ${'word '.repeat(100)}`);
      const said = eventEntry('1.0#1', { data: stored(words) });
      await store.append(lease, [commitEntry('0'), said, commitEntry('1'), endOf('done')], undefined, 1);
      await store.close();
      expect(s3.objects.size).toBe(1);
      const without = await command('show', 'large-1', '--store', there);
      expect(without).toMatchObject({ code: 2 });
      expect(without.talk).toContain('?parts=');
      const bucket = `parts=${s3.endpoint}/runs/desk%20(1)/`;
      const withParts = (...args: readonly string[]): Promise<Ended> =>
        command(...args, '--store', `${there}&${bucket}`);
      expect((await withParts('list')).out).toContain('large-1');
      expect((await withParts('show', 'large-1', '--json')).out).toContain('999 word');
      expect((await withParts('doctor')).out).toContain(`schema=bucket&${bucket}: 1 run`);
      expect(await command('copy', '--from', `${there}&${bucket}`, '--to', 'large.db')).toMatchObject({ code: 0 });
      expect(await command('copy', '--from', 'large.db', '--to', `${there}2&${bucket}`)).toMatchObject({ code: 0 });
      expect(s3.objects.size).toBe(2);
      expect(await command('list', '--store', `${there}&parts=${s3.endpoint}/`)).toMatchObject({ code: 2 });
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
      expect((await withParts('show', 'large-1')).talk).toContain('AWS_SECRET_ACCESS_KEY is not set');
      expect(ended.filter(({ out, talk }) => (out + talk).includes(s3Keys.secretAccessKey))).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
      await s3.close();
    }
  });

  it('refuse what is about a file', async () => {
    expect((await withStore('vacuum')).talk).toContain('is about the file of a SQLite store');
    expect((await command('scrub', address, '--path', 'input')).talk).toContain('is about the file of a SQLite store');
  });

  it('say where nobody answers, without the password', async () => {
    const nowhere = `postgres://postgres:${secret}@127.0.0.1:${await freePort()}/postgres`;
    const { code, talk } = await command('list', '--store', nowhere);
    expect(code).toBe(2);
    expect(talk).toContain('store-unreachable');
  });

  it('take the address from the config', async () => {
    makeProject(`${folder}/configured`, {
      'graphs.ts': graphs,
      'reprise.config.ts': `export default { graphs: ['graphs.ts'], store: '${address}' };\n`,
    });
    const result = await commandHere(`${folder}/configured`, ['doctor']);
    ended.push(result);
    const name = `store postgres://postgres@127.0.0.1:${server.port}/postgres?schema=desk`;
    expect(result.out).toMatch(new RegExp(`^ok {6}${name.replace('?', '[?]')}: \\d+ runs?$`, 'm'));
    // The server of this test waits for no disk.
    for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit'])
      expect(result.out).toContain(`problem ${name}: ${setting} = off: `);
    expect(result.code).toBe(1);
  });

  it('say of a database without tables that they are made on first use', async () => {
    const { out } = await command('doctor', '--store', address.replace('schema=desk', 'schema=nobodys'));
    expect(out).toMatch(/^note {4}no store yet at postgres:.*schema=nobodys: it is made on first use$/m);
  });

  it('work beside the worker of the guide', async () => {
    const place = `${folder}/guide`;
    const files = codeBlocks('docs/guide/more-than-one-machine.md').flatMap(({ file, text }) =>
      file === undefined ? [] : [[file, text.replace('postgres://reprise@db.example/runs', address)] as const],
    );
    makeProject(place, {
      ...Object.fromEntries(files),
      'reprise.config.ts': `export default { graphs: ['desk.ts'] };\n`,
    });
    symlinkSync(join(root, 'node_modules/pg'), join(place, 'node_modules/pg'));
    ended.push(
      await commandHere(place, ['enqueue', 'desk', '--input', '{}', '--run-id', 'guide-1', '--store', address]),
    );
    const worked = await processOf(process.execPath, ['--no-warnings', 'worker.ts'], place, {
      onStart: (child) => child.stdout?.once('data', () => child.kill('SIGTERM')),
    });
    expect(worked).toEqual({ code: 0, out: 'guide-1 done\n', talk: '' });
  });

  it('show the password nowhere', () => {
    expect(ended.length).toBeGreaterThan(20);
    expect(ended.filter(({ out, talk }) => (out + talk).includes(secret))).toEqual([]);
  });
});
