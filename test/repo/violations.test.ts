// The rules find what they are for: each is shown a fault, and the right code beside it.
import { describe, expect, it } from 'vitest';
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
import type { Sources } from './violations.ts';

function sourcesOf(texts: Readonly<Record<string, string>>): Sources {
  return new Map(Object.entries(texts).map(([path, text]) => [path, readSource(path, text)]));
}

describe('imports', () => {
  it('may not point up, not even for a type', () => {
    const sources = sourcesOf({
      'src/graph/a.ts': `import type { Engine } from '../engine/engine.ts';\nimport { key } from '../journal/key.ts';`,
      'src/engine/b.ts': `import { a } from '../graph/a.ts';`,
    });
    expect(upwardImports(sources)).toEqual([
      'src/graph/a.ts:1 imports src/engine/engine.ts: src/engine comes after src/graph in the order of rooms',
    ]);
  });

  it('may not join the two that stay apart, by whatever form of import', () => {
    const sources = sourcesOf({
      'src/replay/a.ts': `export { write } from '../record/write.ts';`,
      'src/record/b.ts': `const read = await import('../replay/read.ts');`,
      'src/store/c.ts': `type Run = import('../engine/run.ts').Run;`,
    });
    expect(upwardImports(sources)).toHaveLength(3);
  });

  it('use doors from the command line only', () => {
    const sources = sourcesOf({
      'cli/command/run.ts': `import '../../src/engine/engine.ts';\nimport '../../src/record/index.ts';\nimport '../io.ts';`,
      'src/vitest/a.ts': `import { replay } from '../replay/index.ts';`,
      'src/report/b.ts': `import { io } from '../../cli/io.ts';`,
    });
    expect(importsPastDoors(sources).map((fault) => fault.split(':')[0])).toEqual([
      'cli/command/run.ts',
      'src/vitest/a.ts',
      'src/report/b.ts',
    ]);
  });

  it('may not name a file that is not there', () => {
    const sources = sourcesOf({ 'src/base/a.ts': `import './b.ts';\nimport './c.ts';`, 'src/base/b.ts': '' });
    expect(missingTargets(sources)).toEqual(['src/base/a.ts:2 imports src/base/c.ts: there is no such file']);
  });

  it('keep a package in its room', () => {
    const sources = sourcesOf({
      'src/report/a.ts': `import { diffLines } from 'diff';`,
      'src/replay/b.ts': `import type { Change } from 'diff';`,
      'src/base/c.ts': `import _ from 'lodash/fp';\nimport { join } from 'node:path';`,
    });
    expect(strayPackages(sources).map((fault) => fault.split(':')[0])).toEqual(['src/replay/b.ts', 'src/base/c.ts']);
  });

  it('keep packages away from the main door, however far behind it', () => {
    const sources = sourcesOf({
      'src/index.ts': `export { a } from './report/a.ts';`,
      'src/report/a.ts': `import { diffLines } from 'diff';`,
      'src/report/b.ts': `import { diffLines } from 'diff';`,
    });
    expect(packagesBehindMainDoor(sources).map((fault) => fault.split(':')[0])).toEqual(['src/report/a.ts']);
  });

  it('bring no files into a room that only computes', () => {
    const sources = sourcesOf({
      'src/journal/a.ts': `import { readFileSync } from 'node:fs';\nimport { createHash } from 'node:crypto';`,
      'src/record/b.ts': `import { readFileSync } from 'node:fs';\nimport { setTimeout } from 'node:timers/promises';`,
    });
    expect(impureImports(sources).map((fault) => fault.split(' imports')[0])).toEqual([
      'src/journal/a.ts:1',
      'src/record/b.ts:2',
    ]);
  });
});

