// Runs in PostgreSQL beside runs in a file, in one process and against the same disk, with `fsync` on: steps a second of one
// run and of a hundred at once, how many statements a step takes, and how much time of a processor, which says more than the
// steps a second where the machine has other work. With TMPDIR in memory nothing waits for a disk.
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { createEngine, fields, graph, last, sum, text as textField } from '../../src/index.ts';
import type { RunStore } from '../../src/index.ts';
import { postgresStore } from '../../src/store/postgres/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { startProxy } from '../distributed/proxy.ts';
import { postgresPrograms, startServer } from '../distributed/server.ts';

const rounds = 3;
const roundTripMs = 3;

const loop = graph('loop', { state: fields({ count: sum(), stop: last(0) }) })
  .node('add', () => ({ delta: { count: 1 } }))
  .edge('add', 'add', { when: ({ count, stop }) => count < stop })
  .start('add')
  .build();

const dueCount = 200;
const streamCount = 300;
const chunkCount = 150;
const chunkMs = 20;
const stream = graph('stream', { state: fields({ out: textField(), stop: last(0) }) })
  .node('say', async function* ({ stop }) {
    for (let index = 0; index < stop; index += 1) {
      await pause(chunkMs);
      yield { out: ' token' };
    }
  })
  .start('say')
  .build();

interface Rate {
  readonly perSecond: number;
  readonly statements: number;
  /** Microseconds of a processor a step: of this process, and of the server. */
  readonly own: number;
  readonly server: number;
}

interface Place {
  readonly name: string;
  readonly store: RunStore;
  /** How many statements were sent until now. */
  readonly count: () => number;
}

async function rateOf({ store, count }: Place, runs: number, steps: number): Promise<Rate> {
  const engine = createEngine(loop, { store, maxSteps: steps + 1 });
  const before = count();
  const serverBefore = serverMicros();
  const ownBefore = process.cpuUsage();
  const began = performance.now();
  await Promise.all(Array.from({ length: runs }, () => engine.run({ stop: steps }).orThrow()));
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(ownBefore);
  const all = runs * steps;
  return {
    perSecond: all / seconds,
    statements: (count() - before) / all,
    own: (user + system) / all,
    server: [...serverMicros()].reduce((sum, [pid, micros]) => sum + micros - (serverBefore.get(pid) ?? 0), 0) / all,
  };
}

const text = (values: readonly number[], digits: number): string => {
  const sorted = [...values].sort((left, right) => left - right);
  const show = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: digits });
  return `${show(sorted[0] ?? 0)} to ${show(sorted.at(-1) ?? 0)}`;
};

async function measure(place: Place, sizes: readonly (readonly [number, number])[]): Promise<void> {
  await rateOf(place, 2, 20);
  for (const [runs, steps] of sizes) {
    const rates: Rate[] = [];
    for (let round = 0; round < rounds; round += 1) rates.push(await rateOf(place, runs, steps));
    const statements = rates.map((rate) => rate.statements);
    const speed = text(
      rates.map(({ perSecond }) => perSecond),
      0,
    );
    const cpu = `  ${text(
      rates.map(({ own }) => own),
      0,
    )} µs of this process`;
    const asked =
      Math.max(...statements) === 0
        ? ''
        : `, ${text(
            rates.map(({ server: micros }) => micros),
            0,
          )} of the server  ${text(statements, 3)} statements a step`;
    console.log(`${place.name.padEnd(24)} ${String(runs).padStart(4)} runs  ${speed.padEnd(18)} steps/s${cpu}${asked}`);
  }
}

function countingPool(url: string): { readonly pool: pg.Pool; readonly count: () => number } {
  const pool = new pg.Pool({ connectionString: url, max: 6 });
  const query = pool.query.bind(pool) as (...given: unknown[]) => unknown;
  let count = 0;
  Object.assign(pool, {
    query: (...given: unknown[]) => {
      count += 1;
      return query(...given);
    },
  });
  return { pool, count: () => count };
}

/** How much of a processor each process of the server has had, on Linux. */
function serverMicros(): ReadonlyMap<string, number> {
  const postmaster = readFileSync(join(server.folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0];
  const micros = new Map<string, number>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const parent = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1];
      if (parent === postmaster)
        micros.set(pid, Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1_000);
    } catch {
      // It has ended.
    }
  }
  return micros;
}

/** What a commit waits for. */
function flushesPerSecond(place: string): number {
  const file = openSync(join(place, 'flushed'), 'w');
  const count = 100;
  const began = performance.now();
  for (let time = 0; time < count; time += 1) {
    writeSync(file, Buffer.alloc(8_192), 0, 8_192, 0);
    fdatasyncSync(file);
  }
  closeSync(file);
  return Math.round((count * 1_000) / (performance.now() - began));
}

