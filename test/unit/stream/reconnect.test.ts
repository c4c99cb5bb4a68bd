// What a reader costs that comes back: it reads the step that its cursor is in and what follows, and never the start.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEngine, fields, graph, memoryStore, sum, text } from '../../../src/index.ts';
import type { RunStore } from '../../../src/index.ts';
import { sqliteStore } from '../../../src/store/sqlite/index.ts';
import { countingStore } from '../../support/counting-store.ts';
import { temporaryFolder } from '../../support/folder.ts';

interface Item {
  readonly kind: string;
  readonly cursor: string;
}

async function taken(items: AsyncIterable<unknown>, count = Number.POSITIVE_INFINITY): Promise<readonly Item[]> {
  const list: Item[] = [];
  for await (const item of items) {
    list.push(item as Item);
    if (list.length === count) break;
  }
  return list;
}

const told = (items: readonly Item[]): readonly string[] =>
  items.map((item) => JSON.stringify({ ...item, cursor: undefined }));

/** The cursor that version 1 would have given in its place. */
function version1(cursor: string): string {
  const [isEnd] = /\.end$/.exec(cursor) ?? [''];
  const json = JSON.parse(Buffer.from(cursor.replace('.end', ''), 'base64url').toString()) as unknown[];
  json[0] = 1;
  json.splice(5, 1);
  return Buffer.from(JSON.stringify(json)).toString('base64url') + isEnd;
}

/** The same cursor with another step start. */
function withStart(cursor: string, start: readonly number[]): string {
  const json = JSON.parse(Buffer.from(cursor.replace('.end', ''), 'base64url').toString()) as unknown[];
  json[5] = start;
  return Buffer.from(JSON.stringify(json)).toString('base64url');
}

const stepCount = 1_000;
/** Each step has two tasks, one of which streams. */
const entriesOfStep = 4;

const counter = graph('counter', { state: fields({ count: sum(), log: text() }) })
  .node('begin', (_state, { goto }) => ({ route: [goto('count'), goto('write')] }))
  .node('count', () => ({ delta: { count: 1 } }))
  .node('write', async function* () {
    yield { log: 'a' };
    yield { log: 'b' };
  })
  .edge('count', 'count', { when: ({ count }) => count < stepCount })
  .edge('count', 'write', { when: ({ count }) => count < stepCount })
  .start('begin')
  .build();

/** `resultCost`: what it takes to know the state at the end, from the last checkpoint on. */
describe.each<readonly [string, number, () => RunStore]>([
  ['memory', 1, () => memoryStore()],
  ['SQLite', 100, () => sqliteStore(join(temporaryFolder(), 'runs.db'), { checkpointLength: 8_192 })],
])('of a run of 1,000 steps in %s', (_name, resultCost, newStore) => {
  it.each(['arrival', 'canonical'] as const)('one item costs a step, wherever it is, in %s order', async (order) => {
    const { store, takeCount } = countingStore(newStore());
    await using engine = createEngine(counter, { store, maxSteps: stepCount + 10 });
    expect((await engine.run({ log: '' }, { runId: 'run' })).status).toBe('done');
    takeCount();
    const all = await taken(engine.read('run', { order }));
    expect(all.length).toBeGreaterThan(4 * (stepCount - 1));
    expect(takeCount()).toBeGreaterThan(entriesOfStep * (stepCount - 1));
    let most = 0;
    for (let index = 0; index < all.length - 2; index += 97) {
      const { cursor } = all[index] as Item;
      const rest = await taken(engine.read('run', { order, from: cursor }), 1);
      expect(told(rest)).toEqual(told(all.slice(index + 1, index + 2)));
      most = Math.max(most, takeCount());
    }
    // The graph, the commit before the step, the step itself (in canonical order what waits is read again), and one more
    // where the item is in the next step.
    expect(most).toBeLessThanOrEqual(3 + 3 * (entriesOfStep + 1));
    // A reader that has had everything is given the end again.
    const { cursor } = all.at(-1) as Item;
    expect((await taken(engine.read('run', { order, from: cursor }))).map(({ kind }) => kind)).toEqual(['done']);
    expect(takeCount()).toBeLessThanOrEqual(3 + 3 * (entriesOfStep + 1) + resultCost);
    // A cursor of version 1 does not say where its step begins.
    const middle = all.length >> 1;
    const rest = await taken(engine.read('run', { order, from: version1((all[middle] as Item).cursor) }), 1);
    expect(told(rest)).toEqual(told(all.slice(middle + 1, middle + 2)));
    expect(takeCount()).toBeGreaterThan(entriesOfStep * (stepCount / 2 - 2));
  });
});

it('a reader that follows a run of this process closely asks the store for its beginning alone', async () => {
  const { store, takeCount } = countingStore(sqliteStore(join(temporaryFolder(), 'runs.db')));
  const many = graph('many', { state: fields({ log: text() }) })
    .node('write', async function* () {
      for (let count = 0; count < 5_000; count += 1) yield { log: 'x' };
    })
    .start('write')
    .build();
  await using engine = createEngine(many, { store });
  let chunks = 0;
  let length = 0;
  for await (const item of engine.stream({ log: '' }, { runId: 'run' })) {
    if (item.kind !== 'chunk') continue;
    chunks += 1;
    if (chunks % 1_000 === 0) length = item.delta.log?.length ?? 0;
  }
  expect([chunks, length]).toEqual([5_000, 5_000]);
  // The run, the commit of its input, its first chunks and its end.
  expect(takeCount()).toBeLessThan(12);
});

describe('a cursor whose journal is not the one that it was given for', () => {
  const small = graph('small', { state: fields({ log: text(), count: sum() }) })
    .node('write', async function* () {
      yield { log: 'a', count: 1 };
    })
    .edge('write', 'write', { when: ({ count }) => count < 5 })
    .start('write')
    .build();

  it.each(['arrival', 'canonical'] as const)(
    'is read from the first entry on where its step does not begin where it says, in %s order',
    async (order) => {
      const { store, takeCount } = countingStore(memoryStore());
      await using engine = createEngine(small, { store });
      await engine.run({ log: '' }, { runId: 'run' });
      const all = await taken(engine.read('run', { order }));
      const middle = all.length >> 1;
      const { cursor } = all[middle] as Item;
      for (const start of [
        // No commit stands before it; no graph stands there; it is after the cursor; it is after the end.
        [3, 0, 0],
        [8, 1, 0],
        [17, 0, 0],
        [1_000, 0, 0],
        [1_000, 999, 0],
      ]) {
        takeCount();
        const rest = await taken(engine.read('run', { order, from: withStart(cursor, start) }));
        expect(told(rest)).toEqual(told(all.slice(middle + 1)));
        expect(takeCount()).toBeGreaterThan(15);
      }
    },
  );
});
