// User mistakes: exit code 2, an error with its code and next step on stderr, nothing on stdout, and no new files.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/index.ts';
import { changed, makeProject, moduleText, projectFiles, reprise } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';
import { commandHere } from '../support/command-here.ts';

const source = moduleText('desk.ts');
const input = '{"question":"what flies?"}';
const fixture = 'good.run.jsonl';

/** Modules that cannot be used, and the message for each. */
const modules: Readonly<Record<string, { readonly text: string; readonly says: RegExp; readonly code?: ErrorCode }>> = {
  'throws.ts': { text: "\nthrow new Error('no database here');\n", says: /no database here \(\S+throws\.ts:2:7\)/ },
  'throws-nothing.ts': { text: 'throw undefined;\n', says: /it threw undefined/ },
  'enum.ts': { text: 'export enum Colour { red }\n', says: /enum\.ts:1: .*enum[\s\S]*--import tsx/ },
  'imports-enum.ts': { text: "import './enum.ts';\n", says: /src\/enum\.ts:1: .*enum/ },
  'syntax.ts': { text: 'export const desk = ;\n', says: /syntax\.ts:1: / },
  'no-package.ts': { text: "import 'a-package-that-is-nowhere';\n", says: /npm install a-package-that-is-nowhere/ },
  'no-extension.ts': { text: "import './desk';\n", says: /Write the extension/ },
  'no-graph.ts': { text: 'export const desk = 1;\n', says: /exports no graph/ },
  'two-graphs.ts': {
    text: `${source.replace('graph(', "graph('first', { state: fields({}) }).node('a', () => ({})).start('a').build();\nexport const second = graph(")}`,
    says: /exports several graphs: desk, second/,
  },
  'invalid.ts': {
    text: changed(source, ".edge('research', 'judge')", ".edge('research', 'jugde')"),
    says: /jugde.*judge/,
    code: 'graph-invalid',
  },
};

let folder: string;
const run = (...args: readonly string[]): Promise<Ended> => reprise(folder, args);
/** Where no module is loaded that could fail or end the process. */
const runHere = (...args: readonly string[]): Promise<Ended> => commandHere(folder, args);
const filesNow = (): readonly string[] => projectFiles(folder);

