// That no statement looks through the partitions: each names the numbers under which its rows stand.
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  storeCheckpointLaws,
  storeErrandLaws,
  storeLaws,
  storePruningLaws,
  storeRecordingLaws,
} from '../../src/explore/index.ts';
import { postgresStore } from '../../src/store/postgres/index.ts';
import type { PostgresPool } from '../../src/store/postgres/index.ts';
import { schemaPlaces } from './places.ts';
import { skipReason, startServer } from './server.ts';
import type { TestServer } from './server.ts';

/** Asks the server, the first time that a statement comes, which partitions it looks at. */
class PlanPool implements PostgresPool {
  readonly seen = new Map<string, string>();
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async query(text: string, values: unknown[] = []): ReturnType<PostgresPool['query']> {
    const what = text.replaceAll(/law_\d+_\d+/g, 'law');
    if (/\.(?:entry|part|checkpoint)\b/.test(text) && !text.includes('CREATE') && !this.seen.has(what)) {
      this.seen.set(what, '');
      const { rows } = await this.#pool.query<{ readonly 'QUERY PLAN': string }>(`EXPLAIN (COSTS OFF) ${text}`, values);
      this.seen.set(what, rows.map((row) => row['QUERY PLAN']).join('\n'));
    }
    return this.#pool.query(text, values);
  }

  /** Those that look at several ranges. */
  get wide(): readonly string[] {
    return [...this.seen].filter(([, plan]) => rangesIn(plan) > 1).map(([text]) => text);
  }
}

function rangesIn(plan: string): number {
  return new Set([...plan.matchAll(/ (?:entry|part|checkpoint)_(\d+)\b/g)].map(([, first]) => first)).size;
}

const why = skipReason();
if (why !== undefined) console.log(`the plans of a PostgreSQL server are not looked at: ${why}`);

describe.skipIf(why !== undefined)('the statements of a store', () => {
  let server: TestServer;
  let pool: pg.Pool;
  beforeAll(async () => {
    server = await startServer();
    pool = new pg.Pool({ connectionString: server.url, max: 6 });
  });
  afterAll(async () => {
    await pool.end();
    await server.remove();
  });

  it('look at one range of runs each', async () => {
    const plans = new PlanPool(pool);
    const laws = [storeLaws, storeCheckpointLaws, storeErrandLaws, storePruningLaws, storeRecordingLaws].flat();
    // The clock of a server is its own.
    const ours = laws.filter(({ name }) => !name.startsWith('after its clock was set back'));
    for (const { check } of ours) await check(schemaPlaces(plans), { numRuns: 1 });
    expect(plans.wide).toEqual([]);
    // Of all of them, and there are two ranges to look at.
    expect(plans.seen.size).toBeGreaterThan(15);
    const store = postgresStore(pool, { schema: 'law_0_0' });
    await store.list({});
    await plans.query('SELECT json FROM law_0_0.entry WHERE sequence = 0');
    expect(plans.wide).toEqual(['SELECT json FROM law.entry WHERE sequence = 0']);
  });

  it('find runs of a rare status by an index, however many have ended', async () => {
    const asked: { readonly text: string; readonly values: unknown[] }[] = [];
    const listening: PostgresPool = {
      query: (text, values = []) => {
        asked.push({ text, values });
        return pool.query(text, values);
      },
    };
    const store = postgresStore(listening, { schema: 'listed' });
    await store.list({});
    await pool.query(`INSERT INTO listed.run (id, graph, status, token, nonce, last, step, time, created_at)
      SELECT 'run-' || i, 'desk', 'done', i, gen_random_uuid(), 0, 0, i, i FROM generate_series(1, 20000) AS i`);
    await pool.query('ANALYZE listed.run');
    for (const [query, index] of [
      [{ status: 'failed' }, 'run_by_bad_end'],
      [{ status: 'cancelled', graph: 'desk' }, 'run_by_graph_and_bad_end'],
      [{ status: 'paused' }, 'run_open'],
      [{ status: 'queued', graph: 'desk' }, 'run_open'],
      [{ status: 'done' }, 'run_pkey'],
      [{ graph: 'desk' }, 'run_'],
    ] as const) {
      asked.length = 0;
      await store.list(query);
      const [{ text, values } = { text: '', values: [] }] = asked;
      const { rows } = await pool.query<{ readonly 'QUERY PLAN': string }>(`EXPLAIN (COSTS OFF) ${text}`, values);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toContain(index);
      expect(plan).not.toContain('Seq Scan');
    }
    await store.close();
  });
});
