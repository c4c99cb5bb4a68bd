// What `init` writes compiles and passes, and a second time it changes nothing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../cli/program.ts';
import { processOf, projectFiles, reprise } from '../support/cli.ts';
import { temporaryFolder } from '../support/folder.ts';
import { RecordedIo } from '../support/recorded-io.ts';
import { compilers } from '../support/type-check.ts';
import { expectCompiles, makeUserProject } from '../support/user-project.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';

async function init(cwd: string, ...args: readonly string[]): Promise<RecordedIo> {
  const io = new RecordedIo(cwd);
  expect({ code: await runProgram(['init', ...args], io), talk: io.talk }).toMatchObject({ code: 0 });
  return io;
}

function contents(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(projectFiles(folder).map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

const manifest = (more: object): string => JSON.stringify({ name: 'mine', ...more });
const desk = `import { fields, graph, last } from 'reprise';

export const desk = graph('support-desk', { state: fields({ question: last<string>() }) })
  .node('answer', () => ({}))
  .start('answer')
  .build();
`;
const commonJs =
  '{ "compilerOptions": { "module": "nodenext", "strict": true, "noEmit": true, "types": [], "skipLibCheck": true } }';

const projects: Record<string, { readonly files: Record<string, string>; readonly passes: RegExp }> = {
  'an empty project, as `npm init` makes it': {
    files: { 'package.json': manifest({ type: 'commonjs', devDependencies: { vitest: '5' } }) },
    passes: /1 passed/,
  },
  'one with vitest and tests of its own': {
    files: {
      'package.json': manifest({ type: 'module', devDependencies: { vitest: '5' } }),
      'test/own.test.ts': "import { expect, it } from 'vitest';\nit('adds', () => expect(1 + 1).toBe(2));\n",
    },
    passes: /2 passed/,
  },
  'one with a graph': {
    files: {
      'package.json': manifest({ type: 'module', devDependencies: { vitest: '5' } }),
      'tsconfig.json': commonJs,
      'src/desk.ts': desk,
    },
    passes: /1 todo/,
  },
};

describe.each(Object.entries(projects).slice(0, isLong ? undefined : 1))('in %s', (_name, { files, passes }) => {
  it('what it writes compiles, passes and replays, and is left alone', async () => {
    const folder = temporaryFolder();
    makeUserProject(folder, ['vitest'], files);
    // A process of its own loads the example as a user's Node does.
    expect(await reprise(folder, ['init'])).toMatchObject({ code: 0 });
    for (const compiler of compilers.slice(0, isLong ? undefined : 1)) await expectCompiles(compiler, folder);
    const vitest = await processOf(process.execPath, [join(folder, 'node_modules/vitest/vitest.mjs'), 'run'], folder);
    expect(vitest).toMatchObject({ code: 0, out: expect.stringMatching(passes) });
    const before = contents(folder);
    const again = await init(folder);
    expect(again.out).not.toMatch(/^(?:wrote|added)/m);
    // A graph of the project's own was not recorded.
    expect(again.talk).toMatch(
      Object.hasOwn(files, 'src/desk.ts') ? /next: record a run/ : /next: npx reprise replay$/m,
    );
    expect(contents(folder)).toEqual(before);
  });
});

describe('it goes by what it finds', () => {
  const made = async (files: Record<string, string>, ...args: readonly string[]): Promise<Record<string, string>> => {
    const folder = temporaryFolder({ 'src/desk.ts': desk, ...files });
    await init(folder, ...args);
    return contents(folder);
  };

  it.each([
    ['package-lock.json', 'npm ci', 'npx vitest run', 'cache: npm'],
    ['pnpm-lock.yaml', 'pnpm install --frozen-lockfile', 'pnpm exec vitest run', 'cache: pnpm'],
    ['yarn.lock', 'yarn install --frozen-lockfile', 'yarn vitest run', 'cache: yarn'],
    ['bun.lock', 'bun install --frozen-lockfile', 'bunx vitest run', 'setup-bun'],
  ])('%s', async (lockFile, ...lines) => {
    const files = await made({ 'package.json': manifest({ devDependencies: { vitest: '5' } }), [lockFile]: '' });
    for (const line of lines) expect(files['.github/workflows/replay.yml']).toContain(line);
  });

  it('another test runner, a loader, and another CI service', async () => {
    const files = await made({
      'package.json': manifest({ type: 'module', devDependencies: { jest: '30', tsx: '4' } }),
      '.gitlab-ci.yml': 'test: {}\n',
      '.gitignore': '/dist',
    });
    expect(Object.keys(files).filter((path) => /test|workflows/.test(path))).toEqual([]);
    expect(files['reprise.config.ts']).toContain("graphs: ['src/desk.ts']");
    expect(files['reprise.config.ts']).toContain("import: ['tsx']");
    expect(files['.gitignore']).toBe('/dist\nruns.db*\n');
  });

  it.each([
    ['*.db\n', '*.db\nruns.db*\n'],
    ['node_modules\nruns.db\n*.db-wal\n', 'node_modules\nruns.db\n*.db-wal\nruns.db*\n'],
    ['*.db*\n', '*.db*\n'],
    ['runs.db*', 'runs.db*'],
    ['*.db\n*.db-wal\n*.db-shm\n', '*.db\n*.db-wal\n*.db-shm\n'],
    ['*.db\n*.db-*\n', '*.db\n*.db-*\n'],
  ])('what Git ignores: %j', async (before, after) => {
    const files = await made({ 'package.json': manifest({ type: 'module' }), '.gitignore': before });
    expect(files['.gitignore']).toBe(after);
  });

  it('how the compiler wants imports, and what it sees', async () => {
    const tsconfig = '{ "include": ["src"], "compilerOptions": {} }';
    const files = await made({ 'package.json': manifest({ type: 'module' }), 'tsconfig.json': tsconfig });
    expect(files['src/support-desk.test.ts']).toContain("from './desk.js'");
    expect(files['tsconfig.json']).toBe(tsconfig);
  });

  it.each([
    ['src/**/*.spec.ts', 'src/support-desk.spec.ts', 'npx vitest run', ''],
    ['tests/**/*.test.ts', 'tests/support-desk.test.ts', 'npx vitest run', ''],
    ['checks/*.ts', 'test/support-desk.test.ts', 'npx reprise replay', 'vitest does not run test/support-desk.test.ts'],
  ])('tests where vitest runs them: %s', async (include, path, command, told) => {
    const folder = temporaryFolder();
    makeUserProject(folder, ['vitest'], {
      'package.json': manifest({ type: 'module', devDependencies: { vitest: '5' } }),
      'vitest.config.ts': `export default { test: { include: ['${include}'], passWithNoTests: true } };\n`,
      'src/desk.ts': desk,
    });
    for (const _ of ['first', 'again']) {
      const { talk } = await init(folder, '--yes');
      const files = contents(folder);
      expect(Object.keys(files).filter((file) => /\.(?:test|spec)\.ts$/.test(file))).toEqual([path]);
      expect(files['.github/workflows/replay.yml']).toContain(`- run: ${command}\n`);
      expect(talk).toContain(told);
      expect(talk.includes('vitest does not run')).toBe(told !== '');
    }
  });

  it('a config of vitest that nobody can ask yet', async () => {
    const folder = temporaryFolder({
      'package.json': manifest({ type: 'module', devDependencies: { vitest: '5' } }),
      'vite.config.ts': 'export default {};\n',
      'src/desk.ts': desk,
    });
    const { talk } = await init(folder, '--yes');
    expect(talk).toContain('see that vitest runs test/support-desk.test.ts, by test.include of vite.config.ts');
    expect(contents(folder)['.github/workflows/replay.yml']).toContain('- run: npx reprise replay\n');
  });

  it('a graph that Node takes for CommonJS, which compiles', async () => {
    const folder = temporaryFolder();
    const packages = { devDependencies: { vitest: '5', tsx: '4' } };
    makeUserProject(folder, ['vitest'], {
      'package.json': manifest({ type: 'commonjs', ...packages }),
      'src/desk.ts': desk,
    });
    await init(folder, '--yes');
    expect(Object.keys(contents(folder))).toContain('tsconfig.json');
    await expectCompiles(compilers[0] as (typeof compilers)[number], folder);
  });

  it('a config under another name, a workspace, and a byte order mark', async () => {
    const config = "export default { graphs: ['src/desk.ts'] };\n";
    const kept = temporaryFolder({
      'package.json': `\ufeff${manifest({})}`,
      'reprise.config.mjs': config,
      'packages/a/package.json': manifest({ type: 'module' }),
      'packages/a/desk.ts': desk,
    });
    const { out, talk } = await init(kept);
    expect(out).toContain('kept     reprise.config.mjs');
    expect(Object.keys(contents(kept)).filter((path) => path.startsWith('reprise.config'))).toHaveLength(1);
    expect(talk).not.toContain('type=module');
    const { talk: told } = await init(temporaryFolder({ 'package.json': manifest({}), 'src/desk.ts': desk }));
    expect(told).toContain('npm pkg set type=module');
  });

  it('a route that is recorded as it is', async () => {
    const route = "import { fromFunction } from 'reprise';\nexport const agent = fromFunction('agent', answer);\n";
    const files = await made({ 'package.json': manifest({ type: 'module' }), 'src/desk.ts': '', 'server.js': route });
    expect(files['reprise.config.ts']).toContain("graphs: ['server.js']");
    expect(Object.keys(files)).not.toContain('src/graphs/hello.ts');
  });

  it('flags', async () => {
    const files = await made({ 'package.json': manifest({}) }, '--graphs', 'lib/*.ts', 'more/*.ts', '--no-ci');
    expect(files['reprise.config.mts']).toContain("graphs: ['lib/*.ts', 'more/*.ts']");
    expect(files['.github/workflows/replay.yml']).toBeUndefined();
  });

  it('no package.json', async () => {
    const io = new RecordedIo(temporaryFolder());
    expect(await runProgram(['init'], io)).toBe(2);
    expect(io.talk).toContain('npm init --yes');
  });
});
