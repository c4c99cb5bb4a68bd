// The whole matrix: `npm run test:clients -- [words of names of clients] [--situation <name>] [--cells <folder>]`.
// It writes docs/reference/clients.md. With `--cells`, results are kept there by client: a run that was interrupted
// continues where it stopped, and clients or situations that are named are tried again and replaced.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Client } from './client.ts';
import { KeptCells } from './kept-cells.ts';
import { cellsOf } from './matrix.ts';
import type { Cell } from './matrix.ts';
import { page } from './page.ts';
import { reasonFor } from './reasons.ts';
import { situations } from './situations/index.ts';
import { versionOf } from './version.ts';

const pagePath = fileURLToPath(new URL('../../docs/reference/clients.md', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { situation: { type: 'string', multiple: true }, cells: { type: 'string' } },
});
const folder = values.cells ?? mkdtempSync(join(tmpdir(), 'reprise-cells-'));
mkdirSync(folder, { recursive: true });
const kept = new KeptCells(folder);
const { clients } = (await import('./clients/index.mjs' as string)) as { readonly clients: readonly Client[] };
const isNamed = ({ name }: Client): boolean => positionals.some((word) => name.includes(word));
const tried = situations.filter(({ name }) => values.situation?.includes(name) ?? true);

const waiting = clients.filter((client) =>
  positionals.length > 0 ? isNamed(client) : values.situation !== undefined || !kept.has(client.name),
);
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));

async function work(): Promise<void> {
  for (let client = waiting.shift(); client !== undefined; client = waiting.shift()) {
    try {
      const own = await cellsOf(client, tried);
      kept.put(client.name, own);
      tell(client.name, own);
    } catch (error) {
      // The others can be tried; this one has no result.
      console.log(String(error));
      process.exitCode = 1;
    }
  }
}

const cells = clients.flatMap(({ name }) => kept.cells(name));
const applicable = cells.filter(({ skipped }) => skipped === undefined);
const differing = applicable.filter(({ differences }) => differences.length > 0);
const unexplained = differing.filter((cell) => reasonFor(cell) === undefined);
const withResults = clients.filter(({ name }) => kept.has(name));
console.log(
  `${withResults.length} clients, ${applicable.length} cells, ${applicable.length - differing.length} equal in all ways, ${unexplained.length} without a reason`,
);
// A part of the matrix says nothing about the rest.
if (cells.length === clients.length * situations.length)
  writeFileSync(pagePath, page({ clients: clients.map(withVersion), situations, cells }));
if (unexplained.length > 0) process.exitCode = 1;

function tell(name: string, own: readonly Cell[]): void {
  const said = own.filter(({ skipped }) => skipped === undefined);
  console.log(`${name}: ${said.filter(({ differences }) => differences.length === 0).length} of ${said.length} equal`);
  for (const { situation, differences } of said)
    for (const difference of differences) console.log(`   ${situation}: ${difference}`);
}

function withVersion(client: Client) {
  return { name: client.name, kind: client.kind, version: versionOf(client) };
}
