// What PostgreSQL costs as it fills: what a service does all day, beside 100 runs that have ended and beside a million; and
// what 100 runs that write notice of it when old ones are deleted.
// With a word (`large`, `million`, `retention`), only that; with `retention dropped` or `retention deleted` only one way.
//   REPRISE_BENCH_RUNS      how many runs have ended; 1,000,000 by default
//   REPRISE_BENCH_ENTRIES   how many entries are deleted; 1,000,000 by default
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { createEngine, fields, graph, last } from '../../src/index.ts';
import { eventEntry, eventsUpTo, lawGraph, runEntry, stored } from '../../src/explore/store/law-entries.ts';
import { folderParts, postgresStore } from '../../src/store/postgres/index.ts';
import { postgresPrograms, startServer } from '../distributed/server.ts';

const runCounts = [100, Number(process.env.REPRISE_BENCH_RUNS ?? 1_000_000)];
const entryCount = Number(process.env.REPRISE_BENCH_ENTRIES ?? 1_000_000);
const rounds = 51;
/** Entries of each run that is deleted. */
const perRun = 100;
const writers = 100;
/** Each of them appends so often. */
const appendEveryMs = 50;
const alone = 15_000;

const desk = graph('desk', { state: fields({ n: last(0) }) })
  .node('a', ({ n }) => ({ delta: { n: n + 1 } }))
  .start('a')
  .build();

if (process.argv[2] === 'prune') {
  const [url = '', schema = ''] = process.argv.slice(3);
  const store = postgresStore(url, { schema });
  const began = performance.now();
  const pruned = await store.prune({ olderThan: 1e12 });
  console.log(`${pruned.length} runs in ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  await store.close();
  process.exit(0);
}

const median = (values: readonly number[], share = 0.5): number =>
  [...values].sort((one, two) => one - two)[Math.min(values.length - 1, Math.floor(share * values.length))] ?? 0;

async function medianMs(work: (round: number) => unknown): Promise<string> {
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    await work(round);
    took.push(performance.now() - began);
  }
  return `${median(took).toFixed(2).padStart(8)} ms`;
}

/** Copies of the run `first`, which has ended, until there are so many. */
async function fill(pool: pg.Pool, schema: string, count: number): Promise<void> {
  const ask = async (text: string): Promise<number> =>
    Number((await pool.query<{ readonly n: string }>(text.replaceAll('S.', `${schema}.`))).rows[0]?.n ?? 0);
  const columns = (
    await pool.query<{ readonly name: string }>(
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = '${schema}.run'::regclass AND attnum > 0
         AND attname NOT IN ('number', 'id', 'rows_at') AND NOT attisdropped`,
    )
  ).rows
    .map(({ name }) => name)
    .join();
  const size = await ask(`SELECT value AS n FROM S.setting WHERE name = 'range'`);
  for (let done = 1; done < count; ) {
    const more = Math.min(count - done, size / 2);
    await ask('SELECT S.add_ranges() AS n');
    const from = await ask('SELECT max(number) AS n FROM S.run');
    await pool.query(
      `INSERT INTO S.run (id, ${columns}) SELECT 'run-' || i, ${columns} FROM S.run, generate_series(${done}, ${done + more - 1}) AS i
        WHERE id = 'first'`.replaceAll('S.', `${schema}.`),
    );
    await pool.query(
      `INSERT INTO S.entry SELECT r.number, e.sequence, e.step, e.time, e.json FROM S.run r, S.entry e
        WHERE r.number > ${from} AND r.id LIKE 'run-%' AND e.run = (SELECT number FROM S.run WHERE id = 'first')`.replaceAll(
        'S.',
        `${schema}.`,
      ),
    );
    done += more;
  }
  for (const table of ['run', 'entry']) await pool.query(`ANALYZE ${schema}.${table}`);
}

