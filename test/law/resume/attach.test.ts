// Everybody who begins a run with one id gets that run, whoever drives it and however it stands.
import { afterEach, describe, expect, it } from 'vitest';
import { createEngine, fields, graph, last } from '../../../src/index.ts';
import type { RunStore } from '../../../src/index.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { sqliteStore } from '../../../src/store/sqlite/index.ts';
import { changedStore, keptStore } from '../../support/changed-store.ts';
import { sharedFolder } from '../../support/folder.ts';

let charges = 0;
const pay = graph('pay', { state: fields({ order: last<string>(), secret: last(''), paid: last(0) }) })
  .node('charge', async (_state, { effect }) => {
    await effect('charge', 10, async () => {
      charges += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      return 10;
    });
    return { delta: { paid: 10 } };
  })
  .start('charge')
  .build();
const approval = graph('approval', { state: fields({ isApproved: last(false) }) })
  .node('ask', async (_state, { ask }) => ({ delta: { isApproved: (await ask('pay?')) === true } }))
  .start('ask')
  .build();
const failing = graph('failing', { state: fields({}) })
  .node('fail', () => {
    throw new Error('no');
  })
  .start('fail')
  .build();

const folder = sharedFolder();
let fileCount = 0;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function engineOf<G extends Parameters<typeof createEngine>[0]>(of: G, store: RunStore) {
  const engine = createEngine(of, { store });
  closing.push(() => engine.close());
  return engine;
}

const twenty = <Result>(call: (index: number) => Promise<Result>): Promise<readonly Result[]> =>
  Promise.all(Array.from({ length: 20 }, (_unused, index) => call(index)));

describe.each<[string, () => () => RunStore]>([
  [
    'in memory',
    () => {
      const store = keptStore(memoryStore());
      return () => store;
    },
  ],
  [
    'on SQLite',
    () => {
      fileCount += 1;
      const path = `${folder}/runs-${fileCount}.db`;
      return () => sqliteStore(path);
    },
  ],
])('%s', (_name, newPlace) => {
  it.each([1, 2])('gives the run to 20 callers at once of %i engines, and runs it once', async (engineCount) => {
    charges = 0;
    const connect = newPlace();
    const engines = Array.from({ length: engineCount }, () => engineOf(pay, connect()));
    const runs = await twenty(async (index) =>
      engines[index % engineCount]?.run({ order: '17' }, { runId: 'order-17', onExisting: 'attach' }),
    );
    expect(runs.map((run) => run?.status === 'done' && run.state.paid)).toEqual(Array(20).fill(10));
    expect(charges).toBe(1);
    const late = await engines.at(-1)?.run({ order: '17' }, { runId: 'order-17', onExisting: 'attach' });
    expect([late?.status, charges]).toEqual(['done', 1]);
  });

  it('tells a caller whose engine closes while another one drives the run', async () => {
    const connect = newPlace();
    const [going, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = graph('slow', { state: fields({}) })
      .node('wait', async () => {
        going.resolve();
        await end.promise;
      })
      .start('wait')
      .build();
    const looked = Promise.withResolvers<void>();
    const store = connect();
    const find = ((id: string) => {
      looked.resolve();
      return store.find(id);
    }) as typeof store.find;
    const [one, other] = [engineOf(slow, connect()), engineOf(slow, changedStore(store, { find }))];
    const driven = one.run({}, { runId: 'r' });
    await going.promise;
    const attached = expect(other.run({}, { runId: 'r', onExisting: 'attach' })).rejects.toMatchObject({
      code: 'engine-closed',
    });
    await looked.promise;
    await other.close();
    end.resolve();
    await attached;
    for (const refused of [other.answer('r', undefined, 1), other.send('r', 'name'), other.cancel('r')])
      await expect(refused).rejects.toMatchObject({ code: 'engine-closed' });
    expect((await driven).status).toBe('done');
  });

  it('gives a run that pauses, and leaves it paused', async () => {
    const connect = newPlace();
    const [one, other] = [engineOf(approval, connect()), engineOf(approval, connect())];
    const attach = { runId: 'r', onExisting: 'attach' } as const;
    const runs = await twenty((index) => (index % 2 === 0 ? one : other).run({}, attach));
    expect(runs.map(({ status }) => status)).toEqual(Array(20).fill('paused'));
    expect(await other.run({}, attach)).toMatchObject({ status: 'paused', questions: [{ question: 'pay?' }] });
    expect(await one.resume('r', { answer: true }).orThrow()).toEqual({ isApproved: true });
  });

  it('gives a run that stops at a breakpoint, and leaves it there', async () => {
    const one = engineOf(approval, newPlace()());
    const options = { runId: 'r', onExisting: 'attach', pauseBefore: ['ask'] } as const;
    const looping = graph('looping', { state: fields({ count: last(0) }) })
      .node('step', ({ count }) => ({ delta: { count: count + 1 } }))
      .edge('step', 'step', { when: ({ count }) => count < 3 })
      .start('step')
      .build();
    const engine = engineOf(looping, newPlace()());
    const runs = await twenty(() => engine.run({}, { ...options, pauseBefore: ['step'] }));
    expect(runs.map(({ status, steps }) => [status, steps])).toEqual(Array(20).fill(['paused', 1]));
    expect((await one.run({}, options)).status).toBe('paused');
  });

  it('gives a run that failed', async () => {
    const engine = engineOf(failing, newPlace()());
    const runs = await twenty(() => engine.run({}, { runId: 'r', onExisting: 'attach' }));
    expect(runs.map((run) => run.status === 'failed' && run.error.code)).toEqual(Array(20).fill('node-failed'));
  });

  it('drives a run that was left behind, once', async () => {
    charges = 0;
    const connect = newPlace();
    const queue = engineOf(pay, connect());
    await queue.enqueue({ order: '17' }, { runId: 'order-17' });
    const other = engineOf(pay, connect());
    const runs = await twenty(() => other.run({ order: '17' }, { runId: 'order-17', onExisting: 'attach' }));
    expect(runs.map(({ status }) => status)).toEqual(Array(20).fill('done'));
    expect(charges).toBe(1);
  });

  it('refuses a run of another graph or with another input, and says what differs', async () => {
    const connect = newPlace();
    const engine = engineOf(pay, connect());
    const given = { order: '17', secret: 'Bearer abcdefghijklmnopqrstuvwx123456' };
    await engine.run(given, { runId: 'order-17' });
    const attach = { runId: 'order-17', onExisting: 'attach' } as const;
    await expect(engineOf(approval, connect()).run({}, attach)).rejects.toMatchObject({
      code: 'run-differs',
      message: 'run "order-17" is of graph "pay", not of "approval"',
      fields: { runId: 'order-17', path: 'graph', existing: 'pay', given: 'approval' },
    });
    for (const call of ['run', 'enqueue'] as const) {
      await expect(engine[call]({ ...given, order: '18' }, attach)).rejects.toMatchObject({
        code: 'run-differs',
        message: 'run "order-17" was begun with another input: input.order is "17", and this call gives "18"',
        fields: { path: 'input.order', existing: '17', given: '18' },
      });
      const refused = await Promise.resolve(
        engine[call]({ ...given, secret: 'Bearer zyxwvutsrqponmlkjihgfedcba654321' }, attach),
      ).catch((thrown: unknown) => thrown);
      expect(refused).toMatchObject({ code: 'run-differs', fields: { path: 'input.secret' } });
      expect(JSON.stringify([refused, String(refused)])).not.toMatch(/abcdef|zyxw/);
    }
  });
});
