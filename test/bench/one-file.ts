// What one file costs as it fills: what a service does all day, with 100 runs that have ended and with a million; and
// what the checks of rows and parts cost where they are read.
import { cpSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { append, createEngine, fields, graph, last } from '../../src/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';

const runCounts = [100, Number(process.env.REPRISE_BENCH_RUNS ?? 1_000_000)];
const rounds = 101;
const readRounds = 11;
const stepCount = 2_000;
const folder = mkdtempSync(join(tmpdir(), 'reprise-bench-file-'));

const desk = graph('desk', { state: fields({ n: last(0) }) })
  .node('a', ({ n }) => ({ delta: { n: n + 1 } }))
  .start('a')
  .build();

const talk = graph('talk', { state: fields({ n: last(0), log: append<string>() }) })
  .node('say', async ({ n }, { effect }) => {
    const words = await effect('model', { n, prompt: `${n} `.repeat(500) }, () => `answer ${n} `.repeat(300));
    return { delta: { n: n + 1, log: [words] } };
  })
  .edge('say', 'say', { when: ({ n }) => n < stepCount })
  .start('say')
  .build();

/** The least of all rounds: what else the machine does only ever adds to it. */
async function leastMs(work: (round: number) => unknown, count = rounds): Promise<string> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < count; round += 1) {
    const began = performance.now();
    await work(round);
    least = Math.min(least, performance.now() - began);
  }
  return `${least.toFixed(2).padStart(8)} ms`;
}

/** A file with so many runs that have ended: one that ran, and copies of its rows. */
async function filled(count: number): Promise<string> {
  const path = join(folder, `${count}.db`);
  const engine = createEngine(desk, { store: sqliteStore(path) });
  await engine.run({}, { runId: 'first' });
  await engine.close();
  const file = new Database(path);
  file.pragma('synchronous = OFF');
  const columns = (table: string, changed: Readonly<Record<string, string>>): string =>
    (file.pragma(`table_info(${table})`) as readonly { readonly name: string }[])
      .map(({ name }) => changed[name] ?? name)
      .join();
  const copies = `WITH RECURSIVE copies (place) AS (SELECT 1 UNION ALL SELECT place + 1 FROM copies WHERE place < ${count - 1})`;
  file.exec(`BEGIN;
    ${copies} INSERT INTO run
      SELECT ${columns('run', { number: 'number + place', id: "'run-' || place", crc: 'NULL' })} FROM run, copies;
    ${copies} INSERT INTO entry SELECT ${columns('entry', { run: 'run + place', crc: 'NULL' })} FROM entry, copies;
    COMMIT`);
  file.close();
  return path;
}

async function dailyWork(path: string): Promise<Readonly<Record<string, string>>> {
  const store = sqliteStore(path);
  const engine = createEngine(desk, { store });
  const before = process.cpuUsage();
  const worker = engine.work();
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const { user, system } = process.cpuUsage(before);
  await worker.stop();
  const costs = {
    'begin and end a run': await leastMs((round) => engine.run({}, { runId: `new-${round}` })),
    "a worker's poll, nothing due": await leastMs(() => store.due('desk', 8)),
    list: await leastMs(() => store.list({})),
    'list, by graph': await leastMs(() => store.list({ graph: 'desk' })),
    'list, by a status that no run has': await leastMs(() => store.list({ status: 'running' })),
    'list, by graph and such a status': await leastMs(() => store.list({ graph: 'desk', status: 'failed' })),
    find: await leastMs(() => store.find('first')),
    'an idle worker, CPU in a second': `${((user + system) / 5_000).toFixed(2).padStart(8)} ms`,
  };
  await engine.close();
  return costs;
}

async function checkCosts(): Promise<void> {
  const checked = join(folder, 'checked.db');
  const engine = createEngine(talk, { store: sqliteStore(checked) });
  await engine.run({}, { runId: 'run' }).orThrow();
  await engine.close();
  const unchecked = join(folder, 'unchecked.db');
  cpSync(checked, unchecked);
  const file = new Database(unchecked);
  file.exec('UPDATE entry SET crc = NULL; UPDATE checkpoint SET crc = NULL');
  file.close();
  console.log(`\nreading a run of ${stepCount} steps, ${(statSync(checked).size / 1e6).toFixed(1)} MB`);
  for (const [name, path] of [
    ['with checksums', checked],
    ['without', unchecked],
  ] as const) {
    const store = sqliteStore(path, { mode: 'read' });
    const read = async (): Promise<void> => {
      for await (const entry of store.read('run')) void entry;
    };
    console.log(`  ${name.padEnd(40)} ${await leastMs(read, readRounds)}`);
    await store.close();
  }
}

try {
  const costs: Readonly<Record<string, string>>[] = [];
  for (const count of runCounts) costs.push(await dailyWork(await filled(count)));
  console.log(
    `${''.padEnd(42)} ${runCounts.map((count) => `${count.toLocaleString('en')} runs`.padStart(15)).join(' ')}`,
  );
  for (const name of Object.keys(costs[0] ?? {}))
    console.log(`  ${name.padEnd(40)} ${costs.map((cost) => (cost[name] ?? '').padStart(15)).join(' ')}`);
  await checkCosts();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
