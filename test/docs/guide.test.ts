// The guide and the README do what they say, in a project that has nothing but what they tell to install.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProvider } from '../../docs/examples/provider/server.ts';
import { jsonOf } from '../repo/repository.ts';
import { changed, makeProject, processOf, projectFiles, root } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import type { CodeBlock } from '../support/code-blocks.ts';
import { compilers } from '../support/type-check.ts';

const compilerOptions = {
  target: 'es2024',
  module: 'nodenext',
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  exactOptionalPropertyTypes: true,
  types: ['node'],
};

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-guide-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A project with packages linked as an installation would place them. */
function project(name: string, packages: readonly string[]): string {
  const path = join(folder, name);
  makeProject(path, { 'tsconfig.json': JSON.stringify({ compilerOptions, include: ['src', 'test', '*.ts'] }) });
  const modules = join(path, 'node_modules');
  for (const one of [...packages, '@types/node']) {
    mkdirSync(dirname(join(modules, one)), { recursive: true });
    symlinkSync(join(root, 'node_modules', one), join(modules, one), 'dir');
  }
  mkdirSync(join(modules, '.bin'));
  symlinkSync('../reprise/dist/cli/main.mjs', join(modules, '.bin/reprise'));
  symlinkSync(process.execPath, join(modules, '.bin/node'));
  return path;
}

