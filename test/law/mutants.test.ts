import { execFile } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { sharedFolder } from '../support/folder.ts';
import { mutants } from './mutants.ts';
import type { Mutant } from './mutants.ts';

const run = promisify(execFile);

/** A copy of the product and the law. All mutants take their turns in it, so that only what differs is compiled again. */
function copiedTree(): string {
  const tree = sharedFolder();
  for (const folder of ['src', 'test/law', 'test/support']) cpSync(folder, join(tree, folder), { recursive: true });
  symlinkSync(resolve('node_modules'), join(tree, 'node_modules'));
  writeFileSync(join(tree, 'package.json'), '{"type":"module"}');
  return tree;
}

const tree = copiedTree();

/** What the law says of the tree with these edits. */
async function lawWith(edits: Mutant['edits']): Promise<{ readonly caught: boolean; readonly after: number }> {
  const kept = new Map<string, string>();
  for (const { file, find, replace } of edits) {
    const path = join(tree, 'src', file);
    const text = readFileSync(path, 'utf8');
    if (!kept.has(path)) kept.set(path, text);
    const places = text.match(new RegExp(patternOf(find), 'g')) ?? [];
    expect(places.length, `"${find}" in ${file}`).toBe(1);
    writeFileSync(
      path,
      text.replace(new RegExp(patternOf(find)), () => replace),
    );
  }
  try {
    return await lawInTree();
  } finally {
    for (const [path, text] of kept) writeFileSync(path, text);
  }
}

/** Matches a text however it is wrapped. */
function patternOf(text: string): string {
  return text
    .split(/\s+/)
    .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('\\s+');
}

async function lawInTree(): Promise<{ readonly caught: boolean; readonly after: number }> {
  const { stdout } = await run(process.execPath, ['--no-warnings', join(tree, 'test/law/mutant-main.ts')], {
    timeout: 100_000,
  });
  return JSON.parse(stdout) as { readonly caught: boolean; readonly after: number };
}

describe('the law', () => {
  it('finds nothing in the unchanged engine', { timeout: 120_000 }, async () => {
    expect(await lawWith([])).toEqual({ caught: false, after: 400 });
  });

  it.each(mutants)('catches it when $name', { timeout: 120_000 }, async ({ edits }) => {
    const { caught, after } = await lawWith(edits);
    expect(caught, `a mutant that lived through ${after} graphs`).toBe(true);
  });
});
