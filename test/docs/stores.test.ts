// The programs of docs/guide/stores.md compile, and print what their comments say, one after the other in one folder.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { processOf, root } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { sharedFolder } from '../support/folder.ts';
import { compilers } from '../support/type-check.ts';
import { expectCompiles, makeUserProject, writeCompilerConfig } from '../support/user-project.ts';

const programs = codeBlocks('docs/guide/stores.md').filter(({ language }) => language === 'ts');
const folder = sharedFolder();

beforeAll(() => {
  makeUserProject(folder, ['better-sqlite3', 'fast-check', '@types/node']);
  writeCompilerConfig(folder, ['*.ts']);
  for (const { file, text } of programs) writeFileSync(join(folder, file as string), text);
});

it('names the file of each program', () => {
  expect(programs.map(({ file }) => file)).toEqual(['desk.ts', 'keep.ts', 'prune.ts', 'secret.ts', 'own-store.ts']);
});

it.each(programs)('$file prints what it says', async ({ file, text }) => {
  const prints = [...text.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map(([, printed]) => printed);
  const { code, out, talk } = await processOf(process.execPath, ['--no-warnings', file as string], folder);
  expect({ code, talk, lines: out.split('\n').slice(0, -1) }).toEqual({ code: 0, talk: '', lines: prints });
  expect(prints.length > 0 || file === 'desk.ts').toBe(true);
});

it.each(compilers)('has TypeScript that compiles: $name', (compiler) => expectCompiles(compiler, folder));

it('says what the commands do with a file of a codec', async () => {
  const command = [join(root, 'dist/cli/main.mjs'), 'list', '--store', 'secret.db'];
  const { code, talk } = await processOf(process.execPath, command, folder);
  expect(code).not.toBe(0);
  expect(talk).toContain('was created with codec "aes-256-gcm", but opened without one');
  expect(talk).toContain('docs/reference/errors/store-other-codec.md');
});
