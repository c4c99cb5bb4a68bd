// The rules find what they are for: each is shown a fault, and the right code beside it.
import { describe, expect, it } from 'vitest';
import { sourcesOf } from './sources-of.ts';
import * as violations from './violations.ts';

describe('imports', () => {
  it('may not point up, not even for a type', () => {
    const sources = sourcesOf({
      'src/graph/a.ts': `import type { Engine } from '../engine/engine.ts';\nimport { key } from '../journal/key.ts';`,
      'src/engine/b.ts': `import { a } from '../graph/a.ts';`,
    });
    expect(violations.upwardImports(sources)).toEqual([
      'src/graph/a.ts:1 imports src/engine/engine.ts: src/engine comes after src/graph in the order of rooms',
    ]);
  });

  it('may not join the two that stay apart, by whatever form of import', () => {
    const sources = sourcesOf({
      'src/replay/a.ts': `export { write } from '../record/write.ts';`,
      'src/record/b.ts': `const read = await import('../replay/read.ts');`,
      'src/store/c.ts': `type Run = import('../engine/run.ts').Run;`,
    });
    expect(violations.upwardImports(sources)).toHaveLength(3);
  });

  it('use doors from the command line only', () => {
    const sources = sourcesOf({
      'cli/command/run.ts': `import '../../src/engine/engine.ts';\nimport '../../src/record/index.ts';\nimport '../io.ts';`,
      'src/vitest/a.ts': `import { replay } from '../replay/index.ts';`,
      'src/report/b.ts': `import { io } from '../../cli/io.ts';`,
    });
    expect(violations.importsPastDoors(sources).map((fault) => fault.split(':')[0])).toEqual([
      'cli/command/run.ts',
      'src/vitest/a.ts',
      'src/report/b.ts',
    ]);
  });

  it('may not name a file that is not there', () => {
    const sources = sourcesOf({ 'src/base/a.ts': `import './b.ts';\nimport './c.ts';`, 'src/base/b.ts': '' });
    expect(violations.missingTargets(sources)).toEqual([
      'src/base/a.ts:2 imports src/base/c.ts: there is no such file',
    ]);
  });

  it('keep a package in its room', () => {
    const sources = sourcesOf({
      'src/report/a.ts': `import { diffLines } from 'diff';`,
      'src/replay/b.ts': `import type { Change } from 'diff';`,
      'src/base/c.ts': `import _ from 'lodash/fp';\nimport { join } from 'node:path';`,
    });
    expect(violations.strayPackages(sources).map((fault) => fault.split(':')[0])).toEqual([
      'src/replay/b.ts',
      'src/base/c.ts',
    ]);
  });

  it('keep packages away from the main door, however far behind it', () => {
    const sources = sourcesOf({
      'src/index.ts': `export { a } from './report/a.ts';`,
      'src/report/a.ts': `import { diffLines } from 'diff';`,
      'src/report/b.ts': `import { diffLines } from 'diff';`,
    });
    expect(violations.packagesBehindMainDoor(sources).map((fault) => fault.split(':')[0])).toEqual(['src/report/a.ts']);
  });

  it('bring no files into a room that only computes', () => {
    const sources = sourcesOf({
      'src/journal/a.ts': `import { readFileSync } from 'node:fs';\nimport { createHash } from 'node:crypto';`,
      'src/record/b.ts': `import { readFileSync } from 'node:fs';\nimport { setTimeout } from 'node:timers/promises';`,
    });
    expect(violations.impureImports(sources).map((fault) => fault.split(' imports')[0])).toEqual([
      'src/journal/a.ts:1',
      'src/record/b.ts:2',
    ]);
  });
});

describe('ambient time and chance', () => {
  const usesOf = (text: string, path = 'src/engine/a.ts'): readonly string[] =>
    violations.bannedUses(sourcesOf({ [path]: text })).map((fault) => fault.replace(/^\S+ uses ([^:]+):.*$/, '$1'));

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
    expect(usesOf('setTimeout(run);', 'src/store/row/pause.ts')).toEqual([]);
    expect(usesOf('setImmediate(run);', 'src/store/row/pause.ts')).toEqual([]);
    expect(usesOf('setInterval(run);', 'src/store/row/pause.ts')).toEqual(['setInterval']);
  });

  it('has no exception left over', () => {
    expect(violations.needlessExceptions(sourcesOf({ 'src/store/row/pause.ts': 'Date.now();' }))).toContain(
      'src/store/row/pause.ts has an exception for setTimeout and does not use it',
    );
  });
});

