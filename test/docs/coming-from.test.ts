// The programs of docs/guide/coming-from.md compile and pass. What it compares with LangGraph.js runs in test/projects/langgraph.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { processOf } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { sharedFolder } from '../support/folder.ts';
import { compilers } from '../support/type-check.ts';
import { expectCompiles, makeUserProject, writeCompilerConfig } from '../support/user-project.ts';

const folder = sharedFolder();
// LangGraph.js is no package of this project.
const ofLangGraph = ['langgraph.ts', 'as-it-is.ts'];
beforeAll(() => {
  makeUserProject(folder, ['@types/node', 'nock']);
  writeCompilerConfig(folder, ['*.ts']);
  for (const { file, text } of codeBlocks('docs/guide/coming-from.md'))
    if (file !== undefined && !ofLangGraph.includes(file)) writeFileSync(join(folder, file), text);
});

it('compiles', () => expectCompiles(compilers[0] as (typeof compilers)[number], folder));

it('passes, before and after', async () => {
  const passed = await processOf(process.execPath, ['--no-warnings', '--test'], folder);
  expect(passed).toMatchObject({ code: 0, out: expect.stringMatching(/pass 4/) });
});
