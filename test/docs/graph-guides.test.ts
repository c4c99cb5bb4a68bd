// The programs of the guides about graphs and nodes compile, and print what their comments say.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { FoundProject } from '../../cli/project/init/found-project.ts';
import { workflowText } from '../../cli/project/init/workflow-text.ts';
import { processOf, reprise } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { sharedFolder } from '../support/folder.ts';
import { compilers } from '../support/type-check.ts';
import { expectCompiles, makeUserProject, writeCompilerConfig } from '../support/user-project.ts';

const programs = ['graphs', 'deterministic-nodes']
  .flatMap((page) => codeBlocks(`docs/guide/${page}.md`))
  .filter(({ language }) => language === 'ts');
const folder = sharedFolder();

beforeAll(() => {
  makeUserProject(folder, ['@types/node'], { 'prices.json': '{"tea":3}' });
  writeCompilerConfig(folder, ['*.ts']);
  for (const { file, text } of programs) writeFileSync(join(folder, file as string), text);
  // One process for all of them.
  const all = programs.map(({ file }) => `console.log('in ${file}');\nawait import('./${file}');\n`);
  writeFileSync(join(folder, 'all.mjs'), all.join(''));
});

it('print what they say', async () => {
  expect(programs.length).toBeGreaterThan(8);
  const { code, out, talk } = await processOf(process.execPath, ['--no-warnings', 'all.mjs'], folder);
  const said = programs.flatMap(({ file, text }) => [
    `in ${file}`,
    ...[...text.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map(([, printed]) => printed),
  ]);
  expect({ code, talk, lines: out.trimEnd().split('\n') }).toEqual({ code: 0, talk: '', lines: said });
});

it('shows the workflow that `init` writes', () => {
  const [workflow] = codeBlocks('docs/guide/replay-in-ci.md').filter(({ language }) => language === 'yaml');
  const project = { packageManager: 'npm', hasLockFile: true } as FoundProject;
  expect(workflow?.text).toBe(`# .github/workflows/replay.yml\n${workflowText(project, true)}`);
});

it('has tests that pass in a project as the page on CI describes it', async () => {
  const ci = join(folder, 'ci');
  const blocks = codeBlocks('docs/guide/replay-in-ci.md').filter(({ language }) => language === 'ts');
  const graphText = `import { fields, graph, last } from 'reprise';
export const desk = graph('desk', { state: fields({ order: last<string>(), answer: last('') }) })
  .node('answer', (state) => ({ delta: { answer: 'Order ' + state.order } }))
  .start('answer')
  .build();
`;
  makeUserProject(ci, ['vitest'], {
    'src/graphs/desk.ts': graphText,
    ...Object.fromEntries(blocks.map(({ file, text }) => [file as string, text])),
  });
  const recorded = ['record', 'desk', '--input', '{"order":"A-17"}', '--run-id', 'desk-1', '--out', 'fixtures/'];
  expect(await reprise(ci, recorded)).toMatchObject({ code: 0 });
  const ended = await processOf(process.execPath, [join(ci, 'node_modules/vitest/vitest.mjs'), 'run'], ci);
  expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('2 passed (2)') });
});

it.each(compilers)('compile with $name', (compiler) => expectCompiles(compiler, folder));
