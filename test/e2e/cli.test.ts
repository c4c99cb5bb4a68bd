// Every command of the built program, each in its own process: results on stdout, messages on stderr, and the exit
// code.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { version } from '../../src/version.ts';
import { changed, makeProject, moduleText, reprise } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';
import { runEntry } from '../support/journals.ts';

const source = moduleText('desk.ts');
const config = `import { defineConfig } from 'reprise/config';
export default defineConfig({ graphs: ['src/desk.ts'], store: 'runs.db', fixtures: 'fixtures/**/*.run.jsonl' });
`;
const fixture = 'fixtures/desk/desk-1.run.jsonl';
const input = '{"question":"what flies?"}';

let folder: string;
const run = (...args: readonly string[]): Promise<Ended> => reprise(folder, args);
const said = (out: string): Ended => ({ code: 0, out, talk: '' });

/** Names the code of an exported run. */
const code = ['--graph', 'src/desk.ts#desk'];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-cli-'));
  makeProject(folder, {
    'src/desk.ts': source,
    'src/failing.ts': changed(
      source,
      'return { delta: { notes',
      "throw new Error('the library is shut');\n    return { delta: { notes",
    ),
    'src/other.ts': changed(source, "graph('desk'", "graph('other'"),
    'input.json': input,
    'configured/reprise.config.ts': config,
    'configured/src/desk.ts': source,
  });
  expect(await run('run', 'src/desk.ts#desk', '--input', input, '--run-id', 'desk-1', '--seed', 's')).toMatchObject({
    code: 0,
    talk: '',
  });
  expect(await run('export', 'desk-1', '--out', 'fixtures/', ...code)).toEqual(said(`${fixture}: replays\n`));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('run', () => {
  it('prints how the run ended and its state', async () => {
    const { code, out, talk } = await run('run', 'src/desk.ts', '--input', '@input.json', '--run-id', 'desk-text');
    expect({ code, talk }).toEqual({ code: 0, talk: '' });
    expect(out).toMatch(/^run desk-text: done after 3 steps\n\{/);
    expect(out).toContain('"verdict": "enough"');
  });

  it('prints JSON, with the id it generated', async () => {
    const { code, out } = await run('run', 'src/desk.ts', '--input', input, '--json', '--max-concurrent', '1');
    const result = JSON.parse(out) as { readonly run: string };
    expect(code).toBe(0);
    expect(result).toMatchObject({
      version: 1,
      status: 'done',
      steps: 3,
      state: { score: 2, question: 'what flies?' },
    });
    expect((await run('show', result.run)).code).toBe(0);
  });

  it('exits with 1 if the run fails, and says why and how to see more', async () => {
    const { code, out, talk } = await run('run', 'src/failing.ts', '--input', input, '--run-id', 'desk-shut');
    expect(code).toBe(1);
    expect(out).toMatch(/^run desk-shut: failed after 1 step\n/);
    expect(talk).toContain('the library is shut');
    expect(talk).toMatch(
      /errors\/node-failed\.md\n {2}at: {3}.*src\/failing\.ts:19:11\)\n {2}run: {2}npx reprise show desk-shut --store \S+runs\.db\n$/,
    );
  });
});

describe('list', () => {
  it('prints a table, newest first, or JSON', async () => {
    const store = ['--store', 'listed.db'];
    for (const [id, name] of Object.entries({ a: 'desk', b: 'desk', c: 'failing' }))
      await run('run', `src/${name}.ts`, '--input', input, '--run-id', id, ...store);
    const [text, json, none] = await Promise.all([
      run('list', '--limit', '2', ...store),
      run('list', '--json', '--status', 'failed', ...store),
      run('list', '--graph', 'nobody', ...store),
    ]);
    expect(text).toMatchObject({ code: 0, talk: '' });
    expect(text.out.split('\n').map((line) => line.split(/\s{2,}/).slice(0, 3))).toEqual([
      ['run', 'graph', 'status'],
      ['c', 'desk', 'failed'],
      ['b', 'desk', 'done'],
      [''],
    ]);
    expect(JSON.parse(json.out)).toMatchObject({ version: 1, runs: [{ runId: 'c', step: 1 }] });
    expect(none).toEqual(said('no runs\n'));
  });
});

