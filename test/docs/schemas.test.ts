// The programs of docs/guide/schemas.md compile, and print what their comments say.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { processOf } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { sharedFolder } from '../support/folder.ts';
import { compilers } from '../support/type-check.ts';
import { expectCompiles, makeUserProject, writeCompilerConfig } from '../support/user-project.ts';

const programs = codeBlocks('docs/guide/schemas.md').filter(({ language }) => language === 'ts');
const folder = sharedFolder();

beforeAll(() => {
  makeUserProject(folder, ['zod', '@types/node']);
  writeCompilerConfig(folder, ['*.ts']);
  for (const { file, text } of programs) writeFileSync(join(folder, file as string), text);
});

it('names the file of each program', () => {
  expect(programs.map(({ file }) => file)).toEqual(['desk.ts', 'run.ts']);
});

it('prints what it says', async () => {
  const { text } = programs[1] as (typeof programs)[number];
  const prints = [...text.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map(([, printed]) => printed);
  const { code, out, talk } = await processOf(process.execPath, ['--no-warnings', 'run.ts'], folder);
  expect({ code, talk, lines: out.split('\n').slice(0, -1) }).toEqual({ code: 0, talk: '', lines: prints });
  expect(prints.length).toBe(3);
});

it.each(compilers)('has TypeScript that compiles: $name', (compiler) => expectCompiles(compiler, folder));
