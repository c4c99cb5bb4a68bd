// Chunks that are let go with the commit of their step: readers in time see them, late ones get one snapshot, and never a gap.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEngine, fields, graph, last, memoryStore, sum, text } from '../../../src/index.ts';
import type { RunStore } from '../../../src/index.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { exportRunTo } from '../../../src/record/index.ts';
import { sqliteStore } from '../../../src/store/sqlite/index.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { collected } from '../../support/journals.ts';

const words = (first: string): string[] => Array.from({ length: 100 }, (_unused, place) => `${first}${place} `);

const writer = graph('writer', { state: fields({ left: text(), right: text(), behind: text() }) })
  .node('begin', (_state, { goto }) => ({ route: [goto('left'), goto('right')] }))
  .node(
    'left',
    async function* (_state, { attempt }) {
      for (const [place, word] of words('l').entries()) {
        if (attempt === 1 && place === 70) throw new Error('not yet');
        if (place % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
        yield { left: word };
      }
    },
    { retry: { attempts: 2 } },
  )
  .node('right', async function* () {
    for (const word of words('r')) yield { right: word };
  })
  .node('behind', async function* () {
    for (const word of words('t')) yield { behind: word };
  })
  .edge('left', 'behind')
  .edge('right', 'behind')
  .start('begin')
  .build();

interface Item {
  readonly kind: string;
  readonly cursor: string;
  readonly key?: string;
  readonly from?: number;
  readonly chunk?: Readonly<Record<string, string>>;
  readonly delta?: Readonly<Record<string, string>>;
}

/** What a reader knows of each attempt. */
class View {
  readonly chunks = new Map<string, string[]>();
  add({ kind, key = '', from = 0, chunk = {}, delta = {} }: Item): void {
    const known = this.chunks.get(key) ?? [];
    if (kind === 'chunk') this.chunks.set(key, [...known, ...Object.values(chunk)]);
    if (kind === 'reset') this.chunks.set(key, known.slice(0, from));
    if (kind === 'snapshot') this.chunks.set(key, [Object.values(delta).join('')]);
  }
  get said(): Readonly<Record<string, string>> {
    const known = [...this.chunks].map(([key, chunks]) => [key, chunks.join('')] as const);
    return Object.fromEntries(known.filter(([, said]) => said !== '').sort());
  }
}

const wanted = {
  '2.0#2': words('l').join(''),
  '2.1#1': words('r').join(''),
  '3.0#1': words('t').join(''),
};

describe.each([
  ['memory', 'effect', () => memoryStore()],
  ['memory', 'step', () => memoryStore()],
  ['SQLite', 'effect', () => sqliteStore(join(temporaryFolder(), 'runs.db'))],
  ['SQLite', 'step', () => sqliteStore(join(temporaryFolder(), 'runs.db'))],
] as const)('in %s, written at level %s', (_name, durability, newStore: () => RunStore) => {
  it.each(['arrival', 'canonical'] as const)('are seen in time, and as snapshots later, in %s order', async (order) => {
    const store = newStore();
    await using engine = createEngine(writer, { store, durability, keepChunks: 'step' });
    const live = new View();
    const seen: Item[] = [];
    for await (const item of engine.stream(
      { left: '', right: '', behind: '' },
      { runId: 'run', order, ...(order === 'arrival' ? { onSlow: 'wait', highWaterMark: 8 } : {}) },
    )) {
      seen.push(item as unknown as Item);
      live.add(item as unknown as Item);
    }
    expect(live.said).toEqual(wanted);
    if (order === 'arrival') expect(seen.filter(({ kind }) => kind === 'chunk').length).toBeGreaterThan(0);
    // Whoever comes back, from wherever, comes to know the same.
    for (let count = 0; count < seen.length - 1; count += 7) {
      const view = new View();
      for (const item of seen.slice(0, count)) view.add(item);
      const from = count === 0 ? {} : { from: (seen[count - 1] as Item).cursor };
      const kinds: string[] = [];
      for await (const item of engine.read('run', { order, ...from })) {
        view.add(item as unknown as Item);
        kinds.push(item.kind);
      }
      expect(view.said, `behind ${count} items`).toEqual(wanted);
      expect(kinds.filter((kind) => kind === 'chunk')).toEqual([]);
      expect(kinds.filter((kind) => kind === 'snapshot').length).toBeLessThanOrEqual(3);
    }
  });

  it('are not in the store any more, which costs the run its export and nothing else', async () => {
    const store = newStore();
    const engine = createEngine(writer, { store, durability, keepChunks: 'step' });
    const run = await engine.run({ left: '', right: '', behind: '' }, { runId: 'run' });
    const kept = (entries: readonly Entry[]): number =>
      entries.reduce((count, entry) => count + (entry.kind === 'chunk' ? entry.deltas.length : 0), 0);
    expect(kept(await collected(store.read('run')))).toBe(0);
    expect(await engine.stateAt('run', 3)).toEqual(run.state);
    await expect(exportRunTo(store, 'run', `${temporaryFolder()}/`)).rejects.toMatchObject({ code: 'chunks-dropped' });
    await engine.close();
  });
});

it('nothing of them is left in a file, however long they are', async () => {
  const path = join(temporaryFolder(), 'runs.db');
  const long = graph('long', { state: fields({ count: sum(), said: last('') }) })
    .node('write', async function* () {
      for (let place = 0; place < 300; place += 1) yield { count: 1, said: `needle ${place} `.repeat(40) };
    })
    .start('write')
    .build();
  const bytesWith = async (keepChunks: 'run' | 'step'): Promise<string> => {
    const store = sqliteStore(path);
    await createEngine(long, { store, keepChunks }).run({}, { runId: keepChunks });
    if (keepChunks === 'run') await store.delete('run');
    await store.vacuum();
    await store.close();
    return readFileSync(path, 'latin1');
  };
  await bytesWith('run');
  expect((await bytesWith('step')).split('needle 7 ').length - 1).toBe(0);
});

it('a store that cannot let them go is refused, and a wish that is none', () => {
  const store = memoryStore();
  Reflect.set(store, 'dropChunks', undefined);
  expect(() => createEngine(writer, { store, keepChunks: 'step' })).toThrow(/keepChunks/);
  expect(() => createEngine(writer, { keepChunks: 'never' as never })).toThrow(/keepChunks/);
});
