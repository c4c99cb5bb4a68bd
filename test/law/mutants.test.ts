import { execFile } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { sharedFolder } from '../support/folder.ts';
import { mutants } from './mutants.ts';
import type { Mutant } from './mutants.ts';

const run = promisify(execFile);
const folder = sharedFolder();

/** A copy of the product and the law, changed by a mutant. */
function treeOf(name: string, edits: Mutant['edits']): string {
  const tree = join(folder, name.replaceAll(/\W+/g, '-'));
  cpSync('src', join(tree, 'src'), { recursive: true });
  for (const folder of ['test/law', 'test/support']) cpSync(folder, join(tree, folder), { recursive: true });
  symlinkSync(resolve('node_modules'), join(tree, 'node_modules'));
  writeFileSync(join(tree, 'package.json'), '{"type":"module"}');
  for (const { file, find, replace } of edits) {
    const path = join(tree, 'src', file);
    const text = readFileSync(path, 'utf8');
    const places = text.match(new RegExp(patternOf(find), 'g')) ?? [];
    expect(places.length, `"${find}" in ${file}`).toBe(1);
    writeFileSync(
      path,
      text.replace(new RegExp(patternOf(find)), () => replace),
    );
  }
  return tree;
}

/** Matches a text however it is wrapped. */
function patternOf(text: string): string {
  return text
    .split(/\s+/)
    .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('\\s+');
}

async function lawIn(tree: string): Promise<{ readonly caught: boolean; readonly after: number }> {
  const { stdout } = await run(process.execPath, ['--no-warnings', join(tree, 'test/law/mutant-main.ts')], {
    timeout: 100_000,
  });
  return JSON.parse(stdout) as { readonly caught: boolean; readonly after: number };
}

describe('the law', () => {
  it('finds nothing in the unchanged engine', { timeout: 120_000 }, async () => {
    expect(await lawIn(treeOf('none', []))).toEqual({ caught: false, after: 400 });
  });

  it.each(mutants)('catches it when $name', { timeout: 120_000 }, async ({ name, edits }) => {
    const { caught, after } = await lawIn(treeOf(name, edits));
    expect(caught, `a mutant that lived through ${after} graphs`).toBe(true);
  });
});
