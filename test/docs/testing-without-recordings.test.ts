// The programs of docs/guide/testing-without-recordings.md compile, and pass.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { processOf } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { sharedFolder } from '../support/folder.ts';
import { compilers } from '../support/type-check.ts';
import { expectCompiles, makeUserProject, writeCompilerConfig } from '../support/user-project.ts';

const folder = sharedFolder();
beforeAll(() => {
  makeUserProject(folder, ['@types/node']);
  writeCompilerConfig(folder, ['*.ts']);
  for (const { file, text } of codeBlocks('docs/guide/testing-without-recordings.md'))
    if (file !== undefined) writeFileSync(join(folder, file), text);
});

it('compiles', () => expectCompiles(compilers[0] as (typeof compilers)[number], folder));

it('passes as tests', async () => {
  const passed = await processOf(process.execPath, ['--no-warnings', '--test'], folder);
  expect(passed).toMatchObject({ code: 0, out: expect.stringMatching(/pass 3/) });
});
