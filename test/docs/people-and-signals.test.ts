// The programs of docs/guide/people.md and docs/guide/signals.md compile, and print what their comments say.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { processOf } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { sharedFolder } from '../support/folder.ts';
import { compilers } from '../support/type-check.ts';
import { expectCompiles, makeUserProject, writeCompilerConfig } from '../support/user-project.ts';

const folder = sharedFolder();
const programs = ['people', 'signals'].flatMap((page) => codeBlocks(`docs/guide/${page}.md`));

makeUserProject(folder, ['@types/node']);
writeCompilerConfig(folder, ['*.ts']);
for (const { file, text } of programs) writeFileSync(join(folder, file as string), text);

it('names the file of each program', () => {
  expect(programs.map(({ file }) => file)).toEqual(['approval.ts', 'order.ts']);
});

it.each(compilers)('compile with $name', (compiler) => expectCompiles(compiler, folder));

it.each(programs)('$file prints what it says', async ({ file, text }) => {
  const prints = [...text.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map(([, printed]) => printed);
  const { code, out, talk } = await processOf(process.execPath, ['--no-warnings', file as string], folder);
  expect({ code, talk, lines: out.split('\n').slice(0, -1) }).toEqual({ code: 0, talk: '', lines: prints });
});
