import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configuredFixtures, fixturePaths } from '../../../../cli/project/fixture-paths.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { thrownBy } from '../../../support/thrown.ts';

const files = {
  'fixtures/b.run.jsonl': '',
  'fixtures/desk/a.run.jsonl': '',
  'fixtures/notes.txt': '',
  'more/c.run.jsonl': '',
  'app/d [1].run.jsonl': '',
};

/** The fixtures of a project by their path in it. `cwd` is a folder of the project. */
function pathsIn(named: readonly string[], fixtures?: string | readonly string[], cwd = ''): readonly string[] {
  const folder = temporaryFolder(files);
  const config = { folder, path: undefined, ...(fixtures === undefined ? {} : { fixtures }) };
  return fixturePaths(named, config, join(folder, cwd)).map((path) => relative(folder, path));
}

describe('the fixtures of the config', () => {
  it.each<readonly [string, string | readonly string[] | undefined, readonly string[]]>([
    ['without patterns', undefined, ['fixtures/b.run.jsonl', 'fixtures/desk/a.run.jsonl']],
    ['with a pattern', 'more/*', ['more/c.run.jsonl']],
    ['with several', ['more/*', 'fixtures/*/*', 'none/*'], ['fixtures/desk/a.run.jsonl', 'more/c.run.jsonl']],
    ['with patterns that overlap', ['more/*', '**/c.*'], ['more/c.run.jsonl']],
  ])('%s', (_what, fixtures, paths) => {
    expect(pathsIn([], fixtures)).toEqual(paths);
  });

  it('are relative to its folder, not to the working folder', () => {
    expect(pathsIn([], 'more/*', 'app')).toEqual(['more/c.run.jsonl']);
  });

  it('may be none', () => {
    expect(configuredFixtures({ folder: temporaryFolder(), path: undefined })).toEqual([]);
  });
});

describe('named fixtures', () => {
  it('are relative to the working folder, in the order given', () => {
    expect(pathsIn(['../more/c.run.jsonl', '../fixtures/**/*.jsonl'], undefined, 'app')).toEqual([
      'more/c.run.jsonl',
      'fixtures/b.run.jsonl',
      'fixtures/desk/a.run.jsonl',
    ]);
  });

  it('may be missing: opening them reports it', () => {
    expect(pathsIn(['none.run.jsonl'])).toEqual(['none.run.jsonl']);
  });

  it('may have the characters of a pattern in their name', () => {
    expect(pathsIn(['d [1].run.jsonl'], undefined, 'app')).toEqual(['app/d [1].run.jsonl']);
  });

  it('may match nothing where others do', () => {
    expect(pathsIn(['none/*', 'more/*'])).toEqual(['more/c.run.jsonl']);
  });
});

it.each<readonly [string, readonly string[], string | undefined, string]>([
  ['the patterns given', ['none/*', 'no?e'], undefined, 'none/*,no?e'],
  ['the pattern of the config', [], 'none/*', 'none/*'],
])('no fixture at all is an error that names %s', (_what, named, fixtures, patterns) => {
  expect(thrownBy(() => pathsIn(named, fixtures))).toMatchObject({
    code: 'usage',
    message: `no fixture matches ${patterns}`,
    nextStep: expect.stringContaining('npx reprise record'),
  });
});