describe('show', () => {
  it('shows a stored run and its fixture alike', async () => {
    const [stored, kept] = await Promise.all([run('show', 'desk-1'), run('show', fixture)]);
    expect(stored).toMatchObject({ code: 0, talk: '' });
    expect(stored.out).toContain('run desk-1 of graph desk, seed s\n');
    expect(stored.out).toContain('  2.0#1:call:look-up {"topic":"bees"} → "all about bees"\n');
    expect(kept).toEqual(stored);
  });

  it('--step shows one step, with the whole state after it', async () => {
    const { code, out } = await run('show', 'desk-1', '--step', '2');
    expect(code).toBe(0);
    expect(out).toMatch(/^step 2: research × 2\n/);
    expect(out).toContain('"all about ants"');
    expect(out).not.toContain('step 3');
  });

  it('--json prints one entry per line', async () => {
    const { code, out } = await run('show', fixture, '--json', '--step', '1');
    const entries = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(code).toBe(0);
    expect(entries).toMatchObject([
      {
        version: 1,
        step: 1,
        address: '1.0#1:call:topics',
        kind: 'effect',
        at: '1.0#1',
        name: 'topics',
        request: { ask: 'topics of what flies?' },
      },
      { version: 1, step: 1, kind: 'outcome', node: 'plan' },
      { version: 1, step: 1, kind: 'commit' },
    ]);
  });
});

describe('export', () => {
  it('writes a file, or into a folder, and never overwrites unless told to', async () => {
    expect(await run('export', 'desk-1', '--out', 'one.run.jsonl')).toEqual(
      said(
        'one.run.jsonl: not replayed: unknown graph "desk": there is no reprise.config.ts in this folder or above it; with --graph it would be\n',
      ),
    );
    const before = readFileSync(join(folder, 'one.run.jsonl'));
    await run('run', 'src/desk.ts', '--input', input, '--run-id', 'desk-3');
    const taken = await run('export', 'desk-3', '--out', 'one.run.jsonl');
    expect(taken).toMatchObject({ code: 2, out: '' });
    expect(taken.talk).toContain('errors/file-exists.md');
    expect(readFileSync(join(folder, 'one.run.jsonl')).equals(before)).toBe(true);

    expect(await run('export', 'desk-3', '--out', 'one.run.jsonl', '--force', ...code)).toEqual(
      said('one.run.jsonl: replays\n'),
    );
    expect((await run('show', 'one.run.jsonl')).out).toContain('run desk-3 of graph desk');
  });

  it('leaves times out, and compresses a file named *.zst', async () => {
    await run('export', 'desk-1', '--out', 'bare.run.jsonl', '--no-observed');
    expect(readFileSync(join(folder, 'bare.run.jsonl'), 'utf8')).not.toContain('"block":"observed"');
    await run('export', 'desk-1', '--out', 'packed.run.jsonl.zst');
    expect(readFileSync(join(folder, 'packed.run.jsonl.zst')).subarray(0, 4).toString('hex')).toBe('28b52ffd');
    expect((await run('replay', 'bare.run.jsonl', 'packed.run.jsonl.zst', '--graph', 'src/desk.ts')).code).toBe(0);
  });
});

describe('record', () => {
  it('writes what exporting a stored run would, and it replays', async () => {
    const args = ['record', 'src/desk.ts', '--input', input, '--run-id', 'desk-1', '--seed', 's'];
    expect(await run(...args, '--out', 'recorded/')).toEqual(
      said('recorded/desk/desk-1.run.jsonl: run desk-1, done\n'),
    );
    const canonical = (path: string): string => readFileSync(join(folder, path), 'utf8').split('{"block"')[0] ?? '';
    expect(canonical('recorded/desk/desk-1.run.jsonl')).toBe(canonical(fixture));
  });

  it('does not run at all if the file already exists', async () => {
    writeFileSync(
      join(folder, 'src/marking.ts'),
      changed(
        source,
        "async () => ['bees', 'ants']",
        "async () => (await import('node:fs')).readdirSync('no such folder')",
      ),
    );
    const args = ['record', 'src/marking.ts', '--input', input, '--run-id', 'desk-1', '--out', 'recorded/'];
    expect(await run(...args)).toMatchObject({ code: 2, out: '', talk: expect.stringContaining('file-exists') });
    const forced = await run(...args, '--force');
    expect(forced).toMatchObject({ code: 1, out: 'recorded/desk/desk-1.run.jsonl: run desk-1, failed\n' });
    expect(forced.talk).toContain('no such folder');
  });
});

