// The program of docs/guide/parallel-work.md compiles, and prints what its comments say.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { processOf } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { sharedFolder } from '../support/folder.ts';
import { compilers } from '../support/type-check.ts';
import { expectCompiles, makeUserProject, writeCompilerConfig } from '../support/user-project.ts';

const folder = sharedFolder();
const [program] = codeBlocks('docs/guide/parallel-work.md');
if (program === undefined) throw new Error('the guide has no program');

makeUserProject(folder, ['@types/node']);
writeCompilerConfig(folder, ['*.ts']);
writeFileSync(join(folder, 'agents.ts'), program.text);

it.each(compilers)('compiles with $name', (compiler) => expectCompiles(compiler, folder));

it('prints what it says', async () => {
  const { code, out, talk } = await processOf(process.execPath, ['--no-warnings', 'agents.ts'], folder);
  expect({ code, out, talk }).toEqual({ code: 0, out: 'answer 1, answer 2\n', talk: '' });
});
