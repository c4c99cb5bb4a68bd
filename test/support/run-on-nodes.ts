// Runs all tests on the oldest and on the newest Node that Reprise supports. Each is installed beside the repository,
// not in it: a second package with a program `node` would replace the one that every script runs on.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const versions = ['22.23.3', '26.10.0'];
const system = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

function nodeOf(version: string): string {
  const folder = join(tmpdir(), `reprise-node-${version}-${system}`);
  const node = join(
    folder,
    'node_modules',
    `node-${system}`,
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  const install = ['install', '--no-audit', '--no-fund', '--prefix', folder, `node-${system}@${version}`];
  if (!existsSync(node) && !run('npm', install)) throw new Error(`Node ${version} cannot be installed`);
  return node;
}

function run(program: string, args: readonly string[]): boolean {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' });
  if (error !== undefined) throw error;
  return status === 0;
}

for (const version of versions) {
  const node = nodeOf(version);
  console.error(`\nNode ${version}`);
  if (!run(node, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)])) process.exitCode = 1;
}
