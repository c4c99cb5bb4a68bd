import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { FoundProject } from '../../cli/project/init/found-project.ts';
import { workflowText } from '../../cli/project/init/workflow-text.ts';
import { processOf, reprise } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { temporaryFolder } from '../support/folder.ts';
import { makeUserProject } from '../support/user-project.ts';

it('shows the workflow that `init` writes', () => {
  const [workflow] = codeBlocks('docs/guide/replay-in-ci.md').filter(({ language }) => language === 'yaml');
  const project = { packageManager: 'npm', hasLockFile: true } as FoundProject;
  expect(workflow?.text).toBe(`# .github/workflows/replay.yml\n${workflowText(project, true)}`);
});

it('has tests that pass in a project as the page on CI describes it', async () => {
  const ci = temporaryFolder();
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
