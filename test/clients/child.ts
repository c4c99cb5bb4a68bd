// A process that takes one client through all situations in one way:
// or, in the way `mocked`, to what msw gives it from a fixture:
//   child.ts <way> <name of the client> <targets as JSON> <folder> <names of situations>
// It writes `<way>.json`, and where the way is `killed` it ends as if by a power cut.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { memoryStore } from '../../src/store/memory/memory.ts';
import { sqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Targets } from './ask.ts';
import type { Client } from './client.ts';
import { situations } from './situations/index.ts';
import { run } from './ways.ts';
import type { Result, Way } from './ways.ts';
import { startMocking } from './mocked.ts';

const [way = 'bare', name = '', targets = '{}', folder = '', chosen = ''] = process.argv.slice(2);
// Clients with loops of their own may reject where nobody listens; bare and in nodes alike.
const strays: string[] = [];
process.on('unhandledRejection', (reason) => strays.push(String(reason)));
process.on('uncaughtException', (error) => strays.push(String(error)));

const { clients } = (await import('./clients/index.mjs' as string)) as { readonly clients: readonly Client[] };
const client = clients.find((one) => one.name === name);
if (client === undefined) throw new Error(`no client is called ${name}`);

// A test of an application starts msw when modules have been loaded, and before it makes a client.
const mocking = way === 'mocked' ? startMocking() : undefined;
const isKept = way === 'killed' || way === 'resumed';
const world = {
  client: await client.open(),
  targets: JSON.parse(targets) as Targets,
  store: isKept ? sqliteStore(join(folder, 'killed.db')) : memoryStore(),
  folder,
};
const results: Record<string, Result> = {};
for (const situation of situations.filter((one) => chosen.split(',').includes(one.name))) {
  strays.length = 0;
  const answered = mocking === undefined ? run(way as Way, situation, world) : mocking(situation, world);
  const result: Result = await answered.catch((error: unknown) => ({
    seen: [],
    said: [`it threw ${String(error)}`],
  }));
  results[situation.name] = strays.length === 0 ? result : { ...result, strays: [...strays] };
}
writeFileSync(join(folder, `${way}.json`), JSON.stringify(results));
if (way === 'killed') process.kill(process.pid, 'SIGKILL');
process.exit(0);
