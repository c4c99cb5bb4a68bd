// The whole matrix: `npm run test:clients [words of names of clients] [--situation <name>] [--cells <file>]`.
// It writes docs/reference/clients.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Client } from './client.ts';
import { cellsOf } from './matrix.ts';
import type { Cell } from './matrix.ts';
import { page } from './page.ts';
import { reasonFor } from './reasons.ts';
import { situations } from './situations/index.ts';

const pagePath = fileURLToPath(new URL('../../docs/reference/clients.md', import.meta.url));
const manifestPath = fileURLToPath(new URL('package.json', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { situation: { type: 'string', multiple: true }, cells: { type: 'string' } },
});
const { clients } = (await import('./clients/index.mjs' as string)) as { readonly clients: readonly Client[] };
const chosen = clients.filter(
  ({ name }) => positionals.length === 0 || positionals.some((word) => name.includes(word)),
);
const tried = situations.filter(({ name }) => values.situation?.includes(name) ?? true);

const cells: Cell[] = [];
const waiting = [...chosen];
async function work(): Promise<void> {
  for (let client = waiting.shift(); client !== undefined; client = waiting.shift()) {
    const own = await cellsOf(client, tried);
    cells.push(...own);
    const applicable = own.filter(({ skipped }) => skipped === undefined);
    const equal = applicable.filter(({ differences }) => differences.length === 0);
    console.log(`${client.name}: ${equal.length} of ${applicable.length} equal`);
    for (const { situation, differences } of applicable)
      for (const difference of differences) console.log(`   ${situation}: ${difference}`);
  }
}
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
const applicable = cells.filter(({ skipped }) => skipped === undefined);
const differing = applicable.filter(({ differences }) => differences.length > 0);
const unexplained = differing.filter((cell) => reasonFor(cell) === undefined);
console.log(
  `${chosen.length} clients, ${applicable.length} cells, ${applicable.length - differing.length} equal in all ways, ${unexplained.length} without a reason`,
);
if (values.cells !== undefined) writeFileSync(values.cells, JSON.stringify(cells));
// A part of the matrix says nothing about the rest.
if (chosen.length === clients.length && tried.length === situations.length)
  writeFileSync(pagePath, page({ clients: clients.map(withVersion), situations, cells }));
if (unexplained.length > 0) process.exitCode = 1;

function withVersion({ name, kind, packages }: Client) {
  const { dependencies } = JSON.parse(readFileSync(manifestPath, 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const versions = packages.map((key) => {
    const version = dependencies[key] ?? '';
    return version.startsWith('npm:') ? version.slice('npm:'.length) : `${key}@${version}`;
  });
  return { name, kind, version: versions.length === 0 ? `Node ${process.versions.node}` : versions.join(', ') };
}
