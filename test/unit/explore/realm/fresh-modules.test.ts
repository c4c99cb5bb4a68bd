import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../support/folder.ts';

const source = fileURLToPath(new URL('../../../../src/explore/realm/fresh-modules.ts', import.meta.url));

/** Runs `body` in a process without a test runner, which would import modules in a way of its own. */
function inProject(files: Readonly<Record<string, string>>, body: string): string {
  const main = `
    import { FreshModules } from ${JSON.stringify(pathToFileURL(source).href)};
    const modules = new FreshModules();
    const entry = new URL('./nodes.ts', import.meta.url).href;
    ${body}`;
  const folder = temporaryFolder({ ...files, 'main.mts': main });
  return execFileSync(process.execPath, ['--no-warnings', join(folder, 'main.mts')], { encoding: 'utf8' }).trim();
}

const project = {
  'package.json': '{ "type": "module" }',
  'nodes.ts': `import { next } from './counter.ts'; import { shared } from 'kept'; export const count = next; export const all = shared; export const later = () => import('./counter.ts');`,
  'counter.ts': 'let n: number = 0; export const next = () => (n += 1);',
  'node_modules/kept/package.json': '{ "name": "kept", "type": "module", "exports": "./index.js" }',
  'node_modules/kept/index.js': 'let n = 0; export const shared = () => (n += 1);',
};

test('each copy has variables of its own, also those of the modules that it imports', () => {
  const seen = inProject(
    project,
    `const first = await modules.load(entry); const second = await modules.load(entry);
     console.log(first.count(), first.count(), second.count(), (await second.later()).next());`,
  );
  expect(seen).toBe('1 2 1 2');
});

test('so does each copy of a CommonJS module, and those that it requires', () => {
  const seen = inProject(
    {
      'nodes.ts': `const { next } = require('./counter.ts'); exports.count = next;`,
      'counter.ts': 'let n: number = 0; exports.next = () => (n += 1);',
      'package.json': '{ "type": "commonjs" }',
    },
    `const first = await modules.load(entry); const second = await modules.load(entry);
     console.log(first.count(), first.count(), second.count());`,
  );
  expect(seen).toBe('1 2 1');
});

test('packages are shared', () => {
  const seen = inProject(
    project,
    `const first = await modules.load(entry); const second = await modules.load(entry);
     console.log(first.all(), second.all(), (await import('./nodes.ts')).all());`,
  );
  expect(seen).toBe('1 2 3');
});

test('what is imported without it is never a copy', () => {
  const seen = inProject(
    project,
    `const own = await import('./nodes.ts'); own.count(); const copy = await modules.load(entry);
     modules[Symbol.dispose](); console.log((await import('./nodes.ts')).count(), copy.count());`,
  );
  expect(seen).toBe('2 1');
});
