// docs/guide/order-independence.md does what it says, block by block: its commands run, exit and print as written.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { processOf } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import type { CodeBlock } from '../support/code-blocks.ts';
import { sharedFolder } from '../support/folder.ts';
import { compilers } from '../support/type-check.ts';
import { expectCompiles, makeUserProject, writeCompilerConfig } from '../support/user-project.ts';

const blocks = codeBlocks('docs/guide/order-independence.md');
const folder = sharedFolder();

beforeAll(() => {
  makeUserProject(folder, ['better-sqlite3', '@types/node']);
  writeCompilerConfig(folder, ['src/*.ts']);
  const bin = join(folder, 'node_modules/.bin');
  mkdirSync(bin);
  symlinkSync('../reprise/dist/cli/main.mjs', join(bin, 'reprise'));
  symlinkSync(process.execPath, join(bin, 'node'));
});

function write({ file, text }: CodeBlock): void {
  const path = join(folder, file as string);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

async function type(line: string): Promise<string> {
  const path = [join(folder, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const env = { PATH: path, HOME: folder, npm_config_offline: 'true', npm_config_update_notifier: 'false' };
  const { code, out, talk } = await processOf('/bin/sh', ['-c', line], folder, { env });
  expect({ line, talk, code }).toMatchObject({ line, code: line.includes('# exits with 1') ? 1 : 0 });
  return out;
}

it('does each block, and prints what the page shows', async () => {
  let printed = '';
  for (const block of blocks) {
    if (block.language === 'text') expect(printed).toContain(block.text);
    else if (block.file !== undefined) write(block);
    else for (const line of block.text.trim().split('\n')) printed = await type(line);
  }
  expect(blocks.filter(({ language }) => language === 'text')).toHaveLength(2);
}, 120_000);

it('prints the line that shows the finding again', async () => {
  const [first, second] = blocks
    .filter(({ text }) => text.includes('# exits with 1'))
    .map(({ text }) => text.replace(/ +# exits with 1\n$/, ''));
  write(blocks.find(({ file }) => file === 'src/survey.ts') as CodeBlock);
  expect(await type(`${first} # exits with 1`)).toContain(`reproduce: ${second}`);
});

it('has a program that prints what its comments say', async () => {
  const program = blocks.findLast(({ file }) => file === 'src/proof.ts') as CodeBlock;
  write(blocks.findLast(({ file }) => file === 'src/survey.ts') as CodeBlock);
  const said = [...program.text.matchAll(/^console\.log\(.*\/\/ (.*)$/gm)].map(([, line]) => line);
  expect(said).toHaveLength(2);
  expect((await type('node src/proof.ts')).trimEnd().split('\n')).toEqual(said);
});

it.each(compilers)('has TypeScript that compiles: $name', (compiler) => expectCompiles(compiler, folder));
