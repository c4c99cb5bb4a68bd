// Where readers of other systems lose something: runs that fail and go on, that pause and go on meanwhile, that get another
// graph, stores that fail, readers and listeners that go away in the middle.
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RepriseError, append, createEngine, fields, graph, memoryStore, text } from '../../../src/index.ts';
import type { RunStore } from '../../../src/index.ts';

interface Item {
  readonly kind: string;
  readonly cursor: string;
  readonly key?: string;
  readonly ordinal?: number;
  readonly chunk?: unknown;
  readonly delta?: unknown;
}

/** What tells an item from others, in few characters. */
function short({ kind, key, ordinal, chunk }: Item): string {
  if (kind === 'chunk') return `${key}@${ordinal} ${Object.values(chunk as object).join()}`;
  return key === undefined ? kind : `${kind} ${key}`;
}

async function all(items: AsyncIterable<unknown>): Promise<readonly Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item as Item);
  return list;
}

const orders = ['arrival', 'canonical'] as const;

/** A store that outlives the engines that close it. */
function kept(store: RunStore, changes: Partial<RunStore> = {}): RunStore {
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'close') return () => undefined;
      const value: unknown = Reflect.get(name in changes ? changes : target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

describe.each(orders)('in %s order', (order) => {
  it.each([true, false])(
    'what was void as the run failed counts again where it is gone on with (done: %s)',
    async (isDone) => {
      let isBroken = true;
      const beside = Promise.withResolvers<void>();
      const pair = graph('pair', { state: fields({ a: text(), b: text() }) })
        .node('begin', (_state, { goto }) => ({ route: [goto('low'), goto('high')] }))
        .node('low', async function* () {
          yield { a: 'a0' };
          if (isDone) await beside.promise;
          await pause(20);
          if (isBroken) throw new Error('not yet');
          yield { a: 'a1' };
        })
        .node('high', async function* (_state, { signal }) {
          yield { b: 'b0' };
          if (!isDone && isBroken) await new Promise((resolve) => signal.addEventListener('abort', resolve));
          yield { b: 'b1' };
          beside.resolve();
        })
        .start('begin')
        .build();
      await using engine = createEngine(pair);
      const first = await all(engine.stream({ a: '', b: '' }, { runId: 'run', order }));
      expect(first.filter(({ kind }) => kind === 'reset').map(({ key }) => key)).toEqual(['2.0#1', '2.1#1']);
      isBroken = false;
      expect(await engine.resume('run').orThrow()).toEqual({ a: 'a0a1', b: 'b0b1' });
      const rest = await all(engine.read('run', { order, from: first.at(-1)?.cursor ?? '' }));
      const chunks = rest.filter(({ kind }) => kind === 'chunk').map(short);
      expect([...chunks].sort()).toEqual(['2.0#2@0 a0', '2.0#2@1 a1', '2.1#1@0 b0', '2.1#1@1 b1']);
      const whole = (await all(engine.read('run', { order }))).map(short);
      expect(whole.slice(-rest.length)).toEqual(rest.map(short));
    },
  );

  it('an item of which the store never got the entry is void, and what comes instead is given', async () => {
    let life = 1;
    const writer = graph('writer', { state: fields({ a: text() }) })
      .node('write', async function* () {
        for (const place of [0, 1, 2]) {
          yield { a: `${life}:${place}` };
          await pause(5);
        }
      })
      .start('write')
      .build();
    const store = memoryStore();
    let failures = 1;
    const failing = kept(store, {
      append: (...given) => {
        failures -= 1;
        if (failures === 0) throw new RepriseError('store-full', 'the disk is full', { nextStep: 'Make room.' });
        return store.append(...given);
      },
    });
    const engine = createEngine(writer, { store: failing, durability: 'step', leaseMs: 100 });
    const running = expect(engine.run({ a: '' }, { runId: 'run' })).rejects.toMatchObject({ code: 'store-full' });
    const reading = all(engine.read('run', { order }));
    await running;
    await pause(120);
    life = 2;
    await engine.resume('run').orThrow();
    const seen = (await reading).map(short);
    expect(seen).toContain('1.0#1@0 1:0');
    const voided = seen.indexOf('reset 1.0#1');
    expect(seen.slice(voided + 1)).toEqual(['1.0#1@0 2:0', '1.0#1@1 2:1', '1.0#1@2 2:2', 'node-done 1.0#1', 'done']);
    await engine.close();
  });
});

it('a slow reader of a paused run ends where the run stood, with a cursor that gives the rest', async () => {
  const asking = graph('asking', { state: fields({ a: text() }) })
    .node('write', async function* (_state, { ask }) {
      yield { a: 'a0' };
      yield { a: 'a1' };
      await ask('go on?');
      yield { a: 'a2' };
    })
    .start('write')
    .build();
  // A store that is asked over a network: what a reader has read stays as it was.
  const store = memoryStore();
  const paged = kept(store, {
    read: async function* (...given: Parameters<RunStore['read']>) {
      const page = [];
      for await (const entry of store.read(...given)) page.push(entry);
      yield* page;
    },
  });
  await using engine = createEngine(asking, { store: paged });
  expect((await engine.run({ a: '' }, { runId: 'run' })).status).toBe('paused');
  const seen: Item[] = [];
  for await (const item of engine.read('run')) {
    seen.push(item as unknown as Item);
    if (seen.length === 1) await engine.resume('run', { answer: true });
  }
  const last = seen.at(-1) as Item & { readonly run?: { readonly status: string } };
  expect([last.kind, last.run?.status]).toEqual(['done', 'paused']);
  const rest = await all(engine.read('run', { from: last.cursor }));
  expect([...seen.slice(0, -1), ...rest].map(short)).toEqual((await all(engine.read('run'))).map(short));
});

it('the delta of a chunk is folded by the graph that the run went on with', async () => {
  const store = kept(memoryStore());
  const graphOf = (isNew: boolean) =>
    graph('upgraded', { state: fields({ a: text(), b: text(), c: append<string>() }) })
      .node('one', () => ({}))
      .node('two', async function* () {
        for (const word of ['p', 'q']) yield isNew ? { b: word, c: [word] } : { a: word };
      })
      .edge('one', 'two')
      .start('one')
      .build();
  const older = graph('upgraded', { state: fields({ a: text() }) })
    .node('one', () => ({}))
    .node('two', () => ({}))
    .edge('one', 'two')
    .start('one')
    .build();
  const first = createEngine(older, { store });
  expect((await first.run({ a: '' }, { runId: 'run', pauseAfter: ['one'] })).status).toBe('paused');
  await first.close();
  const second = createEngine(graphOf(true), { store });
  await second.resume('run', { force: true }).orThrow();
  const chunks = (await all(second.read('run'))).filter(({ kind }) => kind === 'chunk');
  expect(chunks.at(-1)?.delta).toEqual({ b: 'pq', c: ['p', 'q'] });
  await second.close();
});

describe('who goes away', () => {
  const slow = graph('slow', { state: fields({ a: text() }) })
    .node('write', async function* (_state, { signal }) {
      yield { a: 'a0' };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    })
    .start('write')
    .build();

  it('in the middle of waiting is told at once, and nothing looks at the run for them any more', async () => {
    const store = memoryStore();
    let finds = 0;
    const counted = kept(store, {
      find: (runId) => {
        finds += 1;
        return store.find(runId);
      },
    });
    const engine = createEngine(slow, { store: counted });
    const running = engine.run({ a: '' }, { runId: 'run' });
    const elsewhere = createEngine(slow, { store: counted });
    await pause(5);
    const readers = [engine, elsewhere].flatMap((one) => [one.read('run'), one.read('run')]);
    for (const [index, reader] of readers.entries()) {
      const items = reader[Symbol.asyncIterator]();
      if (index % 2 === 0) await items.next();
      const next = items.next();
      if (index > 1) await pause(10);
      expect(await items.return?.(undefined)).toEqual({ done: true, value: undefined });
      const left = await next;
      expect(left.done === true || ['node-start', 'chunk'].includes(left.value.kind)).toBe(true);
    }
    await pause(120);
    const before = finds;
    await pause(150);
    expect(finds).toBe(before);
    await elsewhere.close();
    await engine.close();
    expect((await running).status).toBe('interrupted');
  });

  it('by throwing in a listener lets the nodes go on', async () => {
    const many = graph('many', { state: fields({ a: text() }) })
      .node('write', async function* () {
        for (let place = 0; place < 50; place += 1) yield { a: 'x' };
      })
      .start('write')
      .build();
    await using engine = createEngine(many);
    const stream = engine.stream({ a: '' }, { onSlow: 'wait', highWaterMark: 2 });
    const told = new Promise((resolve) => {
      stream.subscribe(() => {
        throw new Error('listener');
      }, resolve);
    });
    expect(String(await told)).toBe('Error: listener');
    expect((await stream.result).status).toBe('done');
  });
});
