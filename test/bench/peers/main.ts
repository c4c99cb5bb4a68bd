// Reprise beside LangGraph.js, in one run on one machine: bytes on disk, steps a second, streaming. Started by
// `npm run bench:peers`, which installs the peer beside this file. Each part has a process of its own, so that what one
// leaves in memory does not weigh on the next.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { version } from '../../../src/index.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const { dependencies } = JSON.parse(readFileSync(here('package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};
const versions = Object.entries(dependencies).map(([name, exact]) => `${name} ${exact}`);
console.log(`reprise ${version} beside ${versions.join(', ')}`);
console.log(`Node ${process.version}, ${availableParallelism()} cores; medians [least-most]`);

for (const part of ['disk.ts', 'steps.ts', 'streams.ts']) {
  console.log('');
  const { status, error } = spawnSync(process.execPath, [...process.execArgv, here(part)], { stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) {
    console.error(`${part} failed`);
    process.exit(1);
  }
}
console.log(
  '\nNot measured: other savers of the peer, its server, its subgraphs; power-safe commits; several processes.',
);
