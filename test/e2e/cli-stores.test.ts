// How the command line handles faulty stores, and a Node that is too old.
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { makeProject, moduleText, processOf, projectFiles, reprise } from '../support/cli.ts';
import type { Ended, ProcessOptions } from '../support/cli.ts';
import { pause } from '../support/loopback-server.ts';

const input = '{"question":"what flies?"}';
const runAs = (runId: string): readonly string[] => ['run', 'src/desk.ts', '--input', input, '--run-id', runId];

let folder: string;
const run = (args: readonly string[], options?: ProcessOptions): Promise<Ended> => reprise(folder, args, options);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-stores-'));
  makeProject(folder, { 'src/desk.ts': moduleText('desk.ts') });
  expect((await run(runAs('desk-1'))).code).toBe(0);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function expectRefusal(ended: Ended, code: ErrorCode, says: RegExp): void {
  expect(ended).toMatchObject({ code: 2, out: '' });
  expect(ended.talk).toContain(`errors/${code}.md`);
  expect(ended.talk).toMatch(says);
}

const damaged = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes);
  return copy.fill(0xaa, 4_096);
};

/** Makes the faulty store from the good one, or beside it. */
const stores: readonly (readonly [string, ErrorCode, RegExp, (path: string, good: Buffer) => void])[] = [
  ['damaged', 'store-unreadable', /is damaged/, (path, good) => writeFileSync(path, damaged(good))],
  ['cut off', 'store-unreadable', /is damaged/, (path, good) => writeFileSync(path, good.subarray(0, 6_000))],
  ['a text', 'store-unreadable', /not a SQLite database/, (path) => writeFileSync(path, 'a text\n'.repeat(1_000))],
  ['a folder', 'store-unreadable', /is a folder/, (path) => mkdirSync(path)],
  [
    'of another program',
    'store-unreadable',
    /not a Reprise store/,
    (path) => new Database(path).exec('CREATE TABLE theirs (a)').close(),
  ],
  [
    'of a newer schema',
    'store-version-unknown',
    /schema 99[\s\S]*Update Reprise/,
    (path, good) => {
      writeFileSync(path, good);
      const database = new Database(path);
      database.pragma('user_version = 99');
      database.close();
    },
  ],
];

it.each(stores)(
  'refuses to read or write a store that is %s, and leaves it unchanged',
  async (what, code, says, make) => {
    const path = join(folder, `${what.replaceAll(' ', '-')}.db`);
    make(path, readFileSync(join(folder, 'runs.db')));
    const bytes = (): Buffer | undefined => (what === 'a folder' ? undefined : readFileSync(path));
    const before = bytes();
    const store = ['--store', path];
    const refused = await Promise.all([
      run(['list', ...store]),
      run(['show', 'desk-1', ...store]),
      run(['export', 'desk-1', '--out', 'exported/', ...store]),
      run(['resume', 'desk-1', '--graph', 'src/desk.ts', ...store]),
      run([...runAs('new'), ...store]),
    ]);
    for (const ended of refused) expectRefusal(ended, code, says);
    expect(bytes()).toEqual(before);
    expect(existsSync(join(folder, 'exported'))).toBe(false);
  },
);

it('refuses to run or export if damage shows only during the read', async () => {
  const path = join(folder, 'entry.db');
  cpSync(join(folder, 'runs.db'), path);
  const database = new Database(path);
  database.exec(`UPDATE entry SET json = '{"kind":"theirs"}' WHERE sequence = 3`);
  database.close();
  expectRefusal(
    await run(['export', 'desk-1', '--out', 'half.run.jsonl', '--store', path]),
    'store-unreadable',
    /entry 3 /,
  );
  expect(projectFiles(folder).filter((file) => /half|\.tmp/.test(file))).toEqual([]);
});

it('reports an unknown run id', async () => {
  for (const args of [
    ['show', 'nobody'],
    ['export', 'nobody', '--out', 'x/'],
    ['diff', 'desk-1', 'nobody'],
  ])
    expectRefusal(await run(args), 'run-unknown', /"nobody"[\s\S]*reprise list/);
  expectRefusal(await run(runAs('desk-1')), 'run-exists', /"desk-1"/);
});