describe('replay', () => {
  it('is the same in both modes, without a call', async () => {
    const [effects, outputs] = await Promise.all([
      run('replay', fixture, '--graph', 'src/desk.ts'),
      run('replay', fixture, '--graph', 'src/desk.ts#desk', '--mode', 'outputs', '--json'),
    ]);
    expect(effects).toEqual(
      said(`${fixture}: same as recorded (3 steps, 4 tasks, 3 effects, 0 events, 0 network calls)\n`),
    );
    expect(outputs).toMatchObject({ code: 0, talk: '' });
    expect(JSON.parse(outputs.out)).toMatchObject({
      version: 1,
      faults: [],
      reports: [{ fixture, mode: 'outputs', verdict: 'same', networkCalls: 0, divergences: [] }],
    });
  });

  it.each([
    ['a node', "'enough'", "'plenty'", '1. output: the output of "judge" in step 3 (3.0#1) differs at delta.verdict'],
    ['a reducer', 'total + more', 'total + 2 * more', '1. state: the state after step 2 differs at state.score'],
    ['an edge', 'score > 5', 'score > 1', '1. frontier: the tasks after step 3 differ'],
    [
      'a word of a request',
      'topics of $',
      'themes of $',
      '1. request: "plan" in step 1 makes a different request than recorded, at request.ask',
    ],
  ])('says what differs if %s changed', async (what, from, to, headline) => {
    const path = `src/${what.replaceAll(' ', '-')}.ts`;
    writeFileSync(join(folder, path), changed(source, from, to));
    const { code, out, talk } = await run('replay', fixture, '--graph', path);
    expect({ code, talk }).toEqual({ code: 1, talk: '' });
    expect(out).toContain(headline);
    expect(out).toContain(`\nreproduce: npx reprise replay ${fixture} --graph ${path}\n`);
    // A difference that another order could make as well comes with the command that looks for it. In the first step there
    // is one task, so there was no order.
    expect(out.endsWith(`\nif only the order differs: npx reprise explain ${fixture} --graph ${path}\n`)).toBe(
      what !== 'a word of a request',
    );
  });

  it('continues after a divergence when told to, and finds a second one', async () => {
    writeFileSync(
      join(folder, 'src/two.ts'),
      changed(changed(source, "'enough'", "'plenty'"), 'topics of $', 'themes of $'),
    );
    const strict = await run('replay', fixture, '--graph', 'src/two.ts');
    const lenient = await run('replay', fixture, '--graph', 'src/two.ts', '--lenient');
    expect(strict.code).toBe(1);
    expect(strict.out).not.toContain('"judge"');
    expect(lenient.code).toBe(1);
    expect(lenient.out).toContain('"judge" in step 3');
    expect(lenient.out).toMatch(/--graph src\/two\.ts --lenient\n$/);
  });

  it('without arguments replays the fixtures in the config, even from a subfolder', async () => {
    const project = join(folder, 'configured');
    expect((await reprise(project, ['run', 'desk', '--input', input, '--run-id', 'c-1'])).code).toBe(0);
    expect((await reprise(project, ['export', 'c-1', '--out', 'fixtures/'])).code).toBe(0);
    const all = await reprise(project, ['replay']);
    expect(all.code).toBe(0);
    expect(all.out).toMatch(/^fixtures\/desk\/c-1\.run\.jsonl: same as recorded /);
    const below = await reprise(join(project, 'src'), ['replay']);
    expect(below.code).toBe(0);
    expect(below.out).toContain('c-1.run.jsonl: same as recorded');
  });

  it('reports the other fixtures if one is damaged', async () => {
    writeFileSync(join(folder, 'cut.run.jsonl'), readFileSync(join(folder, fixture)).subarray(0, 900));
    const { code, out, talk } = await run('replay', 'cut.run.jsonl', fixture, '--graph', 'src/desk.ts');
    expect(code).toBe(2);
    expect(talk).toContain('errors/fixture-damaged.md');
    expect(out).toContain(`${fixture}: same as recorded`);
    const json = await run('replay', 'cut.run.jsonl', fixture, '--graph', 'src/desk.ts', '--json');
    expect(json.code).toBe(2);
    expect(JSON.parse(json.out)).toMatchObject({
      faults: [{ fixture: 'cut.run.jsonl', code: 'fixture-damaged' }],
      reports: [{ fixture, verdict: 'same' }],
    });
  });

  it('ends even if a module keeps something open', async () => {
    writeFileSync(join(folder, 'src/open.ts'), `${source}\nsetInterval(() => undefined, 1_000);\n`);
    const { code, out, talk } = await run('replay', fixture, '--graph', 'src/open.ts');
    expect(code).toBe(0);
    expect(out).toContain('same as recorded');
    expect(talk).toContain('still open');
  });
});

