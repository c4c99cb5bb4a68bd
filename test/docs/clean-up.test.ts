// The program of docs/guide/clean-up.md compiles, and prints what its comments say.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { processOf } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { sharedFolder } from '../support/folder.ts';
import { compilers } from '../support/type-check.ts';
import { expectCompiles, makeUserProject, writeCompilerConfig } from '../support/user-project.ts';

const page = 'docs/guide/clean-up.md';
const folder = sharedFolder();
const [program] = codeBlocks(page);
if (program === undefined) throw new Error('the guide has no program');

makeUserProject(folder, ['@types/node']);
writeCompilerConfig(folder, ['*.ts']);
writeFileSync(join(folder, 'report.ts'), program.text);

it('begins with the rule', () => {
  expect(readFileSync(page, 'utf8').split('\n')[2]).toMatch(/^Register before you acquire\. /);
});

it.each(compilers)('compiles with $name', (compiler) => expectCompiles(compiler, folder));

it('prints what it says', async () => {
  const { code, out, talk } = await processOf(process.execPath, ['--no-warnings', 'report.ts'], folder);
  expect({ code, out, talk }).toEqual({ code: 0, out: 'still locked\nfailed 0\n', talk: '' });
});
