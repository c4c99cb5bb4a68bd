import { describe, expect, it } from 'vitest';
import { importCircles, needlessInnerExceptions, upwardInnerImports } from './inner-rooms.ts';
import {
  crowdedFolders,
  fileCounts,
  longFiles,
  needlessLimitExceptions,
  publicMemberCounts,
  wideClasses,
} from './limits.ts';
import { isProduct, textFiles, textOf } from './repository.ts';
import { folderLimits, isCovered, keptPhrases, lineLimits, publicMemberLimits } from './rules.ts';
import { readSource } from './source-file.ts';
import * as violations from './violations.ts';

const files = textFiles();
const product = files.filter(isProduct);
const sources = new Map(product.map((path) => [path, readSource(path, textOf(path))]));

const lineCounts = new Map(product.map((path) => [path, textOf(path).split('\n').length - 1]));

describe('imports', () => {
  it('point only to rooms that come before', () => {
    expect(violations.upwardImports(sources)).toEqual([]);
  });
  it('point only to levels that come before, inside a room', () => {
    expect(upwardInnerImports(sources)).toEqual([]);
  });
  it('never lead back to where they began', () => {
    expect(importCircles(sources)).toEqual([]);
  });
  it('enter the product through its doors, and only from outside', () => {
    expect(violations.importsPastDoors(sources)).toEqual([]);
  });
  it('name files that exist', () => {
    expect(violations.missingTargets(sources)).toEqual([]);
  });
  it('name a package only in its own room', () => {
    expect(violations.strayPackages(sources)).toEqual([]);
  });
  it('name no package behind the main door', () => {
    expect(violations.packagesBehindMainDoor(sources)).toEqual([]);
  });
  it('bring no outside world into rooms that only compute', () => {
    expect(violations.impureImports(sources)).toEqual([]);
  });
});

describe('the product', () => {
  it('takes time, chance and locale from nowhere but the live room', () => {
    expect(violations.bannedUses(sources)).toEqual([]);
  });
  it('has no exception that nothing needs', () => {
    expect(violations.needlessExceptions(sources)).toEqual([]);
    expect(needlessInnerExceptions(sources)).toEqual([]);
    expect(needlessLimitExceptions(fileCounts(product), folderLimits)).toEqual([]);
    expect(needlessLimitExceptions(lineCounts, lineLimits)).toEqual([]);
    expect(needlessLimitExceptions(publicMemberCounts(sources), publicMemberLimits)).toEqual([]);
  });
  it('holds no run until the next full collection', () => {
    expect(violations.heldFunctions(sources)).toEqual([]);
  });
  it('exports by name', () => {
    expect(violations.exportsWithoutNames(sources)).toEqual([]);
  });
  it('has an index.ts only where the package has an entry point', () => {
    expect(violations.strayDoors(sources)).toEqual([]);
  });
  it('has no folder without a place in the order', () => {
    expect(violations.strayFolders(sources)).toEqual([]);
  });
  it('has no file that nothing uses', () => {
    expect(violations.unusedFiles(sources)).toEqual([]);
  });
  it('has one idea a file', () => {
    expect(crowdedFolders(fileCounts(product))).toEqual([]);
    expect(longFiles(lineCounts)).toEqual([]);
  });
  it('has no class that does the work of several', () => {
    expect(wideClasses(sources)).toEqual([]);
  });
});

describe('the repository', () => {
  it('speaks to any reader on any machine', () => {
    expect(files.flatMap((path) => violations.bannedTextsIn(path, textOf(path)))).toEqual([]);
  });
  it('reads like plain English', () => {
    const written = files.filter((path) => !/^(?:fixtures|test)\/|^package-lock\.json$/.test(path));
    const rewritten = written.filter((path) => !isCovered(keptPhrases, path));
    expect(rewritten.flatMap((path) => violations.foreignPhrasesIn(path, textOf(path)))).toEqual([]);
  });
  it('has one title a page', () => {
    const pages = files.filter((path) => path.endsWith('.md'));
    expect(pages.length).toBeGreaterThan(0);
    expect(pages.flatMap((path) => violations.titleFaults(path, textOf(path)))).toEqual([]);
  });
  it('gives its readers programs that the oldest supported Node can read', () => {
    const isRead = /^(?:README\.md|docs\/.*\.(?:md|[cm]?[jt]s)|test\/projects\/.*\.mjs)$/;
    expect(files.filter((path) => isRead.test(path) && /^ *(?:await )?using \w+ =/m.test(textOf(path)))).toEqual([]);
  });
  it('has every test where vitest looks for it', () => {
    const tests = files.filter((path) => path.endsWith('.test.ts'));
    expect(tests.filter((path) => !/^test\/(?:unit|law|finder|distributed|golden|e2e|docs|repo)\//.test(path))).toEqual(
      [],
    );
  });
});
