// The programs of docs/guide/bring-your-own-code.md compile, and print what their comments say.
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
  for (const { file, text } of codeBlocks('docs/guide/bring-your-own-code.md'))
    if (file !== undefined) writeFileSync(join(folder, file), text);
});

it('compiles', () => expectCompiles(compilers[0] as (typeof compilers)[number], folder));

it('records and replays the handler', async () => {
  const recorded = await processOf(process.execPath, ['--no-warnings', 'record.ts'], folder);
  expect(recorded).toMatchObject({ code: 0, out: 'It was sent.\nsame\n' });
});
