// A follower of a store on a server (`followStore`), beside a process that writes 100 runs: how many entries it is given a second,
// how many statements that takes, and how far it is behind, from when an append was asked for. And how fast it is where it has to
// catch up.
//   REPRISE_BENCH_SECONDS   for how long it follows each time; 10 by default
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { eventEntry, eventsUpTo, runEntry } from '../../src/explore/store/law-entries.ts';
import { followStore } from '../../src/observe/index.ts';
import { postgresStore } from '../../src/store/postgres/index.ts';
import { postgresPrograms, startServer } from '../distributed/server.ts';

const writers = 100;
/** Each of them appends an entry so often. */
const appendEveryMs = 50;
const followedMs = 1_000 * Number(process.env.REPRISE_BENCH_SECONDS ?? 10);
const backlog = { runs: 200, entries: 500 };

/** The clock of the machine, which both processes read. */
const machineMs = (): number => performance.timeOrigin + performance.now();

if (process.argv[2] === 'write') {
  const [url = '', schema = ''] = process.argv.slice(3);
  const store = postgresStore(url, { schema });
  const claim = { owner: 'writers', leaseMs: 600_000 };
  await Promise.all(
    Array.from({ length: writers }, async (_unused, index) => {
      const lease = await store.create(runEntry(`run-${index}`), [], claim);
      await pause((index * appendEveryMs) / writers);
      for (let place = 1; ; place += 1) {
        const entry = eventEntry('1.0#1', { ordinal: place, data: machineMs() });
        await Promise.all([store.append(lease, [entry], undefined, place), pause(appendEveryMs)]);
      }
    }),
  );
}

if (postgresPrograms() === undefined) throw new Error('PostgreSQL is not installed');
const server = await startServer({ isSafe: true });
const pool = new pg.Pool({ connectionString: server.url, max: 4 });
const query = pool.query.bind(pool) as (...given: unknown[]) => unknown;
let asked = 0;
Object.assign(pool, {
  query: (...given: unknown[]) => {
    asked += 1;
    return query(...given);
  },
});

const cursor = { load: () => ({}), save: () => undefined };
const share = (sorted: readonly number[], at: number): string =>
  (sorted[Math.floor(at * sorted.length)] ?? Number.NaN).toFixed(0);

async function follow(pollMs: number): Promise<void> {
  const schema = `follow_${pollMs}`;
  const store = postgresStore(pool, { schema });
  const writing = spawn(
    process.execPath,
    ['--no-warnings', fileURLToPath(import.meta.url), 'write', server.url, schema],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const ended = new Promise((resolve) => writing.once('exit', resolve));
  while ((await store.list({ limit: writers })).length < writers) await pause(50);
  const behind: number[] = [];
  const stop = new AbortController();
  asked = 0;
  const cpu = process.cpuUsage();
  const began = performance.now();
  const followed = followStore(
    store,
    {
      observe: (entries) => {
        const now = machineMs();
        for (const { entry } of entries) if (entry.kind === 'event') behind.push(now - Number(entry.data));
      },
    },
    { cursor, pollMs, signal: stop.signal },
  );
  await pause(followedMs);
  stop.abort();
  await followed;
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  writing.kill();
  await ended;
  await store.close();
  behind.sort((one, other) => one - other);
  console.log(
    `${writers} runs, pollMs ${pollMs}: ${(behind.length / seconds).toFixed(0)} entries and ${(asked / seconds).toFixed(0)} statements a second, ${share(behind, 0.5)} ms behind (median; p90 ${share(behind, 0.9)}, p99 ${share(behind, 0.99)}), ${((user + system) / behind.length).toFixed(0)} µs of a processor an entry`,
  );
}

async function catchUp(): Promise<void> {
  const store = postgresStore(pool, { schema: 'backlog' });
  for (let run = 0; run < backlog.runs; run += 1)
    await store.append(await store.create(runEntry(`run-${run}`)), eventsUpTo(backlog.entries), undefined, 1);
  asked = 0;
  let count = 0;
  const began = performance.now();
  const observe = (entries: readonly unknown[]): void => {
    count += entries.length;
  };
  await followStore(store, { observe }, { cursor, isOnce: true });
  const seconds = (performance.now() - began) / 1_000;
  console.log(
    `${backlog.runs} runs of ${backlog.entries} entries: ${(count / seconds).toFixed(0)} entries and ${(asked / seconds).toFixed(0)} statements a second, ${asked} in all`,
  );
  await store.close();
}

try {
  for (const pollMs of [1_000, 100]) await follow(pollMs);
  await catchUp();
} finally {
  await pool.end();
  await server.remove();
}