describe('ambient time and chance', () => {
  const usesOf = (text: string, path = 'src/engine/a.ts'): readonly string[] =>
    bannedUses(sourcesOf({ [path]: text })).map((fault) => fault.replace(/^\S+ uses ([^:]+):.*$/, '$1'));

  it.each([
    ['Date.now();', 'Date.now'],
    ['const now = Date.now;', 'Date.now'],
    ['globalThis.Date.now();', 'Date.now'],
    ['const { now } = Date;', 'Date.now'],
    ['new Date();', 'new Date()'],
    ['new Date;', 'new Date()'],
    ['Date();', 'new Date()'],
    ['Math.random();', 'Math.random'],
    ['setTimeout(run, 1);', 'setTimeout'],
    ['const clock = { setTimeout };', 'setTimeout'],
    ['const wait = globalThis.setTimeout;', 'setTimeout'],
    ['const { setInterval } = globalThis;', 'setInterval'],
    ['setImmediate(run);', 'setImmediate'],
    [`import { randomUUID } from 'node:crypto';`, '.randomUUID'],
    [`import { randomUUID as id } from 'node:crypto';`, '.randomUUID'],
    ['crypto.randomUUID();', '.randomUUID'],
    ['if (process.env.HOME) run();', 'process.env'],
    ['const { env } = process;', 'process.env'],
    ['await Promise.race(all);', 'Promise.race'],
    ['names.sort((a, b) => a.localeCompare(b));', '.localeCompare'],
    ['new Intl.Collator();', 'Intl'],
    ['(1).toLocaleString();', '.toLocaleString'],
  ])('is found in %s', (text, name) => {
    expect(usesOf(text)).toEqual([name]);
  });

  it.each([
    '// Date.now() in a comment',
    `const text = 'Math.random()';`,
    'const at = new Date(recordedMs);',
    'clock.setTimeout(run, 1);',
    'interface Timers { setTimeout(run: () => void): void; readonly env: string }',
    'type Timer = ReturnType<typeof setTimeout>;',
    'const clock = { setTimeout: (run: () => void) => run() };',
    'const pattern = /Date.now()/;',
  ])('is not found in %s', (text) => {
    expect(usesOf(text)).toEqual([]);
  });

  it('may stand in the live room and the command line, and where an exception says why', () => {
    expect(usesOf('Date.now();', 'src/live/clock.ts')).toEqual([]);
    expect(usesOf('process.env.CI;', 'cli/main.ts')).toEqual([]);
    expect(usesOf('setImmediate(run);', 'src/replay/at-rest.ts')).toEqual([]);
    expect(usesOf('setTimeout(run);', 'src/replay/at-rest.ts')).toEqual(['setTimeout']);
  });

  it('has no exception left over', () => {
    expect(needlessExceptions(sourcesOf({ 'src/replay/a.ts': 'Date.now();' }))).toContain(
      'src/replay/ has an exception for setImmediate and does not use it',
    );
  });
});

describe('files', () => {
  it('export by name', () => {
    const sources = sourcesOf({
      'src/base/a.ts': `export * from './b.ts';\nexport * as b from './b.ts';\nexport default 1;`,
      'src/base/b.ts': `export default function b() {}\nexport { c as default } from './c.ts';\nexport { d } from './d.ts';`,
    });
    expect(exportsWithoutNames(sources).map((fault) => fault.split(' ')[0])).toEqual([
      'src/base/a.ts:1',
      'src/base/a.ts:2',
      'src/base/a.ts:3',
      'src/base/b.ts:1',
      'src/base/b.ts:2',
    ]);
  });

  it('are called index.ts at the entry points, and nowhere else', () => {
    const faults = strayDoors(sourcesOf({ 'src/index.ts': '', 'src/base/index.ts': '' }));
    expect(faults).toContainEqual(expect.stringContaining('src/base/index.ts is no entry point'));
    expect(faults).toContainEqual(expect.stringContaining('src/diff/index.ts is an entry point'));
    expect(faults.join()).not.toContain('src/index.ts ');
  });

  it('are in rooms', () => {
    const faults = strayFolders(sourcesOf({ 'src/utils/a.ts': '', 'src/config.ts': '', 'src/store/sqlite/a.ts': '' }));
    expect(faults).toEqual(['src/utils/a.ts is in no room: give the folder its place in the order of rooms']);
  });

  it('are used', () => {
    const sources = sourcesOf({
      'src/index.ts': `export { a } from './base/a.ts';`,
      'src/base/a.ts': `import { b } from './b.ts';`,
      'src/base/b.ts': `import { a } from './a.ts';`,
      'src/base/c.ts': `import { a } from './a.ts';`,
    });
    expect(unusedFiles(sources)).toEqual(['src/base/c.ts is used by no door and no command']);
  });

  it('are short', () => {
    const counts = new Map([
      ['src/base/a.ts', 500],
      ['src/base/b.ts', 501],
    ]);
    expect(longFiles(counts)).toEqual(['src/base/b.ts has 501 lines, more than 500: it holds two ideas']);
  });
});

describe('texts', () => {
  // Put together here, so that this file does not hold what it forbids.
  it.each([
    ['TO', 'DO: later'].join(''),
    ['', 'home', 'someone', 'project'].join('/'),
    `see ${['', 'Users', 'someone'].join('/')}`,
    ['https://npm.registry', 'example', 'package.tgz'].join('.').replace('.package', '/package'),
    ['"resolved"', '"https://example.com/a.tgz"'].join(': '),
    ['as in issue', '12'].join(' #'),
  ])('may not hold %s', (text) => {
    expect(bannedTextsIn('a.md', `right\n${text}`)).toEqual([expect.stringMatching(/^a\.md:2 holds /)]);
  });

  it.each(['https://example.com/home/page', 'src/work/plan.ts', 'this issue is one of 12', './work/here'])(
    'may hold %s',
    (text) => {
      expect(bannedTextsIn('a.md', text)).toEqual([]);
    },
  );

  it('have one title a page', () => {
    expect(titleFaults('a.md', '# One\n\n```sh\n# a comment\n```\n\n## Part\n')).toEqual([]);
    expect(titleFaults('a.md', '# One\n\n# Two\n')).toHaveLength(1);
    expect(titleFaults('a.md', 'No title\n')).toHaveLength(1);
  });
});