it('waits while another process writes, and reads meanwhile', async () => {
  const database = new Database(join(folder, 'runs.db'));
  database.exec('BEGIN IMMEDIATE');
  let isFree = false;
  const writing = run(runAs('waited')).then((ended) => ({ ended, isFree }));
  expect((await run(['show', 'desk-1'])).code).toBe(0);
  await pause(400);
  isFree = true;
  database.exec('ROLLBACK');
  database.close();
  expect(await writing).toMatchObject({ ended: { code: 0, talk: '' }, isFree: true });
});

it('gives up with `store-locked` if another process keeps the lock', async () => {
  const path = join(folder, 'runs.db');
  const database = new Database(path);
  database.exec('BEGIN IMMEDIATE');
  const store = sqliteStore(path, { busyMs: 30 });
  await expect(async () => store.take('desk-1')).rejects.toMatchObject({
    code: 'store-locked',
    nextStep: expect.stringMatching(/try again/),
  });
  await store.close();
  database.exec('ROLLBACK');
  database.close();
});

it('reports a store that is not writable, and reads one in a read-only folder', async ({ skip }) => {
  const shared = mkdtempSync(join(tmpdir(), 'reprise-read-only-'));
  try {
    // Root may write everywhere, so the command runs as `nobody` in that case.
    const options = process.getuid?.() === 0 ? { uid: 65_534 } : {};
    chmodSync(shared, 0o777);
    makeProject(shared, { 'src/desk.ts': moduleText('desk.ts') });
    cpSync(join(folder, 'runs.db'), join(shared, 'src/runs.db'));
    chmodSync(join(shared, 'src/runs.db'), 0o444);
    chmodSync(join(shared, 'src'), 0o555);
    const store = ['--store', 'src/runs.db'];
    const canStart = await reprise(shared, ['--version'], options).catch(() => undefined);
    if (canStart?.code !== 0) skip('the program cannot be started as another user here');

    for (const args of [['list'], ['show', 'desk-1'], ['export', 'desk-1', '--out', 'out/']]) {
      const ended = await reprise(shared, [...args, ...store], options);
      expect(ended).toMatchObject({ code: 0, talk: '', out: expect.stringContaining('desk-1') });
    }
    const [kept, made, exported] = await Promise.all([
      reprise(shared, [...runAs('new'), ...store], options),
      reprise(shared, [...runAs('new'), '--store', 'src/new.db'], options),
      reprise(shared, ['export', 'desk-1', '--out', 'src/x.run.jsonl', ...store], options),
    ]);
    expectRefusal(kept, 'store-read-only', /is not writable/);
    expectRefusal(made, 'store-read-only', /is not writable/);
    expectRefusal(exported, 'fixture-unwritable', /permission denied/);
    expect(projectFiles(join(shared, 'src'))).toEqual(['desk.ts', 'runs.db']);
  } finally {
    chmodSync(join(shared, 'src'), 0o755);
    rmSync(shared, { recursive: true, force: true });
  }
});

it('reports that Node is too old before anything crashes', async ({ skip }) => {
  const old = await oldNode();
  if (old === undefined) skip('there is no Node older than 22.18 on this machine');
  const ended = await run(['list'], { node: old as string });
  expectRefusal(ended, 'node-too-old', /^reprise: Node 22\.18 or newer is required, but this is Node \d+\.\S+ /);
});

/** A Node on the PATH that is too old; not the project's own, which comes first. */
async function oldNode(): Promise<string | undefined> {
  for (const place of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(place, process.platform === 'win32' ? 'node.exe' : 'node');
    if (place === '' || !existsSync(path)) continue;
    const { out } = await processOf(path, ['--version'], folder);
    const [major = 0, minor = 0] = out.slice(1).split('.').map(Number);
    if (major < 22 || (major === 22 && minor < 18)) return path;
  }
  return undefined;
}