function expectRefusal(ended: Ended, code: ErrorCode, says: RegExp | string = ''): void {
  expect(ended).toMatchObject({ code: 2, out: '' });
  expect(ended.talk).toMatch(/^reprise: .*\n {2}next: \S.*\n {2}see: {2}\S*docs\/reference\/errors\/[\w-]+\.md\n$/);
  expect(ended.talk).toContain(`errors/${code}.md`);
  expect(ended.talk).toMatch(says);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-bad-'));
  makeProject(folder, {
    'src/desk.ts': source,
    'src/other.ts': changed(source, "graph('desk'", "graph('other'"),
    'src/unstorable.ts': changed(source, 'score: 1', 'score: { deep: [1, () => 2] } as unknown as number'),
    'src/as-it-is.ts': changed(source, 'last<string>(),', 'last<unknown>(),'),
    'broken.json': '{"question": ',
    ...Object.fromEntries(Object.entries(modules).map(([name, { text }]) => [`src/${name}`, text])),
  });
  const made = await run('record', 'src/desk.ts', '--input', input, '--run-id', 'desk-1', '--out', fixture);
  expect(made.code).toBe(0);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a fixture', () => {
  const good = (): Buffer => readFileSync(join(folder, fixture));
  it.each<readonly [string, ErrorCode, () => Uint8Array, RegExp]>([
    ['cut off within a line', 'fixture-damaged', () => good().subarray(0, 1_000), /line \d+ .* is cut off/],
    [
      'cut off between two lines',
      'fixture-damaged',
      () => good().subarray(0, good().indexOf('\n{"block"') + 1),
      /is cut off/,
    ],
    [
      'edited',
      'fixture-damaged',
      () => Buffer.from(good().toString().replace('what flies', 'what swims')),
      /edited or damaged/,
    ],
    ['empty', 'fixture-damaged', () => Buffer.alloc(0), /is empty/],
    ['binary', 'fixture-damaged', () => Buffer.from([0, 255, 254, 10, 7, 200]), /not a fixture header/],
    ['another JSON', 'fixture-damaged', () => Buffer.from('[1]\n'), /not a fixture header/],
    [
      'of a future version',
      'fixture-version-unknown',
      () =>
        Buffer.from(
          good()
            .toString()
            .replace(/"version":\d+/, '"version":99'),
        ),
      /version 99[\s\S]*Update Reprise/,
    ],
  ])('%s', async (_what, code, bytes, says) => {
    writeFileSync(join(folder, 'bad.run.jsonl'), bytes());
    const before = filesNow();
    const refused = await Promise.all([
      runHere('replay', 'bad.run.jsonl', '--graph', 'src/desk.ts'),
      runHere('show', 'bad.run.jsonl'),
      runHere('diff', fixture, 'bad.run.jsonl'),
      runHere('graph', 'src/desk.ts', '--run', 'bad.run.jsonl'),
    ]);
    for (const ended of refused) expectRefusal(ended, code, says);
    expect(filesNow()).toEqual(before);
  });

  it('that is missing, a folder, or of another graph', async () => {
    const [missing, isFolder, other] = await Promise.all([
      runHere('replay', 'no.run.jsonl', '--graph', 'src/desk.ts'),
      runHere('replay', 'src', '--graph', 'src/desk.ts'),
      runHere('replay', fixture, '--graph', 'src/other.ts'),
    ]);
    expectRefusal(missing, 'fixture-unreadable', /does not exist/);
    expectRefusal(isFolder, 'fixture-unreadable', /is a folder/);
    expectRefusal(other, 'fixture-other-graph', /"desk", not "other"/);
  });
});

describe('input', () => {
  it.each<readonly [string, string, ErrorCode, RegExp]>([
    ['that is no JSON', '{"question', 'usage', /--input is not valid JSON/],
    ['of a file that is no JSON', '@broken.json', 'usage', /broken\.json is not valid JSON/],
    ['of a file that does not exist', '@nothing.json', 'usage', /cannot be read/],
    ['of a folder', '@src', 'usage', /cannot be read/],
    ['with an unknown field', '{"qestion":"x"}', 'input-invalid', /"qestion".*\n.*"question"/],
    ['without a field that is needed', '{}', 'input-invalid', /lacks "question"/],
    ['that is a list', '[]', 'input-invalid', /has to be an object/],
    ['that is null', 'null', 'input-invalid', /has to be an object/],
    ['whose field is `__proto__`', '{"question":"x","__proto__":{"a":1}}', 'input-invalid', /"__proto__"/],
    ['whose field is `constructor`', '{"question":"x","constructor":1}', 'input-invalid', /"constructor"/],
  ])('%s', async (_what, given, code, says) => {
    const before = filesNow();
    const [ran, recorded] = await Promise.all([
      runHere('run', 'src/desk.ts', '--input', given),
      runHere('record', 'src/desk.ts', '--input', given, '--out', 'new/'),
    ]);
    expectRefusal(ran, code, says);
    expectRefusal(recorded, code, says);
    expect(filesNow()).toEqual(before);
  });
});

describe('a module that cannot be used', () => {
  it.each(Object.entries(modules))('%s', async (name, { says, code = 'module-unloadable' }) => {
    const before = filesNow();
    expectRefusal(await run('run', `src/${name}`, '--input', input), code, says);
    expect(filesNow()).toEqual(before);
  });

  it('that is missing, lacks the export, or is a name without a config', async () => {
    const [missing, noExport, noConfig] = await Promise.all([
      run('graph', 'src/nothing.ts'),
      run('graph', 'src/desk.ts#dsek'),
      run('graph', 'desk'),
    ]);
    expectRefusal(missing, 'module-unloadable', /the module \S+nothing\.ts does not exist/);
    expectRefusal(noExport, 'module-unloadable', /no graph "dsek", only desk/);
    expectRefusal(noConfig, 'module-unloadable', /no reprise\.config\.ts/);
  });
});

