// The action for GitHub, run as a runner does: its script in bash, its inputs and the runner's own variables around it.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { makeProject, processOf, root } from '../support/cli.ts';
import { commandHere } from '../support/command-here.ts';
import { temporaryFolder } from '../support/folder.ts';
import { githubPage } from '../support/github-page.ts';

const action = readFileSync(join(root, 'action.yml'), 'utf8');

function scriptOf(text: string): string {
  const [, block = ''] = /\n {6}run: \|\n((?: {8}.*\n)+)/.exec(text) ?? [];
  return block.replace(/^ {8}/gm, '');
}

const source = (word: string): string => `import { fields, graph, last } from 'reprise';
export const desk = graph('desk', { state: fields({ answer: last('') }) })
  .node('answer', () => ({ delta: { answer: '${word}' } }))
  .start('answer')
  .build();
`;

it('replays, checks, compares with the base, and fails with what it found', { timeout: 300_000 }, async () => {
  const folder = temporaryFolder();
  makeProject(folder, {
    'package.json': '{"type":"module"}',
    'desk.ts': source('hello'),
    'reprise.config.ts': "export default { graphs: ['desk.ts'] };\n",
    'bin/npx': `#!/usr/bin/env bash\nshift\nexec "${process.execPath}" "${join(root, 'dist/cli/main.mjs')}" "$@"\n`,
  });
  chmodSync(join(folder, 'bin/npx'), 0o755);
  const record = (runId: string): Promise<unknown> =>
    commandHere(folder, ['record', 'desk.ts#desk', '--input', '{}', '--run-id', runId, '--out', 'fixtures/']);
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: folder, encoding: 'utf8' });
  await record('one');
  git('init', '-q', '-b', 'main');
  git('add', 'fixtures');
  git('commit', '-qm', 'Record');
  git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  await record('two');
  const summary = join(folder, 'summary.md');
  mkdirSync(dirname(summary), { recursive: true });
  const runner = async (): Promise<{ readonly code: unknown; readonly out: string; readonly summary: string }> => {
    writeFileSync(summary, '');
    const env = {
      PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
      GITHUB_STEP_SUMMARY: summary,
      GITHUB_BASE_REF: 'main',
      CI: 'true',
      FIXTURES: '',
      CHECK_MS: '2000',
      BASE: '',
    };
    const args = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', scriptOf(action)];
    const { code, out } = await processOf('bash', args, folder, { env });
    return { code, out, summary: readFileSync(summary, 'utf8') };
  };
  const good = await runner();
  expect(good).toMatchObject({ code: 0, out: '' });
  expect(good.summary).toContain('reprise replay: 2 fixtures as recorded');
  expect(good.summary).toContain('reprise check');
  expect(good.summary).toContain('reprise diff --base origin/main');
  writeFileSync(join(folder, 'desk.ts'), source('goodbye'));
  const bad = await runner();
  expect(bad.code).toBe(1);
  expect(bad.out).toMatch(/^::error file=fixtures\/desk\/one\.run\.jsonl,title=reprise replay%3A code changed::/m);
  expect(bad.summary).toContain('2 of 2 fixtures not as recorded');
  await expect(githubPage(bad)).toMatchFileSnapshot('../../docs/reference/github.md');
  // Expressions stand in `env` alone.
  expect(scriptOf(action)).not.toContain('${{');
});
