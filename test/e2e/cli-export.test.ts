// Many runs of a store become fixtures, each replayed at once; and old runs are deleted.
import Database from 'better-sqlite3';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createEngine, fields, graph, last } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { makeProject, reprise } from '../support/cli.ts';
import { commandHere } from '../support/command-here.ts';
import { sharedFolder } from '../support/folder.ts';
import { LoopbackServer } from '../support/loopback-server.ts';

const folder = sharedFolder();
const run = (...args: readonly string[]) => commandHere(folder, args);

const source = `import { fields, graph, last } from 'reprise';
export const desk = graph('desk', { state: fields({ question: last('') }) })
  .node('ask', async (_state, { effect }) => { await effect('search', 1, () => 'found'); })
  .node('refund', ({ question }) => { if (question === 'refund much') throw new RangeError('too much'); })
  .node('close', () => undefined)
  .edge('ask', 'refund', { when: ({ question }) => question.startsWith('refund') })
  .edge('ask', 'close', { when: ({ question }) => !question.startsWith('refund') })
  .start('ask')
  .build();
`;

/** The graph of that source. */
const desk = graph('desk', { state: fields({ question: last('') }) })
  .node('ask', async (_state, { effect }) => {
    await effect('search', 1, () => 'found');
  })
  .node('refund', ({ question }) => {
    if (question === 'refund much') throw new RangeError('too much');
  })
  .node('close', () => undefined)
  .edge('ask', 'refund', { when: ({ question }) => question.startsWith('refund') })
  .edge('ask', 'close', { when: ({ question }) => !question.startsWith('refund') })
  .start('ask')
  .build();

/** Asks over the network, as most graphs do: the shortest requests stay in a store of runs that are not recorded. */
const asking = (url: string) =>
  graph('desk', { state: fields({ question: last('') }) })
    .node('ask', async ({ question }) => {
      await (await fetch(url, { method: 'POST', body: JSON.stringify({ question }) })).text();
      if (question === 'refund much') throw new RangeError('too much');
    })
    .start('ask')
    .build();

const other = graph('other', { state: fields({}) })
  .node('wait', () => undefined)
  .start('wait')
  .build();

beforeAll(async () => {
  makeProject(folder, {
    'src/desk.ts': source,
    // The glob finds it too.
    'src/desk.test.ts': "throw new Error('a test runner imports this');\n",
    'reprise.config.ts': `export default { graphs: ['src/*.ts'] };\n`,
  });
  const path = join(folder, 'runs.db');
  const labels = { customer: 'acme' };
  const engine = createEngine(desk, { store: sqliteStore(path) });
  await engine.run({ question: 'refund much' }, { runId: 'bad-1' });
  await engine.run({ question: 'hello' }, { runId: 'good-1', labels });
  await engine.run({ question: 'refund' }, { runId: 'good-2' });
  await engine.run({ question: 'hello' }, { runId: 'good-3' });
  await engine.run({ question: 'refund much' }, { runId: 'bad-2' });
  await engine.close();
  await using server = await LoopbackServer.start((_request, response) => void response.end('x'.repeat(5_000)));
  const recorded = createEngine(asking(server.url), {
    store: sqliteStore(join(folder, 'some.db')),
    effects: [httpEffects()],
    record: { to: join(folder, 'recorded') },
  });
  await recorded.run({ question: 'hello'.repeat(500) }, { runId: 'good' });
  await recorded.run({ question: 'refund much' }, { runId: 'bad' });
  await recorded.run({ question: 'hello' }, { runId: 'better' });
  await recorded.close();
  const others = createEngine(other, { store: sqliteStore(path) });
  await others.run({}, { runId: 'other-1' });
  await others.close();
});