async function dailyWork(url: string, pool: pg.Pool, count: number): Promise<Readonly<Record<string, string>>> {
  const schema = `full_${count}`;
  const store = postgresStore(url, { schema });
  const engine = createEngine(desk, { store });
  await engine.run({}, { runId: 'first' });
  await fill(pool, schema, count);
  const claim = { owner: 'one', leaseMs: 30_000 };
  const graphs = [lawGraph('desk')];
  // Statements are planned, and the server has read what it needs.
  for (let round = 0; round < 20; round += 1) await engine.run({}, { runId: `before-${round}` });
  const costs = {
    'begin and end a run': await medianMs((round) => engine.run({}, { runId: `new-${round}` })),
    'begin a run (`create`)': await medianMs((round) => store.create(runEntry(`begun-${round}`))),
    'a claim, nothing due': await medianMs(() => store.claimDue?.({ graphs, claim, limit: 8 })),
    'a claim of a run that is due': await medianMs(async (round) => {
      await store.create(runEntry(`queued-${round}`), [], { status: 'queued', wakeAt: 0 });
      await store.claimDue?.({ graphs, claim, limit: 8 });
    }),
    list: await medianMs(() => store.list({})),
    'list, by graph': await medianMs(() => store.list({ graph: 'desk' })),
    'list, by a status that no run has': await medianMs(() => store.list({ status: 'failed' })),
    'list, by graph and such a status': await medianMs(() => store.list({ graph: 'desk', status: 'failed' })),
    'list, by a status of open runs': await medianMs(() => store.list({ status: 'paused' })),
    find: await medianMs(() => store.find('first')),
    'metrics()': await medianMs(() => store.metrics()),
    'read the first run': await medianMs(async () => {
      for await (const entry of store.read('first')) void entry;
    }),
  };
  await engine.close();
  return costs;
}

/** Latencies of appends of so many runs, for as long as the other thing takes. */
async function writing(url: string, schema: string, during: Promise<unknown>): Promise<readonly number[]> {
  const took: number[] = [];
  const store = postgresStore(url, { schema, onMetric: ({ name, value }) => name === 'append-ms' && took.push(value) });
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  during.then(end, end);
  await Promise.all(
    Array.from({ length: writers }, async (_unused, index) => {
      const lease = await store.create(runEntry(`writer-${performance.now()}-${index}`));
      await pause((index * appendEveryMs) / writers);
      while (!isOver) {
        await Promise.all([store.append(lease, eventsUpTo(1)), pause(appendEveryMs)]);
      }
    }),
  );
  await store.close();
  return took;
}

async function retention(url: string, pool: pg.Pool, how: 'dropped' | 'deleted'): Promise<void> {
  const schema = `retention_${how}`;
  const store = postgresStore(url, { schema });
  await store.list({});
  // So that most ranges are full, or none is.
  const runs = entryCount / perRun;
  const size = how === 'dropped' ? Math.ceil(runs / 8) : 10 * runs;
  const { rows } = await pool.query<{ readonly first: string }>(`SELECT first FROM ${schema}.run_range`);
  for (const { first } of rows)
    for (const table of ['entry', 'part', 'checkpoint']) await pool.query(`DROP TABLE ${schema}.${table}_${first}`);
  await pool.query(`DELETE FROM ${schema}.run_range`);
  await pool.query(`UPDATE ${schema}.setting SET value = ${size} WHERE name = 'range'`);
  await pool.query(`SELECT ${schema}.add_ranges()`);
  const lease = await store.create(runEntry('first'), eventsUpTo(perRun - 1));
  await store.release(lease);
  await pool.query(`UPDATE ${schema}.run SET status = 'done'`);
  await fill(pool, schema, runs);
  await pool.query('CHECKPOINT');
  const show = (took: readonly number[]): string =>
    `median ${median(took).toFixed(1)} ms, p99 ${median(took, 0.99).toFixed(1)}, most ${Math.max(...took).toFixed(0)} (${took.length} appends)`;
  const sizeOf = async (): Promise<string> => {
    const { rows: sizes } = await pool.query<{ readonly bytes: string }>(
      `SELECT sum(pg_total_relation_size(inhrelid)) AS bytes FROM pg_inherits WHERE inhparent = '${schema}.entry'::regclass`,
    );
    return `${(Number(sizes[0]?.bytes) / 1e6).toFixed(0)} MB`;
  };
  const before = await sizeOf();
  const first = await writing(url, schema, pause(alone));
  const child = spawn(process.execPath, ['--no-warnings', fileURLToPath(import.meta.url), 'prune', url, schema], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += String(chunk);
  });
  const during = await writing(url, schema, new Promise((resolve) => child.once('exit', resolve)));
  const after = await writing(url, schema, pause(alone));
  console.log(
    `\n${entryCount.toLocaleString('en')} entries, ${how}: ${said.trim()}, ${before} before, ${await sizeOf()} after`,
  );
  console.log(`  100 runs that write, alone   ${show(first)}`);
  console.log(`  beside it                    ${show(during)}`);
  console.log(`  alone again                  ${show(after)}`);
  await store.close();
}

