// The programs of docs/guide/secrets.md compile, and print what their comments say.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { processOf, program } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { sharedFolder } from '../support/folder.ts';
import { makeUserProject, writeCompilerConfig } from '../support/user-project.ts';

const programs = codeBlocks('docs/guide/secrets.md').filter(({ language }) => language === 'ts');
const folder = sharedFolder();

beforeAll(() => {
  makeUserProject(folder, ['better-sqlite3', '@types/node']);
  writeCompilerConfig(folder, ['*.ts']);
  for (const { file, text } of programs) writeFileSync(join(folder, file as string), text);
});

it('names the file of each program', () => {
  expect(programs.map(({ file }) => file)).toEqual(['desk.ts', 'record.ts', 'rotate.ts']);
});

it.each(programs.slice(1))('$file prints what it says', async ({ file, text }) => {
  const prints = [...text.matchAll(/console\.log\(.*?\); \/\/ (.*)$/gm)].map(([, printed]) => printed);
  const { code, out, talk } = await processOf(process.execPath, ['--no-warnings', file as string], folder);
  expect({ code, talk, lines: out.split('\n').slice(0, -1) }).toEqual({ code: 0, talk: '', lines: prints });
});

it('takes a value out of a fixture, from standard input', () => {
  const args = [program, 'scrub', 'fixtures/**/*.run.jsonl', '--value', '@-'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    input: 'is about\n',
    encoding: 'utf8',
  });
  expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining('Revoke the secret') });
  expect(stdout).toMatch(/fixtures\/desk\/.*\.run\.jsonl: rewritten/);
});