describe('a config', () => {
  const inConfig = async (config: string, ...args: readonly string[]): Promise<Ended> => {
    const project = mkdtempSync(join(folder, 'config-'));
    makeProject(project, {
      'reprise.config.ts': config,
      'a/desk.ts': source,
      'b/desk.ts': source,
      'b/other.ts': modules['throws.ts']?.text ?? '',
    });
    return reprise(project, args);
  };

  it('with an unknown key, a wrong value, or no default export', async () => {
    const [unknown, wrong, none] = await Promise.all([
      inConfig('export default { fixture: "x" };', 'list'),
      inConfig('export default { graphs: "a/desk.ts" };', 'list'),
      inConfig('export const config = {};', 'list'),
    ]);
    expectRefusal(unknown, 'config-invalid', /"fixture".*\n.*Did you mean "fixtures"/);
    expectRefusal(wrong, 'config-invalid', /"graphs"[\s\S]*a list of globs/);
    expectRefusal(none, 'config-invalid', /no default export/);
  });

  it('whose graphs repeat a name, lack a name, or throw', async () => {
    const [twice, missing, throwing] = await Promise.all([
      inConfig('export default { graphs: ["*/desk.ts"] };', 'graph', 'desk'),
      inConfig('export default { graphs: ["a/*.ts"] };', 'graph', 'dsek'),
      inConfig('export default { graphs: ["b/*.ts"] };', 'graph', 'desk'),
    ]);
    expectRefusal(twice, 'config-invalid', /two graphs are named "desk"/);
    expectRefusal(missing, 'module-unloadable', /Did you mean "desk"/);
    expectRefusal(throwing, 'module-unloadable', /no database here/);
  });
});