/** What a reader types. Nothing is fetched: what is not there is an error. */
function shell(cwd: string, line: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const path = [join(cwd, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const home = { HOME: folder, npm_config_offline: 'true', npm_config_update_notifier: 'false' };
  return processOf('/bin/sh', ['-c', line], cwd, { env: { PATH: path, ...home, ...env } });
}

function write(cwd: string, { file, text }: CodeBlock): void {
  const path = join(cwd, file as string);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const linesOf = ({ text }: CodeBlock): readonly string[] => text.trim().split('\n');
const vitest = (cwd: string, env = {}): Promise<Ended> => shell(cwd, 'node node_modules/vitest/vitest.mjs run', env);

async function expectTypes(cwd: string): Promise<void> {
  const checks = await Promise.all(
    compilers.map(async ({ name, path }) => ({ name, ...(await processOf(process.execPath, [path, '-p', '.'], cwd)) })),
  );
  for (const { name, code, out } of checks) expect({ name, code, out }).toEqual({ name, code: 0, out: '' });
}

describe('docs/guide/first-recorded-run.md', () => {
  const blocks = codeBlocks('docs/guide/first-recorded-run.md');
  const [install, ...rest] = blocks;
  let cwd: string;
  const talk: string[] = [];

  it('names for installation what Reprise goes with', () => {
    const { peerDependencies } = jsonOf('package.json') as {
      readonly peerDependencies: Readonly<Record<string, string>>;
    };
    const named = linesOf(install as CodeBlock).map((line) => {
      const [, packages] = /^npm install (?:--save-dev )?([a-z0-9 -]+)$/.exec(line) ?? [];
      return packages?.split(' ') ?? [];
    });
    expect(named.flat().sort()).toEqual(['better-sqlite3', 'reprise', 'vitest']);
    expect(Object.keys(peerDependencies)).toEqual(expect.arrayContaining(['better-sqlite3', 'vitest']));
  });

  it('runs, shows, exports and replays, block by block', async () => {
    cwd = project('guide', ['better-sqlite3', 'vitest']);
    for (const block of rest) {
      if (block.file !== undefined) write(cwd, block);
      else {
        expect(block.language).toBe('sh');
        for (const line of linesOf(block)) {
          const ended = await shell(cwd, line);
          expect({ line, ...ended }).toMatchObject({ line, code: 0 });
          talk.push(ended.out);
        }
      }
    }
    const [ran, shown, exported, replayed] = talk;
    expect(ran).toContain('"priority": "high"');
    expect(shown).toContain('"the site is down"');
    expect(exported).toBe('fixtures/triage/ticket-1.run.jsonl\n');
    expect(replayed).toContain('the same');
  });

  it('has TypeScript that compiles', () => expectTypes(cwd));

  it('has a set-up, a test and a config that hold', async () => {
    const [test, all, doctor] = await Promise.all([
      vitest(cwd),
      shell(cwd, 'npx reprise replay'),
      shell(cwd, 'npx reprise doctor'),
    ]);
    expect(test).toMatchObject({ code: 0, out: expect.stringMatching(/1 passed/) });
    expect(all).toMatchObject({ code: 0, out: expect.stringContaining('ticket-1.run.jsonl: the same') });
    expect(doctor).toMatchObject({ code: 0, out: expect.stringContaining('graphs: triage') });
  });

  it('sees the change that it tells to make, and says what the guide says', async () => {
    const path = join(cwd, 'src/triage.ts');
    writeFileSync(path, changed(readFileSync(path, 'utf8'), "'high' : 'low'", "'low' : 'low'"));
    const replay = linesOf(rest.find(({ text }) => text.includes('reprise replay')) as CodeBlock)[0] as string;
    const [replayed, test] = await Promise.all([shell(cwd, replay), vitest(cwd)]);
    expect(replayed.code).toBe(1);
    expect(replayed.out).toMatch(/the output of "prioritise" in step 2 \S+ differs at delta\.priority/);
    expect(replayed.out).toMatch(/recorded +"high"\n +replayed +"low"/);
    expect(test.code).toBe(1);
    expect(`${test.out}${test.talk}`).toContain('delta.priority');
  });
});

describe('README.md', () => {
  const blocks = codeBlocks('README.md');
  const shellLines = blocks.filter(({ language }) => language === 'sh').flatMap(linesOf);
  let cwd: string;

  beforeAll(() => {
    cwd = project('readme', ['better-sqlite3', 'vitest', 'openai']);
    for (const block of blocks.filter(({ language }) => language === 'ts')) write(cwd, block);
  });

  it('names the file of each block of TypeScript', () => {
    const files = blocks.filter(({ language }) => language === 'ts').map(({ file }) => file);
    expect(files).toEqual(['src/desk.ts', 'src/main.ts', 'src/desk.test.ts']);
  });

  it('has TypeScript that compiles', () => expectTypes(cwd));

  it('names scripts that are there, and a quickstart that works', async () => {
    const { scripts } = jsonOf('package.json') as { readonly scripts: Readonly<Record<string, string>> };
    const named = shellLines.flatMap((line) => [...line.matchAll(/npm (?:run )?(quickstart|test)\b/g)]);
    expect(named.map(([, script]) => script)).toEqual(['quickstart', 'test']);
    const [, main = ''] = /(\S+main\.ts)$/.exec(scripts.quickstart ?? '') ?? [];
    const { code, out } = await processOf(process.execPath, [join(root, main)], folder);
    expect(code).toBe(0);
    expect(out).toMatch(/: the same [\s\S]*: diverged: /);
  });

  it('runs against a provider, and its run is exported, replayed and tested without one', async () => {
    const key = 'key-5d1f0be7739a';
    const provider = await startProvider({
      script: ({ path, body }) => (path.endsWith('/chat/completions') ? completion(lastMessage(body)) : undefined),
    });
    const ran = await shell(cwd, 'node src/main.ts', { ...provider.environment, OPENAI_API_KEY: key });
    await provider.close();
    expect(ran).toEqual({ code: 0, out: '[[WAL] [JSON]]\n', talk: '' });
    expect(provider.requests).toHaveLength(4);

    // Nobody listens there any more, and no key is set.
    const sameOrigin = { OPENAI_BASE_URL: provider.environment.OPENAI_BASE_URL as string };
    for (const line of shellLines.filter((one) => one.startsWith('npx reprise ')))
      expect({ line, ...(await shell(cwd, line, sameOrigin)) }).toMatchObject({ line, code: 0 });
    expect(await vitest(cwd, sameOrigin)).toMatchObject({ code: 0, out: expect.stringMatching(/1 passed/) });
    for (const file of projectFiles(cwd).filter((path) => /runs\.db|\.jsonl$/.test(path)))
      expect({ file, hasKey: readFileSync(join(cwd, file)).includes(key) }).toEqual({ file, hasKey: false });
  });
});

/** Two topics for the plan; what is asked, in brackets, for all others. */
function completion(asked: string): { readonly kind: 'json'; readonly status: number; readonly body: unknown } {
  const content = asked.startsWith('Topics') ? 'WAL, JSON' : `[${asked.replace('\n', ' ')}]`;
  const choice = { index: 0, finish_reason: 'stop', message: { role: 'assistant', content, refusal: null } };
  return { kind: 'json', status: 200, body: { id: 'c', object: 'chat.completion', created: 1, choices: [choice] } };
}

function lastMessage(body: unknown): string {
  const { messages } = body as { readonly messages: readonly { readonly content: string }[] };
  return messages.at(-1)?.content ?? '';
}
