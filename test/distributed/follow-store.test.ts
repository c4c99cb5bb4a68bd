// Following a store on a server that tells what has changed: everything once and in order, and little to look at.
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Entry } from '../../src/journal/entry.ts';
import { endOf, eventsUpTo, runEntry } from '../../src/explore/store/law-entries.ts';
import type { ObservedEntry, RunObserver } from '../../src/index.ts';
import { followStore } from '../../src/observe/index.ts';
import type { StorePosition } from '../../src/observe/index.ts';
import { postgresStore } from '../../src/store/postgres/index.ts';
import { collected } from '../support/journals.ts';
import { skipReason, startServer } from './server.ts';
import type { TestServer } from './server.ts';

const why = skipReason();
const claim = { owner: 'writer', leaseMs: 60_000 };
const patience = { timeout: 60_000, interval: 5 };

describe.skipIf(why !== undefined)('a follower of a store on a server', () => {
  let server: TestServer;
  let pool: pg.Pool;
  let count = 0;
  beforeAll(async () => {
    server = await startServer();
    pool = new pg.Pool({ connectionString: server.url, max: 6 });
    pool.on('error', () => undefined);
  });
  afterAll(async () => {
    await pool.end();
    await server.remove();
  });

  it('is given everything once, while runs are written, rest, continue, and are committed late', async () => {
    const schema = `follow_${count++}`;
    const store = postgresStore(pool, { schema });
    let saved: StorePosition = {};
    const cursor = {
      load: () => saved,
      save: (position: StorePosition) => {
        saved = position;
      },
    };
    const seen = new Map<string, Entry[]>();
    const rests: string[] = [];
    let isCrashing = false;
    const observer: RunObserver = {
      observe: (entries: readonly ObservedEntry[]) => {
        if (isCrashing) throw new Error('crash');
        for (const { run, entry } of entries) seen.set(run.runId, [...(seen.get(run.runId) ?? []), entry]);
      },
      rested: ({ runId }, { status }) => void rests.push(`${runId} ${status}`),
    };
    const stop = new AbortController();
    const follow = (): Promise<void> => followStore(store, observer, { cursor, pollMs: 5, signal: stop.signal });
    const followed = (async () => {
      for (;;) {
        try {
          return await follow();
        } catch (thrown) {
          if (!(thrown instanceof Error && thrown.message === 'crash')) throw thrown;
          isCrashing = false;
        }
      }
    })();
    const names = Array.from({ length: 12 }, (_unused, index) => `run-${index}`);
    await Promise.all(
      names.map(async (name, index) => {
        let lease = await store.create(runEntry(name), [], claim);
        await store.append(lease, eventsUpTo(2), undefined, 1);
        if (index % 3 === 0) {
          await store.release(lease, { status: 'paused', wakeAt: 1 });
          lease = await store.take(name, claim);
        }
        if (index === 5) isCrashing = true;
        await store.append(lease, eventsUpTo(2, 2), undefined, 3);
        const connection = await pool.connect();
        try {
          const late = postgresStore({ query: (text, values) => connection.query(text, values) }, { schema });
          await late.find(name);
          await connection.query('BEGIN');
          await late.append(lease, [endOf('done')], undefined, 5);
          await new Promise((resolve) => setTimeout(resolve, (index % 4) * 20));
          await connection.query('COMMIT');
        } finally {
          connection.release();
        }
      }),
    );
    const waiting = await store.create(runEntry('waiting'), [], claim);
    await store.release(waiting, { status: 'paused' });
    const all = [...names, 'waiting'];
    await vi.waitFor(() => {
      for (const name of names) expect(seen.get(name)?.length).toBe(6);
      expect(rests).toContain('waiting paused');
    }, patience);
    stop.abort();
    await followed;
    for (const name of all) expect(seen.get(name)).toEqual(await collected(store.read(name)));
    // Whoever comes back with that place is given nothing again.
    const again: ObservedEntry[] = [];
    await followStore(store, { observe: (entries) => void again.push(...entries) }, { cursor, isOnce: true });
    expect(again).toEqual([]);
    await store.close();
  });

  it('reads what was restored from another server once, and then what changes of it', async () => {
    const schema = `follow_${count++}`;
    const store = postgresStore(pool, { schema });
    for (const name of ['run-1', 'run-2', 'run-3']) {
      const lease = await store.create(runEntry(name), [], claim);
      await store.release(lease, { status: 'paused' });
    }
    // There many more transactions had been.
    await pool.query(`UPDATE ${schema}.run SET settled = '1000000000000'::xid8`);
    const round = async (after: string | undefined) => {
      const ids: string[] = [];
      for (let page = await store.changes?.({ limit: 2, after }); page !== undefined; ) {
        ids.push(...page.runs.map(({ runId }) => runId));
        if (!page.isRest) return { ids, after: page.cursor };
        page = await store.changes?.({ limit: 2, after: page.cursor });
      }
      throw new Error('the store tells of no changes');
    };
    const first = await round(undefined);
    expect(first.ids).toEqual(['run-1', 'run-2', 'run-3']);
    const second = await round(first.after);
    expect(second.ids).toEqual([]);
    const lease = await store.take('run-2', claim);
    expect((await round(second.after)).ids).toEqual(['run-2']);
    await store.append(lease, [endOf('done')], undefined, 1);
    const third = await round(second.after);
    expect(third.ids).toEqual(['run-2']);
    expect((await round(third.after)).ids).toEqual([]);
    await store.close();
  });

  it('reads what has changed, and not what has not', async () => {
    const schema = `follow_${count++}`;
    const store = postgresStore(pool, { schema });
    await store.list({});
    await pool.query(`INSERT INTO ${schema}.run (id, graph, status, token, nonce, last, step, time, created_at)
      SELECT 'old-' || i, 'desk', 'done', i, gen_random_uuid(), 1, 0, i, i FROM generate_series(1, 30000) i`);
    const rowCounts: number[] = [];
    const counting = postgresStore(
      {
        query: async (text, values) => {
          const answer = await pool.query(text as string, values as unknown[]);
          rowCounts.push(answer.rows.length);
          return answer;
        },
      },
      { schema },
    );
    let all = 0;
    for (let page = await counting.changes?.({ limit: 500 }); page !== undefined; ) {
      all += page.runs.length;
      if (!page.isRest) break;
      page = await counting.changes?.({ limit: 500, after: page.cursor });
    }
    expect(all).toBe(30_000);
    expect(Math.max(...rowCounts)).toBeLessThanOrEqual(500);
    const lease = await store.create(runEntry('new'), [], claim);
    await pool.query(`ANALYZE ${schema}.run`);
    const { cursor } = (await counting.changes?.({ limit: 500 })) ?? {};
    const rest = async (after: string | undefined): Promise<string> => {
      for (let page = await counting.changes?.({ limit: 500, after }); ; ) {
        if (page?.isRest !== true) return page?.cursor ?? '';
        page = await counting.changes?.({ limit: 500, after: page.cursor });
      }
    };
    const after = await rest(cursor);
    await store.append(lease, [endOf('done')], undefined, 1);
    rowCounts.length = 0;
    const page = await counting.changes?.({ limit: 500, after });
    expect(page?.runs.map(({ runId }) => runId)).toEqual(['new']);
    expect(rowCounts.reduce((sum, rows) => sum + rows, 0)).toBeLessThanOrEqual(2);
    const { rows } = await pool.query(`EXPLAIN SELECT id FROM ${schema}.run r
      WHERE (r.settled, r.number) > ('${after.split(':')[0]}'::xid8, 0) ORDER BY r.settled, r.number LIMIT 500`);
    expect(JSON.stringify(rows)).toContain('run_by_settled');
    await store.close();
  });
});
