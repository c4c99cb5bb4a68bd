// Lints every program that the README, the guides and the examples show, as a user of typescript-eslint has it. It does
// not install beside TypeScript 7, so it is a project of its own: `npm run lint:docs`.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const root = join(folder, '../..');
const programs = join(folder, 'programs');

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

rmSync(programs, { recursive: true, force: true });
const guides = readdirSync(join(root, 'docs/guide')).map((name) => `docs/guide/${name}`);
for (const page of ['README.md', ...guides]) {
  for (const [, text = ''] of readFileSync(join(root, page), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)) {
    const [, file] = /^\/\/ (\S+\.ts)\n/.exec(text) ?? [];
    if (file !== undefined) write(join(programs, page.replaceAll(/[/.]/g, '-'), file), text);
  }
}
// The page on CI tests a graph that it does not show.
cpSync(join(programs, 'README-md/src/desk.ts'), join(programs, 'docs-guide-replay-in-ci-md/src/graphs/desk.ts'));
cpSync(join(root, 'docs/examples'), join(programs, 'examples'), { recursive: true });
// It plants a change in the text of another program.
rmSync(join(programs, 'examples/quickstart'), { recursive: true });

const compilerOptions = {
  target: 'es2024',
  module: 'nodenext',
  lib: ['es2024', 'esnext.disposable', 'dom', 'dom.asynciterable'],
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
};
write(join(programs, 'package.json'), '{ "type": "module" }\n');
write(join(programs, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
const installed = join(folder, 'node_modules/reprise');
if (!existsSync(installed)) symlinkSync(root, installed, 'dir');

const eslint = join(folder, 'node_modules/eslint/bin/eslint.js');
const { status } = spawnSync(process.execPath, [eslint, 'programs'], { cwd: folder, stdio: 'inherit' });
rmSync(programs, { recursive: true });
process.exitCode = status ?? 1;
