// Readers of runs that a worker has let go of while they only wait: they stay where the run continues by itself.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEngine, fields, graph, memoryStore, text } from '../../../../src/index.ts';
import type { RunStore } from '../../../../src/index.ts';
import { eventStreamResponse } from '../../../../src/live/sse/index.ts';
import { sqliteStore } from '../../../../src/store/sqlite/index.ts';
import { keptStore } from '../../../support/changed-store.ts';
import { sharedFolder } from '../../../support/folder.ts';

const folder = sharedFolder();
const patience = { timeout: 60_000, interval: 5 };
const napMs = 1_200;
let count = 0;

const naps = graph('naps', { state: fields({ said: text() }) })
  .node('say', async function* (_state, { sleep }) {
    yield { said: 'good ' };
    await sleep(napMs);
    yield { said: 'night' };
  })
  .start('say')
  .build();

const retries = graph('retries', { state: fields({ said: text() }) })
  .node(
    'say',
    async function* (_state, { attempt }) {
      yield { said: `try ${attempt} ` };
      if (attempt === 1) throw new Error('not yet');
    },
    { retry: { attempts: 2, delayMs: napMs } },
  )
  .start('say')
  .build();

const asks = graph('asks', { state: fields({ said: text() }) })
  .node('say', async function* (_state, { ask }) {
    yield { said: 'well' };
    await ask('Send it?', { timeoutMs: 60_000 });
    yield { said: '!' };
  })
  .start('say')
  .build();

const receives = graph('receives', { state: fields({ said: text() }) })
  .node('say', async function* (_state, { receive }) {
    yield { said: 'well' };
    await receive('go');
    yield { said: '!' };
  })
  .start('say')
  .build();

const receivesInTime = graph('receives', { state: fields({ said: text() }) })
  .node('say', async function* (_state, { receive }) {
    yield { said: 'well' };
    await receive('go', { timeoutMs: napMs }).catch(() => undefined);
    yield { said: '!' };
  })
  .start('say')
  .build();

const stops = graph('stops', { state: fields({ said: text() }) })
  .node('say', () => ({ delta: { said: 'well' } }))
  .node('later', async (_state, { sleep }) => {
    await sleep(600_000);
  })
  .edge('say', 'later')
  .start('say')
  .build();

const sleepsLong = graph('sleeps', { state: fields({ said: text() }) })
  .node('say', async function* (_state, { sleep }) {
    yield { said: 'well' };
    await sleep(600_000);
    yield { said: '!' };
  })
  .start('say')
  .build();

const stores: Readonly<Record<string, () => () => RunStore>> = {
  // It outlives its engines here, as a file does.
  memory: () => {
    const store = memoryStore();
    return () => keptStore(store, { isDurable: true });
  },
  SQLite: () => {
    count += 1;
    const path = join(folder, `sleeping-${count}.db`);
    return () => sqliteStore(path);
  },
};

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const engine of closing.splice(0)) await engine.close();
});

function opened<Engine extends { close(): Promise<void> }>(engine: Engine): Engine {
  closing.push(engine);
  return engine;
}

/** An engine whose worker parks whatever waits, and one that reads. */
function machines(of: Parameters<typeof createEngine>[0], open: () => RunStore) {
  const worker = opened(createEngine(of, { store: open() }));
  const reader = opened(createEngine(of, { store: open() }));
  const work = () => worker.work({ parkMs: 0, pollMs: 20 });
  return { worker, reader, work };
}

async function texts(items: AsyncIterable<unknown>): Promise<string> {
  const seen: string[] = [];
  for await (const item of items as AsyncIterable<{
    readonly kind: string;
    readonly chunk?: { readonly said: string };
    readonly run?: { readonly status: string };
  }>) {
    if (item.kind === 'chunk') seen.push(item.chunk?.said ?? '');
    if (item.kind === 'reset') seen.push('<- ');
    if (item.kind === 'done') seen.push(` ${item.run?.status}`);
  }
  return seen.join('');
}

async function parked(store: RunStore, runId: string): Promise<void> {
  await vi.waitFor(async () => expect((await store.find(runId))?.status).toBe('paused'), patience);
}

