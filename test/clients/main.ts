// The whole matrix: `npm run test:clients [words of names of clients] [--situation <name>]`.
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Client } from './client.ts';
import { cellsOf } from './matrix.ts';
import type { Cell } from './matrix.ts';
import { situations } from './situations/index.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { situation: { type: 'string', multiple: true }, out: { type: 'string' } },
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
if (values.out !== undefined) writeFileSync(values.out, JSON.stringify(cells));
const applicable = cells.filter(({ skipped }) => skipped === undefined);
const equal = applicable.filter(({ differences }) => differences.length === 0);
console.log(`${chosen.length} clients, ${applicable.length} cells, ${equal.length} equal in all ways`);
