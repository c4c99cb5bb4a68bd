// The programs of docs/guide/record-in-production.md and docs/guide/deploy.md compile, and print what their comments say.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { processOf } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { sharedFolder } from '../support/folder.ts';
import { compilers } from '../support/type-check.ts';
import { expectCompiles, makeUserProject, writeCompilerConfig } from '../support/user-project.ts';

const folder = sharedFolder();
const programs = ['docs/guide/record-in-production.md', 'docs/guide/deploy.md']
  .flatMap((page) => codeBlocks(page))
  .filter(({ file }) => file !== undefined);

beforeAll(() => {
  makeUserProject(folder, ['@types/node', 'better-sqlite3']);
  writeCompilerConfig(folder, ['*.ts']);
  for (const { file, text } of programs) writeFileSync(join(folder, file as string), text);
});

it('there are programs of both', () => expect(programs.length).toBe(5));

it.each(compilers)('compile with $name', (compiler) => expectCompiles(compiler, folder));

it.each(programs)('$file prints what it says', async ({ file, text }) => {
  const { code, out, talk } = await processOf(process.execPath, ['--no-warnings', file as string], folder);
  const said = [...text.matchAll(/console\.log\(.*\/\/ (.*)$|: (report-1 done)$/gm)].map(
    ([, line, told]) => line ?? told,
  );
  expect({ code, talk, lines: out.trim().split('\n') }).toEqual({ code: 0, talk: '', lines: said });
  if (file === 'production.ts') expect(existsSync(join(folder, 'recorded/desk/desk-2.run.jsonl'))).toBe(true);
});
