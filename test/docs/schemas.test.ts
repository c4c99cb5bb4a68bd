// The programs of docs/guide/schemas.md compile, and print what their comments say.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { processOf, root } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { compilers } from '../support/type-check.ts';

const programs = codeBlocks('docs/guide/schemas.md').filter(({ language }) => language === 'ts');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-schemas-guide-'));
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
  for (const name of ['zod', '@types/node'])
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'dir');
  symlinkSync(root, join(folder, 'node_modules/reprise'), 'dir');
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const compilerOptions = {
    target: 'es2024',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    exactOptionalPropertyTypes: true,
    types: ['node'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  for (const { file, text } of programs) writeFileSync(join(folder, file as string), text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

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

it.each(compilers)('has TypeScript that compiles: $name', async ({ path }) => {
  const { code, out } = await processOf(process.execPath, [path, '-p', '.'], folder);
  expect({ code, out }).toEqual({ code: 0, out: '' });
});