describe('export of many', () => {
  it('says of each whether it replays, and overwrites nothing', async () => {
    const args = ['export', '--status', 'failed', '--since', '24h', '--graph', 'desk', '--out', 'failed/'];
    const { code, out, talk } = await run(...args);
    expect({ code, talk }).toEqual({ code: 0, talk: '2 fixtures written\n' });
    expect(out).toBe('failed/desk/bad-2.run.jsonl: replays\nfailed/desk/bad-1.run.jsonl: replays\n');
    const path = join(folder, 'failed/desk/bad-1.run.jsonl');
    writeFileSync(path, 'mine');
    const again = await run(...args);
    expect(again).toEqual({ code: 0, out: '', talk: '0 fixtures written, 2 there already (--force replaces them)\n' });
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });

  it('takes runs by label and age, so many as are asked for', async () => {
    const labelled = await run('export', '--label', 'customer=acme', '--out', 'acme');
    expect(labelled.out).toBe('acme/desk/good-1.run.jsonl: replays\n');
    const old = await run('export', '--since', '2099-01-01', '--out', 'late/');
    expect(old).toEqual({ code: 0, out: '', talk: '0 fixtures written\n' });
    const limited = await run('export', '--graph', 'src/desk.ts#desk', '--limit', '1', '--out', 'one/');
    expect(limited.out).toBe('one/desk/bad-2.run.jsonl: replays\n');
  });

  it('takes runs by name, and goes past one that is not there', async () => {
    const named = await run('export', 'good-1', 'bad-1', 'good-1', '--out', 'named');
    expect(named).toEqual({
      code: 0,
      out: 'named/desk/good-1.run.jsonl: replays\nnamed/desk/bad-1.run.jsonl: replays\n',
      talk: '2 fixtures written\n',
    });
    const some = await run('export', 'nobody', 'good-2', '--out', 'named/');
    expect(some).toMatchObject({ code: 2, out: 'named/desk/good-2.run.jsonl: replays\n' });
    expect(some.talk).toContain('reprise: nobody: there is no run "nobody"');
    expect(some.talk).toContain('1 fixture written, 1 failed\n');
  });

  it('says what stands in the way, and goes past a run that is damaged', async () => {
    const found = await run('export', '--graph', 'other', '--out', 'others/');
    expect(found.code).toBe(0);
    expect(found.out).toMatch(
      /^others\/other\/other-1\.run\.jsonl: not replayed: no module listed .* "other"; with --graph it would be\n$/,
    );
    writeFileSync(join(folder, 'src/desk.ts'), source.replace('too much', 'far too much'));
    const changed = await reprise(folder, ['export', 'bad-1', '--out', 'changed/']);
    expect(changed.out).toMatch(/bad-1\.run\.jsonl: does not replay: "refund" in step 2 \(2\.0#1\) ends differently/);
    writeFileSync(join(folder, 'src/desk.ts'), source);
    cpSync(join(folder, 'runs.db'), join(folder, 'damaged.db'));
    const database = new Database(join(folder, 'damaged.db'));
    database.exec(
      `UPDATE entry SET json = '{}' WHERE sequence = 3 AND run = (SELECT number FROM run WHERE id = 'good-3')`,
    );
    database.close();
    const past = await run('export', '--graph', 'desk', '--store', 'damaged.db', '--out', 'damaged/');
    expect(past.code).toBe(2);
    expect(past.out.match(/: replays$/gm)).toHaveLength(4);
    expect(past.talk).toMatch(/good-3[\s\S]*is damaged[\s\S]*4 fixtures written, 1 failed\n$/);
  });

  it('takes only runs that go a new way, and says which', async () => {
    const { code, out, talk } = await run('export', '--new-paths', '--graph', 'desk', '--out', 'ways/');
    expect(code).toBe(0);
    expect(out.split('\n').map((line) => line.replace(/.*desk\//, ''))).toEqual([
      'bad-2.run.jsonl: replays; new: effect ask: call search, node ask, edge ask -> refund, error refund: RangeError, end failed',
      'good-3.run.jsonl: replays; new: edge ask -> close, node close, end done',
      'good-2.run.jsonl: replays; new: node refund',
      '',
    ]);
    expect(talk).toBe('3 fixtures written, 2 runs without a new way\n');
  });

  it('goes past runs that no policy recorded, whose requests are gone', async () => {
    const { code, out, talk } = await run('export', '--new-paths', '--store', 'some.db', '--out', 'some/');
    expect({ code, talk }).toEqual({ code: 0, talk: '1 fixture written, 2 runs not recorded\n' });
    expect(out).toMatch(/^some\/desk\/bad\.run\.jsonl: /);
  });

  it.each([
    [['export', '--out', 'x/'], 'no run is named'],
    [['export', 'bad-1', '--status', 'failed', '--out', 'x/'], 'runs are named, and others are asked for'],
    [['export', 'bad-1', 'bad-2', '--out', 'x.run.jsonl'], 'is one file'],
    [['export', 'bad-1', 'bad-2', '--as', 'x', '--out', 'x/'], '`--as` names one'],
    [['export', 'bad-1', 'bad-2', '--preview'], 'or one run and `--preview`'],
    [['export', '--status', 'failed', '--out', 'x.run.jsonl'], 'is one file'],
    [['export', '--since', 'soon', '--out', 'x/'], 'a span such as 30m'],
    [['prune', '--older-than', '1h'], 'runs are deleted for good'],
    [['delete', 'bad-1'], 'runs are deleted for good'],
    [['vacuum', '--store', 'no.db'], 'does not exist'],
  ])('refuses %j', async (args, says) => {
    const { code, out, talk } = await run(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(talk).toContain(says);
    expect(talk).toMatch(/^ {2}next: /m);
    expect(existsSync(join(folder, 'no.db'))).toBe(false);
  });
});

describe('deleting', () => {
  it('shows what it would delete, deletes it, and returns the space', async () => {
    const args = ['prune', '--older-than', '0s', '--keep', '1', '--graph', 'desk'];
    const dry = await run(...args, '--dry-run');
    expect(dry.code).toBe(0);
    for (const runId of ['bad-1', 'good-1', 'good-2', 'good-3']) expect(dry.out).toContain(runId);
    expect(dry.out).not.toContain('bad-2');
    expect(await run(...args, '--yes')).toEqual({
      code: 0,
      out: '4 runs deleted\n',
      talk: '  next: return the space to the disk: npx reprise vacuum\n',
    });
    const gone = await run('delete', 'nobody', 'bad-2', '--yes');
    expect(gone).toMatchObject({ code: 2, out: 'bad-2: deleted\n' });
    expect(gone.talk).toContain('no run "nobody"');
    expect((await run('vacuum')).out).toMatch(/^runs\.db: \d+\.\d MB freed, \d+\.\d MB left\n$/);
  });
});
