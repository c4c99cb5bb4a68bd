// How stacks name the files of the project.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { liveSourcePaths } from '../../../src/live/source-paths.ts';
import { temporaryFolder } from '../../support/folder.ts';

const home = process.cwd();
afterEach(() => process.chdir(home));

function project(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'package.json'), '{}');
  mkdirSync(join(folder, 'src'));
  return folder;
}

describe('a file', () => {
  it('is named relative to the project that the process runs in, also from a folder of it', () => {
    const folder = project();
    process.chdir(join(folder, 'src'));
    expect(liveSourcePaths.nameOf(join(folder, 'src/a b.ts'))).toBe('src/a b.ts');
    expect(liveSourcePaths.nameOf(`${pathToFileURL(join(folder, 'src/a b.ts')).href}?t=12`)).toBe('src/a b.ts');
  });

  it('of another project is named relative to that one', () => {
    process.chdir(project());
    expect(liveSourcePaths.nameOf(join(project(), 'src/a.ts'))).toBe('src/a.ts');
  });

  it('of a package is named from the package on', () => {
    const folder = project();
    process.chdir(folder);
    const nested = 'node_modules/.pnpm/openai@7.0.0/node_modules/openai/core.mjs';
    expect(liveSourcePaths.nameOf(join(folder, nested))).toBe('node_modules/openai/core.mjs');
  });

  it('of no project has its name alone', () => {
    process.chdir('/');
    expect(liveSourcePaths.nameOf('/no/such/folder/a.ts')).toBe('a.ts');
  });
});

it('knows the files of Reprise', () => {
  expect(liveSourcePaths.isOwn(join(home, 'src/engine/attempt/attempt.ts'))).toBe(true);
  expect(liveSourcePaths.isOwn(pathToFileURL(join(home, 'src/index.ts')).href)).toBe(true);
  expect(liveSourcePaths.isOwn(join(home, 'test/unit/live/source-paths.test.ts'))).toBe(false);
  expect(liveSourcePaths.isOwn(join(home, 'docs/examples/panel/graph.ts'))).toBe(false);
  // What it was built to may be loaded beside it.
  expect(liveSourcePaths.isOwn(join(home, 'dist/cli/main.mjs'))).toBe(true);
  expect(liveSourcePaths.isOwn(join(project(), 'src/a.ts'))).toBe(false);
});
