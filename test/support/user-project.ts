// A project as a user sets it up: packages where an installation would place them, and a strict compiler.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { makeProject, processOf, root } from './cli.ts';
import { codeBlocks } from './code-blocks.ts';
import type { Compiler } from './type-check.ts';

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

/** Makes a project that has Reprise and these packages installed, with files by their path. */
export function makeUserProject(
  folder: string,
  packages: readonly string[],
  files: Readonly<Record<string, string>> = {},
): void {
  makeProject(folder, files);
  for (const name of packages) {
    const place = join(folder, 'node_modules', name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), place, 'dir');
  }
}

/** Makes a project of the programs of a guide. */
export function makeGuideProject(folder: string, page: string, packages: readonly string[]): void {
  const files = codeBlocks(page).flatMap(({ file, text }) => (file === undefined ? [] : [[file, text] as const]));
  makeUserProject(folder, packages, Object.fromEntries(files));
  writeCompilerConfig(folder, ['*.ts']);
}

/** Lets the project be compiled, all of it or the files that `include` says. */
export function writeCompilerConfig(folder: string, include?: readonly string[]): void {
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include }));
}

export async function expectCompiles(compiler: Compiler, folder: string): Promise<void> {
  const { code, out } = await processOf(process.execPath, [compiler.path, '-p', '.'], folder);
  expect({ compiler: compiler.name, code, out }).toEqual({ compiler: compiler.name, code: 0, out: '' });
}
