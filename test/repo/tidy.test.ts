import { describe, expect, it } from 'vitest';
import { isProduct, textFiles, textOf } from './repository.ts';
import { readSource } from './source-file.ts';
import {
  bannedTextsIn,
  bannedUses,
  exportsWithoutNames,
  importsPastDoors,
  impureImports,
  longFiles,
  missingTargets,
  needlessExceptions,
  packagesBehindMainDoor,
  strayDoors,
  strayFolders,
  strayPackages,
  titleFaults,
  unusedFiles,
  upwardImports,
} from './violations.ts';

const files = textFiles();
const product = files.filter(isProduct);
const sources = new Map(product.map((path) => [path, readSource(path, textOf(path))]));

describe('imports', () => {
  it('point only to rooms that come before', () => {
    expect(upwardImports(sources)).toEqual([]);
  });
  it('enter the product through its doors, and only from outside', () => {
    expect(importsPastDoors(sources)).toEqual([]);
  });
  it('name files that exist', () => {
    expect(missingTargets(sources)).toEqual([]);
  });
  it('name a package only in its own room', () => {
    expect(strayPackages(sources)).toEqual([]);
  });
  it('name no package behind the main door', () => {
    expect(packagesBehindMainDoor(sources)).toEqual([]);
  });
  it('bring no outside world into rooms that only compute', () => {
    expect(impureImports(sources)).toEqual([]);
  });
});

describe('the product', () => {
  it('takes time, chance and locale from nowhere but the live room', () => {
    expect(bannedUses(sources)).toEqual([]);
  });
  it('has no exception that nothing needs', () => {
    expect(needlessExceptions(sources)).toEqual([]);
  });
  it('exports by name', () => {
    expect(exportsWithoutNames(sources)).toEqual([]);
  });
  it('has an index.ts only where the package has an entry point', () => {
    expect(strayDoors(sources)).toEqual([]);
  });
  it('has no folder without a place in the order', () => {
    expect(strayFolders(sources)).toEqual([]);
  });
  it('has no file that nothing uses', () => {
    expect(unusedFiles(sources)).toEqual([]);
  });
  it('has one idea a file', () => {
    expect(longFiles(new Map(product.map((path) => [path, textOf(path).split('\n').length - 1])))).toEqual([]);
  });
});

describe('the repository', () => {
  it('speaks to any reader on any machine', () => {
    expect(files.flatMap((path) => bannedTextsIn(path, textOf(path)))).toEqual([]);
  });
  it('has one title a page', () => {
    const pages = files.filter((path) => path.endsWith('.md'));
    expect(pages.length).toBeGreaterThan(0);
    expect(pages.flatMap((path) => titleFaults(path, textOf(path)))).toEqual([]);
  });
  it('has every test where vitest looks for it', () => {
    const tests = files.filter((path) => path.endsWith('.test.ts'));
    expect(tests.filter((path) => !/^test\/(?:unit|law|finder|golden|e2e|docs|repo)\//.test(path))).toEqual([]);
  });
});