describe('a command line', () => {
  it.each<readonly [readonly string[], ErrorCode, RegExp]>([
    [['explore'], 'usage', /unknown command 'explore'\n.*Did you mean `npx reprise check`/],
    [['rpelay'], 'usage', /unknown command 'rpelay'\n.*Did you mean replay/],
    [['list', '--limt', '3'], 'usage', /unknown option '--limt'\n.*Did you mean --limit\?.*`npx reprise list --help`/],
    [['list', '--limit', '-1'], 'usage', /whole number/],
    [['list', '--limit', '1e3'], 'usage', /whole number/],
    [['list', '--status', 'asleep'], 'usage', /running, paused, done, failed/],
    [['list', 'runs'], 'usage', /too many arguments/],
    [['list', '--store', ''], 'store-unreadable', /is a folder/],
    [['show'], 'usage', /missing required argument 'run'/],
    [['show', fixture, '--step', '99'], 'usage', /has no step 99/],
    [['run', 'src/desk.ts'], 'usage', /required option '--input/],
    [['run', 'src/desk.ts', '--input'], 'usage', /argument missing/],
    [['run', 'src/desk.ts', '--input', input, '--max-concurrent', '0'], 'option-invalid', /maxConcurrent/],
    [['run', 'src/desk.ts', '--input', input, '--run-id', ''], 'option-invalid', /runId/],
    [['run', 'src/desk.ts', '--input', input, '--seed', ''], 'option-invalid', /seed/],
    [
      ['run', 'src/desk.ts', '--input', input, '--store', 'no/such/runs.db'],
      'store-unreadable',
      /the folder of the store/,
    ],
    [['record', 'src/desk.ts', '--input', input], 'usage', /required option '--out/],
    [
      ['record', 'src/desk.ts', '--input', input, '--out', `${fixture}/below.run.jsonl`],
      'fixture-unwritable',
      /not a folder/,
    ],
    [
      ['replay', '--mode', 'fast', fixture],
      'usage',
      /Allowed choices are effects, outputs[\s\S]*`npx reprise replay --help`/,
    ],
    [['replay', 'nothing/*.run.jsonl'], 'usage', /no fixture matches/],
    [['export', 'nobody', '--out', 'x.run.jsonl'], 'store-unreadable', /the store .* does not exist/],
    [['diff', fixture], 'usage', /takes two runs, or --base alone/],
    [['resume', '--all', '--store', 'none.db'], 'store-unreadable', /none\.db does not exist/],
    [
      ['scrub', '--value', '@none.txt', fixture],
      'usage',
      /none\.txt cannot be read[\s\S]*a file of values after the @/,
    ],
  ])('%s', async (args, code, says) => {
    const before = filesNow();
    expectRefusal(await runHere(...args), code, says);
    expect(filesNow()).toEqual(before);
  });
});

describe('values', () => {
  it('that a journal cannot hold fail the run, and name the node and path', async () => {
    const { code, talk } = await run('run', 'src/unstorable.ts', '--input', input, '--store', 'unstorable.db');
    expect(code).toBe(1);
    expect(talk).toMatch(/node "research".*score\.deep\[1\] is a function/);
    expect(talk).toContain('errors/unstorable.md');
  });

  it('with prototype keys stay data from the input to the replay', async () => {
    const hostile = '{"question":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}}';
    const guarded = changed(
      readFileSync(join(folder, 'src/as-it-is.ts'), 'utf8'),
      "verdict: state.notes.length > 1 ? 'enough' : 'little'",
      "verdict: 'polluted' in {} ? 'polluted' : JSON.stringify(state.question)",
    );
    writeFileSync(join(folder, 'src/as-it-is.ts'), guarded);
    const out = 'hostile.run.jsonl';
    const recorded = await run('record', 'src/as-it-is.ts', '--input', hostile, '--run-id', 'hostile', '--out', out);
    expect(recorded).toMatchObject({ code: 0, talk: '' });
    expect(readFileSync(join(folder, out), 'utf8')).toContain('"__proto__":{"polluted":true}');

    const [replayed, shown, same] = await Promise.all([
      run('replay', out, '--graph', 'src/as-it-is.ts'),
      run('show', out, '--json', '--step', '3'),
      run('diff', out, out, '--json'),
    ]);
    expect(replayed).toMatchObject({ code: 0, talk: '' });
    expect(shown.out).not.toContain('"polluted"}');
    expect(shown.out).toContain(JSON.stringify(JSON.stringify(JSON.parse(hostile).question)));
    expect(same.code).toBe(0);
  });

  it('that end the process do not pass for a replay that is the same', async () => {
    const out = 'fixtures/ending.run.jsonl';
    await run('record', 'src/as-it-is.ts', '--input', input, '--out', out);
    for (const [given, code] of [
      ['0', 1],
      ['5', 5],
    ] as const) {
      writeFileSync(join(folder, 'src/ending.ts'), `${source}\nprocess.exit(${given});\n`);
      const ended = await run('replay', out, '--graph', 'src/ending.ts');
      expect(ended).toMatchObject({ code, out: '' });
      expect(ended.talk).toMatch(/was cut short: code that it loaded ended the process/);
    }
  });

  it('that never arrive end the command with a message', async () => {
    const waiting = changed(source, "async () => ['bees', 'ants']", 'async () => await new Promise<never>(() => {})');
    writeFileSync(join(folder, 'src/waiting.ts'), waiting);
    const ended = await run('run', 'src/waiting.ts', '--input', input, '--store', 'waiting.db');
    expect(ended).toMatchObject({ code: 1, out: '' });
    expect(ended.talk).toMatch(/running desk cannot continue[\s\S]*no-progress\.md/);
  });
});
