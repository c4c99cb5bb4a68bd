import { expect, it } from 'vitest';
import { StoreClock } from '../../../../src/engine/host/store-clock.ts';
import { createEngine, fields, graph, last, memoryStore } from '../../../../src/index.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

/** A server that answers when it is told to. */
function slowServer() {
  const asked: PromiseWithResolvers<number>[] = [];
  return {
    asked,
    time: () => {
      const answer = Promise.withResolvers<number>();
      asked.push(answer);
      return answer.promise;
    },
  };
}

async function readClock(processMs: number, tookMs: number, serverMs: number, clock = new ManualClock(processMs)) {
  const server = slowServer();
  const storeClock = new StoreClock(clock, server);
  const read = storeClock.read();
  clock.jump(tookMs);
  server.asked[0]?.resolve(serverMs);
  await read;
  return { storeClock, clock, server };
}

it('keeps its time where that of the store fits it', async () => {
  for (const serverMs of [1_000, 1_020, 1_040]) {
    const { storeClock } = await readClock(1_000, 40, serverMs);
    expect(storeClock.now()).toBe(1_040);
  }
});

it('moves as far as it has to, and no further', async () => {
  expect((await readClock(1_000, 40, 5_000)).storeClock.now()).toBe(5_000);
  expect((await readClock(9_000, 40, 5_000.9)).storeClock.now()).toBe(5_040);
});

it('is read again after a while, where it was set back, and never twice at once', async () => {
  const { storeClock, clock, server } = await readClock(1_000, 0, 1_000);
  expect(storeClock.ready()).toBeUndefined();
  clock.jump(9_999);
  expect(storeClock.ready()).toBeUndefined();
  clock.jump(1);
  expect(storeClock.ready()).toBe(storeClock.ready());
  server.asked[1]?.resolve(20_000);
  await storeClock.ready();
  expect(storeClock.now()).toBe(20_000);
  clock.jump(-500);
  const read = storeClock.ready();
  server.asked[2]?.resolve(20_000);
  await read;
  expect(storeClock.now()).toBe(20_000);
});

it('learns nothing from an answer during which its process was set back, and asks again', async () => {
  const { storeClock, clock, server } = await readClock(10_000, -5_000, 10_000);
  expect(storeClock.now()).toBe(clock.now());
  const read = storeClock.ready();
  server.asked[1]?.resolve(10_000);
  await read;
  expect(storeClock.now()).toBe(10_000);
});

it('fails for its caller alone where the store does not answer', async () => {
  const server = slowServer();
  const storeClock = new StoreClock(new ManualClock(7), server);
  const read = storeClock.ready();
  server.asked[0]?.reject(new Error('no server'));
  await expect(read).rejects.toThrow('no server');
  expect(storeClock.now()).toBe(7);
  const again = storeClock.ready();
  server.asked[1]?.resolve(70);
  await again;
  expect(storeClock.now()).toBe(70);
});

it('is that of the process where the store tells no time', () => {
  const storeClock = new StoreClock(new ManualClock(7), {});
  expect(storeClock.ready()).toBeUndefined();
  expect(storeClock.now()).toBe(7);
});

it('is that of an engine, whose runs then go by the time of their store', async () => {
  const aheadMs = 3_600_000;
  const seen: { now?: number; read?: number } = {};
  const reader = graph('reader', { state: fields({ at: last(0) }) })
    .node('read', (_state, { now }) => {
      seen.read = Date.now();
      seen.now = now();
      return { delta: { at: seen.now } };
    })
    .start('read')
    .build();
  const store = memoryStore({ now: () => performance.timeOrigin + performance.now() + aheadMs });
  const engine = createEngine(reader, { store });
  const before = performance.timeOrigin + performance.now();
  await engine.run({}, { runId: 'run-1' });
  expect((seen.now ?? 0) - before).toBeGreaterThan(aheadMs - 60_000);
  // What code reads by itself is the time of the machine.
  expect((seen.read ?? 0) - before).toBeLessThan(60_000);
  expect((await store.find('run-1'))?.createdAt).toBeGreaterThan(before + aheadMs - 60_000);
  await engine.close();
});
