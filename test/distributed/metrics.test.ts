// What a store on a server tells those who operate it.
import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { endOf, eventsUpTo, lawGraph, runEntry } from '../../src/explore/store/law-entries.ts';
import { createEngine, fields, graph, sum } from '../../src/index.ts';
import type { RunStore } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { postgresStore } from '../../src/store/postgres/index.ts';
import type { PostgresStore, StoreEventName, StoreMetric, StoreOperation } from '../../src/store/postgres/index.ts';
import { lossyPool } from './pools.ts';
import { skipReason, startServer } from './server.ts';
import type { TestServer } from './server.ts';

const patience = { timeout: 30_000, interval: 5 };

const why = skipReason();
const claim = { owner: 'one', leaseMs: 60_000 };

/** What was told, by name. */
function heard(): {
  readonly told: StoreMetric<StoreEventName>[];
  of(name: StoreEventName): readonly number[];
  readonly onMetric: (metric: StoreMetric<StoreEventName>) => void;
} {
  const told: StoreMetric<StoreEventName>[] = [];
  return {
    told,
    of: (name) => told.filter((metric) => metric.name === name).map(({ value }) => value),
    onMetric: (metric) => void told.push(metric),
  };
}

describe.skipIf(why !== undefined)('a store on a server tells', () => {
  let server: TestServer;
  let pool: pg.Pool;
  let count = 0;
  const closing: RunStore[] = [];
  const opened = (options: Parameters<typeof postgresStore>[1], over: Parameters<typeof postgresStore>[0] = pool) => {
    const store = postgresStore(over, { schema: `metrics_${count}`, ...options });
    closing.push(store);
    return store;
  };
  const gauges = async (store: PostgresStore) =>
    Object.fromEntries((await store.metrics()).map(({ name, value }) => [name, value]));
  beforeAll(async () => {
    server = await startServer();
    pool = new pg.Pool({ connectionString: server.url, max: 4 });
    pool.on('error', () => undefined);
  });
  afterAll(async () => {
    for (const store of closing) await store.close();
    await pool.end();
    await server.remove();
  });

  it('how long appends take, and how many go together', async () => {
    count += 1;
    const metrics = heard();
    const store = opened({ onMetric: metrics.onMetric });
    const leases = await Promise.all([1, 2, 3].map((number) => store.create(runEntry(`run-${number}`), [], claim)));
    expect(metrics.told).toEqual([]);
    await Promise.all(leases.map((lease) => store.append(lease, eventsUpTo(1), undefined, 1)));
    expect(metrics.of('append-runs')).toEqual([3]);
    const took = metrics.of('append-ms');
    expect(took.length).toBe(3);
    for (const ms of took) expect(ms).toBeGreaterThan(0);
  });

  it('of statements in doubt', async () => {
    count += 1;
    const metrics = heard();
    const first = opened({});
    const lease = await first.create(runEntry('run-1'), [], claim);
    const store = opened({ onMetric: metrics.onMetric }, lossyPool(pool, 4));
    await store.find('run-1');
    expect(metrics.of('in-doubt')).toEqual([]);
    for (let index = 0; index < 4; index += 1) await store.append(lease, eventsUpTo(1, index), undefined, index + 1);
    expect(metrics.of('in-doubt')).toEqual([1]);
  });

  it('of lost leases and takeovers', async () => {
    count += 1;
    const metrics = heard();
    const store = opened({ onMetric: metrics.onMetric });
    const lost = await store.create(runEntry('run-1'), [], { owner: 'dead', leaseMs: 1 });
    const other = await store.create(runEntry('run-2'), [], { owner: 'dead', leaseMs: 1 });
    const free = await store.create(runEntry('run-3'), [], { owner: 'dead', leaseMs: 1 });
    await store.release(free);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await store.take('run-1', claim);
    expect(metrics.of('takeover')).toEqual([1]);
    const claimed = await store.claimDue?.({ graphs: [lawGraph()], claim, limit: 9 });
    expect(claimed?.length).toBe(2);
    expect(metrics.of('takeover')).toEqual([1, 1]);
    await expect(store.append(lost, eventsUpTo(1), undefined, 1)).rejects.toMatchObject({ code: 'lease-lost' });
    await expect(store.release(other)).rejects.toMatchObject({ code: 'lease-lost' });
    expect(metrics.of('lease-lost')).toEqual([1, 1]);
  });

  it('how many runs are due and for how long, and how full the queues are', async () => {
    count += 1;
    const store = opened({});
    expect(await gauges(store)).toEqual({
      'due-runs': 0,
      'oldest-due-ms': 0,
      'notification-queue': 0,
      'pool-waiting': 0,
    });
    const now = (await store.time?.()) ?? 0;
    await store.create(runEntry('queued'), [], { status: 'queued', wakeAt: now - 5_000 });
    await store.create(runEntry('later'), [], { status: 'queued', wakeAt: now + 3_600_000 });
    await store.append(await store.create(runEntry('done'), [], claim), [endOf('done')]);
    await store.create(runEntry('driven'), [], claim);
    const found = await gauges(store);
    expect(found['due-runs']).toBe(1);
    expect(found['oldest-due-ms']).toBeGreaterThanOrEqual(5_000);
    expect(found['oldest-due-ms']).toBeLessThan(60_000);
    const held = await Promise.all([1, 2, 3, 4].map(() => pool.connect()));
    const waiting = store.find('queued');
    const asked = store.metrics();
    await vi.waitFor(() => expect(pool.waitingCount).toBeGreaterThanOrEqual(2), patience);
    for (const connection of held) connection.release();
    await waiting;
    await asked;
  });

  it('nothing that a run could feel where its hearer throws', async () => {
    count += 1;
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const store = opened({
      onMetric: () => {
        throw new Error('no');
      },
    });
    const lease = await store.create(runEntry('run-1'), [], claim);
    await store.append(lease, eventsUpTo(1), undefined, 1);
    await store.append(lease, [endOf('done')], undefined, 2);
    expect((await store.find('run-1'))?.status).toBe('done');
    expect(warned).toHaveBeenCalledTimes(1);
    warned.mockRestore();
  });

  describe('of each operation', () => {
    const told: StoreOperation[] = [];
    const names = (): readonly string[] => told.splice(0).map(({ name, runId }) => `${name} ${runId ?? ''}`.trim());
    const hearing = (over?: pg.Pool) => {
      count += 1;
      told.length = 0;
      return opened({ onOperation: (operation) => void told.push(operation) }, over);
    };

    it('its name and its run, whether it is a call of the store or of a part of it', async () => {
      const store = hearing();
      const lease = await store.create(runEntry('run-1'), [], claim);
      await store.append(lease, eventsUpTo(1), undefined, 1);
      await store.renew(claim);
      await store.workers?.announce({ owner: 'one', graphs: [lawGraph()], leaseMs: 60_000 });
      await store.recordings?.bytesOf('run-1');
      await store.release(lease);
      await store.claimDue?.({ graphs: [lawGraph()], claim, limit: 9 });
      await Promise.resolve(store.delete('other')).catch(() => undefined);
      expect(told.every(({ tookMs }) => tookMs > 0)).toBe(true);
      expect(names()).toEqual([
        'create run-1',
        'append run-1',
        'renew',
        'workers.announce',
        'recordings.bytesOf run-1',
        'release run-1',
        'claimDue',
        'delete other',
      ]);
    });

    it('what it threw, and that of its caller', async () => {
      const store = hearing();
      const thrown = await Promise.resolve(store.take('none')).catch((error: unknown) => error);
      expect(thrown).toMatchObject({ code: 'run-unknown' });
      expect(told).toEqual([{ name: 'take', runId: 'none', tookMs: expect.any(Number) as number, error: thrown }]);
    });

    it('one reading as one, once it is over or left', async () => {
      const store = hearing();
      const lease = await store.create(runEntry('run-1'), eventsUpTo(3), claim);
      names();
      for await (const { kind } of store.read('run-1')) if (kind === 'event') expect(told).toEqual([]);
      expect(names()).toEqual(['read run-1']);
      for await (const _entry of store.read('run-1')) break;
      expect(names()).toEqual(['read run-1']);
      await expect(async () => {
        for await (const _entry of store.read('other')) break;
      }).rejects.toMatchObject({ code: 'run-unknown' });
      expect(told).toMatchObject([{ name: 'read', runId: 'other', error: { code: 'run-unknown' } }]);
      await store.release(lease);
    });

    it('in the context of its caller', async () => {
      count += 1;
      const request = new AsyncLocalStorage<string>();
      const from: (string | undefined)[] = [];
      const store = opened({ onOperation: () => void from.push(request.getStore()) });
      await Promise.all(['one', 'two'].map((name) => request.run(name, () => store.find('run-1'))));
      await request
        .run('three', async () => {
          for await (const _entry of store.read('run-1')) break;
        })
        .catch(() => undefined);
      expect(from.sort()).toEqual(['one', 'three', 'two']);
    });

    it('without a trace of what its hearer reads in the journal of the run', async () => {
      count += 1;
      let heardCount = 0;
      const store = opened({
        onMetric: () => void Math.random(),
        onOperation: () => {
          heardCount += Date.now() > 0 && Math.random() >= 0 ? 1 : 0;
        },
      });
      const counter = graph('counter', { state: fields({ count: sum() }) })
        .node('add', async () => {
          await store.find('run-1');
          return { delta: { count: 1 } };
        })
        .start('add')
        .build();
      const engine = createEngine(counter, { store, effects: [httpEffects()] });
      await engine.run({}, { runId: 'run-1' }).orThrow();
      expect(heardCount).toBeGreaterThan(2);
      const kinds = new Set<string>();
      for await (const { kind } of store.read('run-1')) kinds.add(kind);
      await engine.close();
      expect(kinds).not.toContain('ambient');
    });

    it('although its hearer throws', async () => {
      count += 1;
      const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
      const store = opened({
        onOperation: () => {
          throw new Error('no');
        },
      });
      const lease = await store.create(runEntry('run-1'), [], claim);
      await store.append(lease, [endOf('done')], undefined, 1);
      expect((await store.find('run-1'))?.status).toBe('done');
      expect(warned).toHaveBeenCalledTimes(1);
      warned.mockRestore();
    });
  });
});
