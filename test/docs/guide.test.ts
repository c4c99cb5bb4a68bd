// The guide and the README do what they say, in a project that has nothing but what they tell to install.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { startProvider } from '../../docs/examples/provider/server.ts';
import { jsonOf, textOf } from '../repo/repository.ts';
import { changed, processOf, projectFiles, root } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import type { CodeBlock } from '../support/code-blocks.ts';
import { sharedFolder } from '../support/folder.ts';
import { compilers } from '../support/type-check.ts';
import { expectCompiles, makeUserProject, writeCompilerConfig } from '../support/user-project.ts';

const folder = sharedFolder();

/** A project with packages linked as an installation would place them. */
function project(name: string, packages: readonly string[]): string {
  const path = join(folder, name);
  makeUserProject(path, [...packages, '@types/node']);
  const modules = join(path, 'node_modules');
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

interface Typed {
  readonly line: string;
  readonly ended: Ended;
}

function typedEnd(typed: readonly Typed[], part: string): Ended {
  const found = typed.find(({ line }) => line.includes(part));
  if (found === undefined) throw new Error(`no line of the guide has "${part}"`);
  return found.ended;
}

/** The packages that lines of a page tell to install. */
function packagesOf(lines: readonly string[]): readonly string[] {
  return lines
    .flatMap((line) => /^npm install (?:--save-dev )?([@a-z0-9/ -]+)$/.exec(line)?.[1]?.split(' ') ?? [line])
    .sort();
}

const peerDependencies = (): object =>
  (jsonOf('package.json') as { readonly peerDependencies: object }).peerDependencies;

const linesOf = ({ text }: CodeBlock): readonly string[] => text.trim().split('\n');
const vitest = (cwd: string, env = {}): Promise<Ended> => shell(cwd, 'node node_modules/vitest/vitest.mjs run', env);

async function expectTypes(cwd: string): Promise<void> {
  await Promise.all(compilers.map((compiler) => expectCompiles(compiler, cwd)));
}

describe('docs/guide/first-recorded-run.md', () => {
  const blocks = codeBlocks('docs/guide/first-recorded-run.md');
  const [install, ...rest] = blocks;
  let cwd: string;
  const typed: Typed[] = [];
  const endOf = (part: string): Ended => typedEnd(typed, part);

  it('names for installation what Reprise goes with', () => {
    const [made, ...installed] = linesOf(install as CodeBlock);
    expect(made).toBe('npm init --yes && npm pkg set type=module');
    expect(packagesOf(installed)).toEqual(['@types/node', 'better-sqlite3', 'reprise', 'typescript', 'vitest']);
    expect(Object.keys(peerDependencies())).toEqual(expect.arrayContaining(['better-sqlite3', 'vitest']));
  });

  it('makes a module of a new folder', async () => {
    const fresh = join(folder, 'fresh');
    mkdirSync(fresh);
    expect(await shell(fresh, linesOf(install as CodeBlock)[0] as string)).toMatchObject({ code: 0 });
    expect(JSON.parse(readFileSync(join(fresh, 'package.json'), 'utf8'))).toMatchObject({ type: 'module' });
  });

  it('does each block without a fault', async () => {
    cwd = project('guide', ['better-sqlite3', 'vitest']);
    for (const block of rest) {
      if (block.file !== undefined) write(cwd, block);
      else {
        expect(block.language).toBe('sh');
        for (const line of linesOf(block)) {
          const ended = await shell(cwd, line);
          expect({ line, ...ended }).toMatchObject({ line, code: 0 });
          typed.push({ line, ended });
        }
      }
    }
    expect(rest.filter(({ file }) => file !== undefined).map(({ file }) => file)).toContain('tsconfig.json');
  });

  it('runs, shows, exports and replays', () => {
    expect(endOf('--run-id ticket-1').out).toContain('"priority": "high"');
    expect(endOf('show ticket-1').out).toContain('"the site is down"');
    expect(endOf('export ticket-1').out).toBe('fixtures/triage/ticket-1.run.jsonl: replays\n');
    expect(endOf('replay fixtures/triage').out).toContain('same as recorded');
  });

  it('resumes the run that it killed, and asks about one ticket twice at most', () => {
    expectOneAfterTheOther(endOf('kill -9'), endOf('resume backlog-1'), /^asking about "(.*)"$/gm, [
      'one',
      'two',
      'three is down',
      'four',
    ]);
    expect(endOf('resume backlog-1').out).toContain('run backlog-1: done after 4 steps');
  });

  it('pauses for an answer, resumes with it, and replays it without asking', () => {
    const paused = endOf('--run-id reply-1');
    expect(paused.out).toContain('run reply-1: paused');
    expect(paused.talk).toMatch(/next: npx reprise resume reply-1 .*--answer <json>/);
    expect(endOf('list --paused').out).toContain('"We are looking into \\"the site is down\\"."');
    expect(endOf('resume reply-1').out).toContain('"outcome": "sent"');
    expect(typed.findLast(({ line }) => line === 'npx reprise replay')?.ended.out).toMatch(
      /reply-1\.run\.jsonl: same as recorded[\s\S]*ticket-1\.run\.jsonl: same as recorded/,
    );
  });

  it('streams, and prints what it says', () => {
    const { text } = rest.find(({ file }) => file === 'src/stream.ts') as CodeBlock;
    const said = [...text.matchAll(/^\/\/ (?!src\/)(.*)$/gm)].map(([, line]) => line);
    expect(said).toHaveLength(4);
    const lines = endOf('node src/stream.ts').out.trimEnd().split('\n');
    expect(lines.map((line) => line.trimEnd())).toEqual(said);
    expect(endOf('--stream').talk).toContain('{"summary":"all is well"}');
  });

  it('has TypeScript that compiles with the set-up that it gives', () => expectTypes(cwd));

  it('has a set-up, a test and a config that hold', async () => {
    const [test, doctor] = await Promise.all([vitest(cwd), shell(cwd, 'npx reprise doctor')]);
    expect(test).toMatchObject({ code: 0, out: expect.stringMatching(/1 passed/) });
    expect(doctor).toMatchObject({ code: 0, out: expect.stringContaining('graphs: backlog, reply, summary, triage') });
  });

  it('sees the change that it tells to make, and says what the guide says', async () => {
    const path = join(cwd, 'src/graphs/triage.ts');
    writeFileSync(path, changed(readFileSync(path, 'utf8'), "'high' : 'low'", "'low' : 'low'"));
    const replay = typed.find(({ line }) => line.includes('replay fixtures/triage'))?.line as string;
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

  /** Types the lines that stand behind a file, up to the next one. */
  async function typeBehind(file: string, env: Readonly<Record<string, string>> = {}): Promise<readonly Typed[]> {
    const behind = blocks.slice(blocks.findIndex((block) => block.file === file) + 1);
    const next = behind.findIndex((block) => block.file !== undefined);
    const typed: Typed[] = [];
    const typing = behind.slice(0, next < 0 ? undefined : next).filter(({ language }) => language === 'sh');
    for (const line of typing.flatMap(linesOf)) {
      const ended = await shell(cwd, line, env);
      expect({ line, ...ended }).toMatchObject({ line, code: line.endsWith('# exits with 1') ? 1 : 0 });
      typed.push({ line, ended });
    }
    expect(typed.length).toBeGreaterThan(0);
    return typed;
  }

  beforeAll(() => {
    cwd = project('readme', ['better-sqlite3', 'vitest', 'openai', 'fast-check']);
    writeCompilerConfig(cwd);
    for (const block of blocks.filter(({ language }) => language === 'ts')) write(cwd, block);
  });

  it('names the file of each block of TypeScript', () => {
    const files = blocks.filter(({ language }) => language === 'ts').map(({ file }) => file);
    expect(files).toEqual([
      'src/desk.ts',
      'src/main.ts',
      'src/desk.test.ts',
      'src/digest.ts',
      'src/refund.ts',
      'src/story.ts',
      'src/game.ts',
      'src/contest.ts',
      'src/bill.ts',
    ]);
  });

  it('names for installation what its examples import', () => {
    const [, tarball] = /makes `(\S+)`/.exec(textOf('README.md')) ?? [];
    const { name, version } = jsonOf('package.json') as Readonly<Record<string, string>>;
    expect(tarball).toBe(`${name}-${version}.tgz`);
    const installed = shellLines.filter((line) => /^npm install (?!&&)/.test(line));
    expect(packagesOf(installed)).toEqual(['better-sqlite3', 'openai', 'reprise', 'vitest']);
  });

  it('has TypeScript that compiles', () => expectTypes(cwd));

  it('names scripts that are there, and a quickstart that works', async () => {
    const { scripts } = jsonOf('package.json') as { readonly scripts: Readonly<Record<string, string>> };
    const named = shellLines.flatMap((line) => [...line.matchAll(/npm (?:run )?(quickstart|test)\b/g)]);
    expect(named.map(([, script]) => script)).toEqual(['quickstart', 'test']);
    const [, main = ''] = /(\S+main\.ts)$/.exec(scripts.quickstart ?? '') ?? [];
    const { code, out } = await processOf(process.execPath, [join(root, main)], folder);
    expect(code).toBe(0);
    expect(out).toMatch(/: same as recorded [\s\S]*: diverged: /);
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
    expect(await typeBehind('src/main.ts', sameOrigin)).toHaveLength(2);
    expect(await vitest(cwd, sameOrigin)).toMatchObject({ code: 0, out: expect.stringMatching(/1 passed/) });
    for (const file of projectFiles(cwd).filter((path) => /runs\.db|\.jsonl$/.test(path)))
      expect({ file, hasKey: readFileSync(join(cwd, file)).includes(key) }).toEqual({ file, hasKey: false });
  });

  it('kills a run, and resumes it', async () => {
    const [killed, resumed] = (await typeBehind('src/digest.ts')).map(({ ended }) => ended) as [Ended, Ended];
    expectOneAfterTheOther(killed, resumed, /^reading (.*)$/gm, ['a', 'b', 'c', 'd']);
    expect(resumed.out).toContain('run digest-1: done after 4 steps');
  });

  it('pauses for an answer, and resumes with it', async () => {
    const [paused, answered] = (await typeBehind('src/refund.ts')).map(({ ended }) => ended);
    expect(paused?.out).toContain('run refund-1: paused');
    expect(paused?.talk).toContain('"Refund order A-17?"');
    expect(answered?.out).toContain('"outcome": "refunded"');
  });

  it.each(['src/game.ts', 'src/contest.ts', 'src/bill.ts'])(
    'finds what is wrong with %s, and says it as shown',
    async (file) => {
      const found = (await typeBehind(file)).at(-1)?.ended.out;
      const shown = blocks
        .slice(blocks.findIndex((block) => block.file === file))
        .find(({ language }) => language === 'text');
      expect(found).toContain((shown as CodeBlock).text);
      const [code, typed] = blocks.slice(blocks.findIndex((block) => block.file === file)) as [CodeBlock, CodeBlock];
      const lines = [...linesOf(code).slice(1), ...linesOf(typed)].filter((line) => line !== '');
      expect(lines.length).toBeLessThanOrEqual(10);
    },
  );

  it('streams', async () => {
    const [told] = await typeBehind('src/story.ts');
    expect(told?.ended.out.split('\n').map((line) => line.trim())).toEqual([
      'Once',
      'upon',
      'a',
      'time',
      'done Once upon a time',
      '',
    ]);
  });
});

/** What a killed process and the one that resumed did: everything in order, and at most one thing twice. */
function expectOneAfterTheOther(killed: Ended, resumed: Ended, pattern: RegExp, all: readonly string[]): void {
  const [before, after] = [killed, resumed].map(({ talk }) => [...talk.matchAll(pattern)].map(([, what]) => what));
  const isTwice = before?.at(-1) === after?.[0];
  expect([...(before ?? []), ...(after ?? []).slice(isTwice ? 1 : 0)]).toEqual(all);
  expect(after?.length).toBeGreaterThan(0);
}

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
