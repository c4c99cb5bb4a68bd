// Readers of runs that another process drives: how long after an append was asked for they have it, how long the append itself
// takes, how many statements it takes until all of them read, and how many they send while nothing grows. Writer and readers share
// this process, so what waits for its processor counts as well.
//   REPRISE_BENCH_READERS   how many read, each a run of its own, all over one listening connection; 1,000 by default
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { createEngine, fields, graph, text } from '../../src/index.ts';
import { chunkEntry, graphOf, runEntry } from '../../src/explore/store/law-entries.ts';
import { postgresStore } from '../../src/store/postgres/index.ts';
import { postgresPrograms, startServer } from '../distributed/server.ts';

const readerCount = Number(process.env.REPRISE_BENCH_READERS ?? 1_000);
const growths = 500;
const quietMs = 5_000;

const desk = graph('desk', { state: fields({ text: text() }) })
  .node('ask', () => undefined)
  .start('ask')
  .build();

if (postgresPrograms() === undefined) throw new Error('PostgreSQL is not installed');
const server = await startServer({ isSafe: true });
const pool = new pg.Pool({ connectionString: server.url, max: 8 });
pool.on('error', () => undefined);
const query = pool.query.bind(pool) as (...given: unknown[]) => unknown;
let asked = 0;
Object.assign(pool, {
  query: (...given: unknown[]) => {
    asked += 1;
    return query(...given);
  },
});

async function measure(count: number): Promise<void> {
  const schema = `readers_${count}`;
  const writing = postgresStore(server.url, { schema });
  const runs = Array.from({ length: count }, (_unused, index) => `run-${index}`);
  const leases = await Promise.all(runs.map((id) => writing.create(runEntry(id, graphOf('desk')))));
  const reading = createEngine(desk, { store: postgresStore(pool, { schema }) });
  const appendedAt = new Map<string, number>();
  const behind: number[] = [];
  const took: number[] = [];
  asked = 0;
  const readers = runs.map(async (id) => {
    for await (const item of reading.read(id)) {
      const at = appendedAt.get(id);
      if (item.kind === 'chunk' && at !== undefined) behind.push(performance.now() - at);
    }
  });
  const ended = Promise.allSettled(readers);
  await pause(5_000);
  const begun = asked;
  asked = 0;
  await pause(quietMs);
  const quiet = asked;
  const places = runs.map(() => 0);
  for (let growth = 0; growth < growths; growth += 1) {
    const index = (growth * 7_919) % count;
    const id = runs[index] as string;
    const place = places[index] as number;
    places[index] = place + 1;
    const lease = leases[index] as (typeof leases)[number];
    const began = performance.now();
    appendedAt.set(id, began);
    await writing.append(lease, [chunkEntry('1.0#1', place, 'word ')], undefined, place + 1);
    took.push(performance.now() - began);
    await pause(5);
  }
  await pause(2_000);
  const at = (times: readonly number[], share: number): string => {
    const sorted = [...times].sort((one, other) => one - other);
    return (sorted[Math.floor(share * sorted.length)] ?? Number.NaN).toFixed(1);
  };
  const shown = (times: readonly number[]): string =>
    `median ${at(times, 0.5)} ms, p90 ${at(times, 0.9)}, p99 ${at(times, 0.99)}`;
  console.log(
    `${count} readers: ${(begun / count).toFixed(2)} statements each in the first 5 s, ${(quiet / (quietMs / 1_000)).toFixed(1)} of all of them a second while nothing grows; an append ${shown(took)}; until it is read ${shown(behind)} (${behind.length} of ${growths})`,
  );
  await reading.close();
  await ended;
  await writing.close();
}

try {
  for (const count of new Set([1, 100, readerCount])) await measure(count);
} finally {
  await pool.end();
  await server.remove();
}
