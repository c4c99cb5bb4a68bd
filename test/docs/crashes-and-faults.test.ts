// docs/guide/crashes-and-faults.md does what it says, block by block: its commands print what is written below them.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { processOf } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { sharedFolder } from '../support/folder.ts';
import { compilers } from '../support/type-check.ts';
import { expectCompiles, makeUserProject, writeCompilerConfig } from '../support/user-project.ts';

const blocks = codeBlocks('docs/guide/crashes-and-faults.md');
const folder = sharedFolder();

beforeAll(() => {
  makeUserProject(folder, ['better-sqlite3', 'fast-check', '@types/node']);
  writeCompilerConfig(folder, ['src/*.ts']);
  const bin = join(folder, 'node_modules/.bin');
  mkdirSync(bin);
  symlinkSync('../reprise/dist/cli/main.mjs', join(bin, 'reprise'));
  symlinkSync(process.execPath, join(bin, 'node'));
});

async function type(line: string): Promise<string> {
  const path = [join(folder, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const env = { PATH: path, HOME: folder, npm_config_offline: 'true', npm_config_update_notifier: 'false' };
  const { code, out, talk } = await processOf('/bin/sh', ['-c', line], folder, { env });
  expect({ line, talk, code }).toMatchObject({ line, code: 0 });
  return out;
}

it('does each block, and prints what the page shows', async () => {
  let printed = '';
  for (const { language, text, file } of blocks) {
    if (language === 'text') expect(printed).toContain(text);
    else if (file === undefined) for (const line of text.trim().split('\n')) printed = await type(line);
    else {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
  }
  expect(blocks.filter(({ language }) => language === 'text')).toHaveLength(4);
  // Once mended, nothing is left to mend.
  expect(printed).not.toContain('NOT HANDLED');
  expect(printed).toContain('orders, crashes and faults together: 10 schedules drawn');
}, 120_000);

it('has a program that prints what its comments say', async () => {
  const { text = '' } = blocks.find(({ file }) => file === 'src/charge.ts') ?? {};
  const said = [...text.matchAll(/^console\.log\(.*\/\/ (.*)$/gm)].map(([, line]) => line);
  expect(said).toHaveLength(2);
  expect((await type('node src/charge.ts')).trimEnd().split('\n')).toEqual(said);
});

it.each(compilers.slice(0, 1))('has TypeScript that compiles: $name', (compiler) => expectCompiles(compiler, folder));
