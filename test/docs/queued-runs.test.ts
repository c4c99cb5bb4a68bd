// The program of docs/guide/queued-runs.md compiles, and prints what its comments say.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { processOf } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { sharedFolder } from '../support/folder.ts';
import { compilers } from '../support/type-check.ts';
import { expectCompiles, makeUserProject, writeCompilerConfig } from '../support/user-project.ts';

const folder = sharedFolder();
const [program] = codeBlocks('docs/guide/queued-runs.md');
if (program === undefined) throw new Error('the guide has no program');

makeUserProject(folder, ['@types/node']);
writeCompilerConfig(folder, ['*.ts']);
writeFileSync(join(folder, 'report.ts'), program.text);

it.each(compilers)('compiles with $name', (compiler) => expectCompiles(compiler, folder));

it('prints what it says', async () => {
  const { code, out, talk } = await processOf(process.execPath, ['--no-warnings', 'report.ts'], folder);
  expect({ code, talk, lines: out.trim().split('\n').sort() }).toEqual({
    code: 0,
    talk: '',
    lines: ['Report for acme', 'report-7', 'report-7 done'],
  });
});