describe.each(Object.entries(stores))('over %s, a reader', (_name, newPlace) => {
  it('stays with a run that sleeps, and sees all of it', async () => {
    const { worker, reader, work } = machines(naps, newPlace());
    await worker.enqueue({}, { runId: 'run-1' });
    const early = texts(reader.read('run-1'));
    const here = texts(worker.read('run-1'));
    work();
    await pause(napMs / 4);
    const late = texts(reader.read('run-1'));
    expect(await Promise.all([early, late, here])).toEqual(Array.from({ length: 3 }, () => 'good night done'));
  });

  it('stays with a run that waits before a further attempt', async () => {
    const { worker, reader, work } = machines(retries, newPlace());
    await worker.enqueue({}, { runId: 'run-1' });
    work();
    expect(await texts(reader.read('run-1'))).toBe('try 1 <- try 2  done');
  });

  it('stays with a run that waits for a signal with a time limit', async () => {
    const { worker, reader, work } = machines(receivesInTime, newPlace());
    await worker.enqueue({}, { runId: 'run-1' });
    work();
    expect(await texts(reader.read('run-1'))).toBe('well! done');
  });

  it('stays where the signal is taken while it looks', async () => {
    const open = newPlace();
    const { worker, work } = machines(receives, open);
    await worker.enqueue({}, { runId: 'run-1' });
    const first = work();
    await parked(open(), 'run-1');
    await first.stop();
    await worker.send('run-1', 'go', true);
    let isTaken = false;
    const store = keptStore(open(), {
      isDurable: true,
      inbox: async (runId) => {
        if (!isTaken) {
          isTaken = true;
          await worker.resume(runId);
        }
        return open().inbox(runId);
      },
    });
    const reader = opened(createEngine(receives, { store }));
    expect(await texts(reader.read('run-1'))).toBe('well! done');
    expect(isTaken).toBe(true);
  });

  it.each([
    ['for an answer', asks],
    ['for a signal', receives],
  ])('ends where a run waits %s', async (_what, of) => {
    const open = newPlace();
    const { worker, reader, work } = machines(of, open);
    await worker.enqueue({}, { runId: 'run-1' });
    work();
    expect(await texts(reader.read('run-1'))).toBe('well paused');
  });

  it('ends where a run stands at a breakpoint, though it has a time limit', async () => {
    const open = newPlace();
    const { worker, reader, work } = machines(stops, open);
    await worker.enqueue({}, { runId: 'run-1', timeoutMs: 60_000, pauseBefore: ['later'] });
    work();
    expect(await texts(reader.read('run-1'))).toBe(' paused');
  });

  it('stays where the answer has come, and the run has yet to be woken', async () => {
    const { worker, reader, work } = machines(asks, newPlace());
    await worker.enqueue({}, { runId: 'run-1' });
    const first = work();
    expect(await texts(reader.read('run-1'))).toBe('well paused');
    await first.stop();
    await reader.answer('run-1', undefined, true);
    const read = texts(reader.read('run-1'));
    await pause(50);
    work();
    expect(await read).toBe('well! done');
  });

  it('learns that a sleeping run was cancelled', async () => {
    const open = newPlace();
    const { worker, reader, work } = machines(sleepsLong, open);
    await worker.enqueue({}, { runId: 'run-1' });
    work();
    const read = texts(reader.read('run-1'));
    await parked(open(), 'run-1');
    await pause(100);
    await worker.cancel('run-1', 'enough');
    expect(await read).toBe('well<-  cancelled');
  });

  it('leaves a sleeping run when it wants to, or its engine closes', async () => {
    const open = newPlace();
    const { worker, reader, work } = machines(sleepsLong, open);
    await worker.enqueue({}, { runId: 'run-1' });
    work();
    await parked(open(), 'run-1');
    const items = reader.read('run-1')[Symbol.asyncIterator]();
    for (let next = await items.next(); next.value?.kind !== 'chunk'; next = await items.next());
    const waiting = items.next();
    await items.return?.();
    expect((await waiting).done).toBe(true);
    const kinds: string[] = [];
    const read = (async () => {
      for await (const { kind } of reader.read('run-1')) kinds.push(kind);
    })();
    await pause(50);
    await reader.close();
    await read;
    expect(kinds.at(-1)).toBe('detached');
  });

  it('costs little while the run sleeps', async () => {
    const open = newPlace();
    const { worker, work } = machines(sleepsLong, open);
    await worker.enqueue({}, { runId: 'run-1' });
    const working = work();
    await parked(open(), 'run-1');
    await working.stop();
    let asked = 0;
    const counting = new Proxy(open(), {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]) => {
          asked += 1;
          return value.apply(target, given) as unknown;
        };
      },
    });
    const reader = opened(createEngine(sleepsLong, { store: counting }));
    const read = texts(reader.read('run-1'));
    await pause(500);
    asked = 0;
    await pause(2_000);
    expect(asked).toBeLessThanOrEqual(3);
    await reader.close();
    expect(await read).toBe('well');
  });
});

it('a stream for a browser stays open while the run sleeps, with comments', async () => {
  const { worker, reader, work } = machines(naps, (stores.SQLite as () => () => RunStore)());
  await worker.enqueue({}, { runId: 'run-1' });
  work();
  const body = await eventStreamResponse(reader.read('run-1'), { keepAliveMs: 100 }).text();
  const comments = body.split('\n').filter((line) => line.startsWith(':')).length;
  expect(comments).toBeGreaterThan(2);
  expect(body).toContain('night');
  expect(body).toContain('"status":"done"');
});