describe('files', () => {
  it('export by name', () => {
    const sources = sourcesOf({
      'src/base/a.ts': `export * from './b.ts';\nexport * as b from './b.ts';\nexport default 1;`,
      'src/base/b.ts': `export default function b() {}\nexport { c as default } from './c.ts';\nexport { d } from './d.ts';`,
    });
    expect(violations.exportsWithoutNames(sources).map((fault) => fault.split(' ')[0])).toEqual([
      'src/base/a.ts:1',
      'src/base/a.ts:2',
      'src/base/a.ts:3',
      'src/base/b.ts:1',
      'src/base/b.ts:2',
    ]);
  });

  it('hold no function that was assigned as it was written', () => {
    const text = [
      'class Run {',
      '  #go = () => this;',
      '  start() {',
      '    this.#go = () => this;',
      '    this.#go ??= async () => this;',
      '    const go = () => this;',
      '    this.#go = go;',
      '    this.all[0] = function () { return 1; };',
      '  }',
      '}',
    ].join('\n');
    const faults = violations.heldFunctions(sourcesOf({ 'src/base/a.ts': text, 'cli/b.ts': text }));
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      'src/base/a.ts:4',
      'src/base/a.ts:5',
      'src/base/a.ts:8',
    ]);
  });

  it('are called index.ts at the entry points, and nowhere else', () => {
    const faults = violations.strayDoors(sourcesOf({ 'src/index.ts': '', 'src/base/index.ts': '' }));
    expect(faults).toContainEqual(expect.stringContaining('src/base/index.ts is not an entry point'));
    expect(faults).toContainEqual(expect.stringContaining('src/diff/index.ts is an entry point'));
    expect(faults.join()).not.toContain('src/index.ts ');
  });

  it('are in rooms', () => {
    const faults = violations.strayFolders(
      sourcesOf({ 'src/utils/a.ts': '', 'src/config.ts': '', 'src/store/sqlite/a.ts': '' }),
    );
    expect(faults).toEqual(['src/utils/a.ts is in no room: give the folder its place in the order of rooms']);
  });

  it('are used', () => {
    const sources = sourcesOf({
      'src/index.ts': `export { a } from './base/a.ts';`,
      'src/base/a.ts': `import { b } from './b.ts';`,
      'src/base/b.ts': `import { a } from './a.ts';`,
      'src/base/c.ts': `import { a } from './a.ts';`,
    });
    expect(violations.unusedFiles(sources)).toEqual(['src/base/c.ts is used by no door and no command']);
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
    expect(violations.bannedTextsIn('a.md', `right\n${text}`)).toEqual([expect.stringMatching(/^a\.md:2 holds /)]);
  });

  it.each(['https://example.com/home/page', 'src/work/plan.ts', 'this issue is one of 12', './work/here'])(
    'may hold %s',
    (text) => {
      expect(violations.bannedTextsIn('a.md', text)).toEqual([]);
    },
  );

  it('have one title a page', () => {
    expect(violations.titleFaults('a.md', '# One\n\n```sh\n# a comment\n```\n\n## Part\n')).toEqual([]);
    expect(violations.titleFaults('a.md', '# One\n\n# Two\n')).toHaveLength(1);
    expect(violations.titleFaults('a.md', 'No title\n')).toHaveLength(1);
  });
});

describe('phrases', () => {
  // Put together here, so that this file does not hold what it forbids.
  it.each([
    ['a run that goes', 'on with its answer'],
    ['// it went', 'on where it was'],
    ['for who', 'ever reads it'],
    ['a cursor that is', 'none'],
    ['not', 'worth', 'to keep'],
    ['an effect of', 'which nobody knows'],
    ['the state be', 'hind a commit'],
    ['`be', 'hind step 3`'],
    ['is a matter', 'of time'],
    ['begins a', 'new'],
    ['for the one', 'who reads'],
    ['Who', 'waits is served first.'],
    ['which is', 'no node of this graph'],
  ])('may not say %s', (...parts) => {
    const joint = /^(?:ever|hind|new)/.test(parts[1] ?? '') ? '' : ' ';
    expect(violations.foreignPhrasesIn('a.md', `right\n${parts.join(joint)}`)).toEqual([
      expect.stringMatching(/^a\.md:2 says "/),
    ]);
  });

  it.each(['\n', '\n// ', '\n   * ', '\n> '])('are found over a wrap: %j', (wrap) => {
    expect(violations.foreignPhrasesIn('a.ts', `/** A run that goes${wrap}on. */`)).toEqual([
      expect.stringMatching(/^a\.ts:1 says "goes on": /),
    ]);
  });

  it.each([
    'there is none',
    'if there are none, it waits',
    'none of which is worth it',
    'who wins is up to the graph',
    'what is going on',
    'behind a door',
    'there is no node to resume',
    'it is no longer a node',
    'undergo one change',
  ])('may say %s', (text) => {
    expect(violations.foreignPhrasesIn('a.md', text)).toEqual([]);
  });
});
