// The package as it is published, and installed in a folder as a user has it; and a release that comes after this one.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { migrations } from '../../../src/store/postgres/server/schema.ts';
import { root } from '../../support/cli.ts';

const modules = join(root, 'node_modules');

/** Packs what is built in a folder. Returns the path of the tarball. */
export function packed(folder: string, home: string): string {
  const into = mkdtempSync(join(home, 'packed-'));
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', into], { cwd: folder });
  return join(into, readdirSync(into)[0] as string);
}

/** Beside it stand the packages that it needs and this file. Returns the path of the file. */
export function installed(tarball: string, folder: string, file: string): string {
  const own = join(folder, 'node_modules/reprise');
  mkdirSync(own, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', own]);
  const { dependencies = {} } = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8')) as {
    readonly dependencies?: object;
  };
  for (const name of [...Object.keys(dependencies), 'pg']) {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true });
    symlinkSync(join(modules, name), join(folder, 'node_modules', name));
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  const copy = join(folder, 'program.ts');
  cpSync(file, copy);
  return copy;
}

/** As a later release may be: it adds to all tables, and begins runs by rules that this one does not know. */
const changes: readonly (readonly [file: string, before: RegExp, after: string])[] = [
  ['package.json', /"version": "[^"]+"/, '"version": "99.0.0"'],
  ['src/journal/entry.ts', /export const semanticsVersion = (\d+);/, 'export const semanticsVersion = $1 + 1;'],
  [
    'src/store/postgres/server/schema.ts',
    /(export const migrations: [\s\S]*?)\n\];\n/,
    `$1
  {
    oldest: ${migrations.at(-1)?.oldest},
    text: (s) => \`\${['run', 'entry', 'part', 'checkpoint', 'tail', 'message', 'label', 'owner', 'worker', 'bundle']
      .map((table) => \`ALTER TABLE \${s}.\${table} ADD COLUMN region text NOT NULL DEFAULT '';\`).join('\\n')}
CREATE TABLE \${s}.region (name text PRIMARY KEY);\`,
  },
];
`,
  ],
];

/** What a worker and a desk use of it. */
const config = `export default {
  entry: { index: 'src/index.ts', postgres: 'src/store/postgres/index.ts', record: 'src/record/index.ts', replay: 'src/replay/index.ts' },
  format: 'esm', platform: 'node', target: 'node22.18', dts: false,
};
`;

/** Builds a release that comes after this one. Returns the folder, ready to be packed. */
export function nextRelease(home: string): string {
  const folder = join(home, 'next-source');
  for (const part of ['package.json', 'tsconfig.json', 'src'])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(modules, join(folder, 'node_modules'));
  for (const [file, before, after] of changes) {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    const changed = text.replace(before, after);
    if (changed === text) throw new Error(`${file} no longer has what a later release changes there`);
    writeFileSync(path, changed);
  }
  writeFileSync(join(folder, 'tsdown.config.mjs'), config);
  execFileSync(process.execPath, [join(modules, 'tsdown/dist/run.mjs'), '--log-level', 'error'], { cwd: folder });
  return folder;
}