if (postgresPrograms() === undefined) throw new Error('PostgreSQL is not installed');
const folder = mkdtempSync(join(tmpdir(), 'reprise-bench-postgres-'));
const server = await startServer({ isSafe: true });
const proxy = await startProxy(server.port);
const near = countingPool(server.url);
const far = countingPool(server.url.replace(String(server.port), String(proxy.port)));
const file = sqliteStore(join(folder, 'runs.db'));
/** Many streams at once, a chunk every 20 ms each, with such a window. */
async function measureStreams(windowMs: number): Promise<void> {
  const schema = `streams_${windowMs}`;
  const engine = createEngine(stream, { store: postgresStore(near.pool, { schema }), chunkWindowMs: windowMs });
  await engine.run({ stop: 2 });
  const before = near.count();
  const logged = async (): Promise<number> =>
    Number((await near.pool.query<{ readonly n: string }>("SELECT pg_current_wal_lsn() - '0/0' AS n")).rows[0]?.n);
  const loggedBefore = await logged();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const began = performance.now();
  await Promise.all(Array.from({ length: streamCount }, () => engine.run({ stop: chunkCount }).orThrow()));
  const took = performance.now() - began;
  delay.disable();
  const chunks = streamCount * chunkCount;
  const { rows } = await near.pool.query<{ readonly bytes: string; readonly tails: string }>(
    `SELECT sum(pg_total_relation_size(inhrelid)) AS bytes, pg_total_relation_size('${schema}.tail') AS tails FROM pg_inherits
      WHERE inhparent IN ('${schema}.entry'::regclass, '${schema}.part'::regclass)`,
  );
  const facts = [
    `took ${Math.round(took)} ms of at least ${chunkCount * chunkMs}`,
    `${(chunks / (near.count() - before)).toFixed(0)} chunks a statement`,
    `${(Number(rows[0]?.bytes) / chunks).toFixed(0)} bytes a chunk, ${(((await logged()) - loggedBefore) / chunks).toFixed(0)} of the log`,
    `${(Number(rows[0]?.tails) / streamCount / 1_000).toFixed(1)} kB for each stream under way`,
    `event loop p99 ${(delay.percentile(99) / 1e6 - 5).toFixed(0)} ms late`,
  ];
  console.log(`${streamCount} streams, window of ${windowMs} ms: ${facts.join(', ')}`);
}

/** From `enqueue` of one engine until a worker of another, which looks once a minute, has begun the run. */
async function measureDue(): Promise<void> {
  const begun: number[] = [];
  const clock = performance.now.bind(performance);
  const once = graph('once', { state: fields({ done: last(false) }) })
    .node('do', () => {
      begun.push(clock());
      return { delta: { done: true } };
    })
    .start('do')
    .build();
  const schema = 'due';
  const worker = createEngine(once, { store: postgresStore(server.url, { schema }) });
  const other = createEngine(once, { store: postgresStore(server.url, { schema }) });
  worker.work({ pollMs: 60_000 });
  await other.enqueue({});
  await pause(2_000);
  begun.length = 0;
  const asked: number[] = [];
  const due: number[] = [];
  for (let index = 0; index < dueCount; index += 1) {
    const from = clock();
    await other.enqueue({});
    // It is written and flushed, and nobody was told yet.
    const written = clock();
    while (begun.length <= index) await pause(1);
    asked.push((begun[index] as number) - from);
    due.push((begun[index] as number) - written);
  }
  await worker.close();
  await other.close();
  for (const [name, waited] of [
    ['enqueued', asked],
    ['due', due],
  ] as const) {
    waited.sort((one, two) => one - two);
    const at = (share: number): string => (waited[Math.floor(share * dueCount)] as number).toFixed(1);
    console.log(`${name} until begun: median ${at(0.5)} ms, p90 ${at(0.9)}, p99 ${at(0.99)}`);
  }
}

const none = (): number => 0;
console.log(`${flushesPerSecond(folder)} flushes of this disk a second`);
const sizes = [
  [1, 1_000],
  [100, 60],
] as const;
try {
  await measure({ name: 'a file', store: file, count: none }, sizes);
  await measure({ name: 'PostgreSQL, loopback', store: postgresStore(near.pool), count: near.count }, sizes);
  await measure({ name: 'a file, again', store: file, count: none }, sizes);
  await measureDue();
  for (const windowMs of [0, 25, 250]) await measureStreams(windowMs);
  proxy.delayMs = roundTripMs / 2;
  await measure({ name: `PostgreSQL, ${roundTripMs} ms away`, store: postgresStore(far.pool), count: far.count }, [
    [1, 200],
    [100, 60],
  ]);
} finally {
  await near.pool.end();
  await far.pool.end();
  await proxy.close();
  await server.remove();
  rmSync(folder, { recursive: true, force: true });
}