describe('diff', () => {
  it('says that two runs are the same, or where they diverge', async () => {
    await run('run', 'src/desk.ts', '--input', '{"question":"what swims?"}', '--run-id', 'desk-2', '--seed', 's');
    const [same, different, json] = await Promise.all([
      run('diff', fixture, 'desk-1'),
      run('diff', 'desk-1', 'desk-2'),
      run('diff', fixture, 'desk-2', '--json'),
    ]);
    expect(same).toMatchObject({ code: 0, talk: '' });
    expect(different).toMatchObject({ code: 1, talk: '' });
    expect(different.out).toContain('what flies?');
    expect(different.out).toContain('what swims?');
    expect(different.out).toMatch(/\nreproduce: npx reprise diff desk-1 desk-2\n$/);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({
      version: 1,
      recorded: fixture,
      replayed: 'desk-2',
      verdict: 'diverged',
    });
  });
});

describe('graph', () => {
  it('draws the graph, and the path that a run took', async () => {
    const [bare, taken] = await Promise.all([
      run('graph', 'src/desk.ts'),
      run('graph', 'src/desk.ts#desk', '--run', 'desk-1'),
    ]);
    expect(bare).toMatchObject({ code: 0, talk: '' });
    expect(bare.out).toMatch(/^flowchart TD\n/);
    expect(bare.out).toContain('too much');
    expect(bare.out).not.toContain('class ');
    expect(taken).toMatchObject({ code: 0, talk: '' });
    expect(taken.out).toContain('research<br/>step 2');
    expect(taken.out).toMatch(/class \S+ taken/);
    const other = await run('graph', 'src/other.ts', '--run', 'desk-1');
    expect(other).toMatchObject({ code: 2, out: '', talk: expect.stringContaining('fixture-other-graph') });
  });
});

describe('resume', () => {
  it('refuses a run that has ended and one that does not exist, and creates no file', async () => {
    const [ended, unknown, nowhere] = await Promise.all([
      run('resume', 'desk-1', '--graph', 'src/desk.ts'),
      run('resume', 'nobody', '--graph', 'src/desk.ts'),
      run('resume', 'desk-1', '--graph', 'src/desk.ts', '--store', 'new.db'),
    ]);
    expect(ended).toMatchObject({ code: 2, out: '', talk: expect.stringContaining('run-not-resumable') });
    expect(unknown).toMatchObject({ code: 2, out: '', talk: expect.stringContaining('run-unknown') });
    expect(nowhere).toMatchObject({ code: 2, out: '', talk: expect.stringContaining('store-unreadable') });
    expect(existsSync(join(folder, 'new.db'))).toBe(false);
  });
});