/** A run appends values of 10 MB, one after another, while another appends a small entry every 20 ms. */
async function largeValues(url: string, folder: string | undefined): Promise<void> {
  const schema = `large_${folder === undefined ? 'tables' : 'parts'}`;
  const took: number[] = [];
  let isSmall = false;
  const store = postgresStore(url, { schema, ...(folder === undefined ? {} : { parts: folderParts(folder) }) });
  const small = await store.create(runEntry('small'));
  const lease = await store.create(runEntry('large'));
  const values = Array.from({ length: 5 }, (_unused, round) => {
    const text = Array.from(
      { length: 250_000 },
      (_none, index) => `${round} ${index} of these words in an order, `,
    ).join('');
    return eventEntry('1.0#1', { ordinal: round, data: stored({ text: text.slice(0, 10_000_000) }) });
  });
  const loop = monitorEventLoopDelay({ resolution: 2 });
  loop.enable();
  let isOver = false;
  const smallOnes = (async (): Promise<void> => {
    while (!isOver) {
      const began = performance.now();
      await store.append(small, eventsUpTo(1));
      if (isSmall) took.push(performance.now() - began);
      await pause(20);
    }
  })();
  await pause(500);
  isSmall = true;
  const began = performance.now();
  for (const value of values) await store.append(lease, [value]);
  const eachMs = (performance.now() - began) / values.length;
  isSmall = false;
  isOver = true;
  await smallOnes;
  loop.disable();
  const readBegan = performance.now();
  for await (const entry of store.read('large')) void entry;
  const readMs = (performance.now() - readBegan) / values.length;
  const where = folder === undefined ? 'in the tables' : 'in a folder';
  console.log(
    `\nvalues of 10 MB ${where}: ${eachMs.toFixed(0)} ms to write each, ${readMs.toFixed(0)} to read; meanwhile small appends of another run: median ${median(took).toFixed(1)} ms, p90 ${median(took, 0.9).toFixed(1)}, most ${Math.max(...took).toFixed(0)} of ${took.length}; event loop ${(loop.max / 1e6).toFixed(0)} ms late at most`,
  );
  await store.close();
}

if (postgresPrograms() === undefined) throw new Error('PostgreSQL is not installed');
const server = await startServer({ isSafe: true });
const pool = new pg.Pool({ connectionString: server.url, max: 2 });
try {
  const part = process.argv[2];
  if (part === undefined || part === 'large') {
    const folder = mkdtempSync(join(tmpdir(), 'reprise-bench-parts-'));
    for (const place of [undefined, folder]) await largeValues(server.url, place);
    rmSync(folder, { recursive: true });
  }
  if (part === undefined || part === 'million') {
    const costs: Readonly<Record<string, string>>[] = [];
    for (const count of runCounts) costs.push(await dailyWork(server.url, pool, count));
    console.log(
      `${''.padEnd(42)} ${runCounts.map((count) => `${count.toLocaleString('en')} runs`.padStart(15)).join(' ')}`,
    );
    for (const name of Object.keys(costs[0] ?? {}))
      console.log(`  ${name.padEnd(40)} ${costs.map((cost) => (cost[name] ?? '').padStart(15)).join(' ')}`);
  }
  if (part === undefined || part === 'retention')
    for (const how of ['dropped', 'deleted'] as const)
      if ((process.argv[3] ?? how) === how) await retention(server.url, pool, how);
} finally {
  await pool.end();
  await server.remove();
}