describe('doctor', () => {
  it('says what is in order, and exits with 1 if something is not', async () => {
    const good = await run('doctor');
    expect(good).toMatchObject({ code: 0, talk: '' });
    expect(good.out).toContain(`ok      reprise ${version} on Node ${process.versions.node}\n`);
    expect(good.out).toMatch(/^ok {6}store runs\.db: \d+ runs$/m);

    expect(good.out).toMatch(/^ok {6}outside of runs, telemetry: otlp, datadog, .*loki$/m);
    expect(good.out).toMatch(/^ok {6}outside of runs, credential: google, .*$/m);

    const project = join(folder, 'broken');
    makeProject(project, { 'reprise.config.ts': 'export default { grahps: [] };\n' });
    const bad = await reprise(project, ['doctor']);
    expect(bad).toMatchObject({ code: 1, talk: '' });
    expect(bad.out).toMatch(/^problem .*"grahps".*\[config-invalid\]\. Did you mean "graphs"\?$/m);
  });
});

describe('doctor --store', () => {
  it('checks the named file, which has to be there', async () => {
    const project = join(folder, 'stores');
    makeProject(project, {});
    const none = await reprise(project, ['doctor', '--store', 'elsewhere.db']);
    expect(none).toMatchObject({ code: 1, out: expect.stringContaining('there is no store at elsewhere.db') });
    const made = sqliteStore(join(project, 'elsewhere.db'));
    await made.create(runEntry('run-1'));
    await made.close();
    const good = await reprise(project, ['doctor', '--store', 'elsewhere.db']);
    expect(good).toMatchObject({ code: 0, out: expect.stringContaining('store elsewhere.db: 1 run') });
    writeFileSync(join(project, 'elsewhere.db'), 'nothing of the kind');
    const bad = await reprise(project, ['doctor', '--store', 'elsewhere.db']);
    expect(bad).toMatchObject({ code: 1, out: expect.stringContaining('store-unreadable') });
  });
});

describe('doctor --outside', () => {
  it('prints what is no part of a run, with reasons, as the config has it', async () => {
    const project = join(folder, 'outside');
    const outside = [
      { url: 'https://login.internal/token', kind: 'credential', why: 'our login server' },
      'POST https://telemetry.internal/*',
      '!sentry',
    ];
    makeProject(project, { 'reprise.config.ts': `export default ${JSON.stringify({ outside })};\n` });
    const { code, out, talk } = await reprise(project, ['doctor', '--outside']);
    expect({ code, talk }).toEqual({ code: 0, talk: '' });
    expect(out).toContain('  https://login.internal/token: our login server\n    https://login.internal/token\n');
    expect(out).toContain('  POST https://telemetry.internal/*: added by this project\n');
    expect(out).toMatch(/^ {2}otlp: traces, .*\n {4}POST \*:\/\/\*:4318\/v1\/traces$/m);
    expect(out).not.toContain('sentry');
    const leftOut = await reprise(project, ['doctor', '--left-out']);
    expect(leftOut).toMatchObject({ code: 0, talk: '' });
    expect(leftOut.out).toMatch(/^ {2}aws-token: the AWS SDK draws one .*\n {4}ClientRequestToken, /m);
    const { out: secrets } = await reprise(project, ['doctor', '--secrets']);
    expect(secrets).toMatch(/^ {2}pass, pw: /m);
    expect(secrets).toMatch(/^ {2}Hugging Face: hf_…/m);
    expect(secrets).toMatch(/^ {2}Slack webhooks$/m);
  });
});

describe('help', () => {
  const commands = ['run', 'resume', 'record', 'export', 'replay', 'diff', 'prune', 'delete', 'vacuum', 'show', 'list'];

  it('names every command, the exit codes and the version', async () => {
    const [help, bare, shown] = await Promise.all([run('--help'), run(), run('--version')]);
    expect(help).toMatchObject({ code: 0, talk: '' });
    for (const command of commands) expect(help.out).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
    expect(help.out).toContain('Exit codes:');
    expect(bare).toEqual({ code: 2, out: '', talk: help.out });
    expect(shown).toEqual(said(`${version}\n`));
  });

  it('of each command goes to stdout, with an example', async () => {
    const helps = await Promise.all(commands.map((command) => run(command, '--help')));
    for (const [index, help] of helps.entries()) {
      expect(help).toMatchObject({ code: 0, talk: '' });
      expect(help.out).toMatch(new RegExp(`^Usage: reprise ${commands[index]}\\b`));
      expect(help.out).toContain(`$ npx reprise ${commands[index]}`);
    }
  });
});
