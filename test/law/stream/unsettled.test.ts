// Where a run is written with its commits, readers see chunks that the store does not have yet. Whoever comes back after a
// crash is told that they are void, and sees the canonical chunks in the end.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawStream } from '../../../src/base/draw.ts';
import { createEngine, fields, graph, memoryStore, text } from '../../../src/index.ts';
import type { RunStore } from '../../../src/index.ts';
import { collected } from '../../support/journals.ts';
import { ReaderView, chunkLog } from './reader-view.ts';
import { streamScript, streamingGraph } from './streaming-graph.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const seed = Number(process.env.REPRISE_TEST_SEED ?? 20_261_123);
const leaseMs = 100;

/** The store as a process sees it that dies: from some moment on nothing of it arrives. */
function untilCut(store: RunStore): { readonly store: RunStore; readonly cut: () => void } {
  let isCut = false;
  const seen = new Proxy(store, {
    get: (target, name) => {
      if (name === 'isDurable') return true;
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name === 'read') return value.bind(target);
      return (...given: unknown[]) => (isCut ? new Promise(() => undefined) : value.apply(target, given));
    },
  });
  return {
    store: seen,
    cut: () => {
      isCut = true;
    },
  };
}

it('come back over a crash at any moment, and see each chunk that counts once', {
  timeout: isLong ? 3_600_000 : 180_000,
}, async () => {
  let resets = 0;
  await fc.assert(
    fc.asyncProperty(
      streamScript,
      fc.constantFrom('arrival' as const, 'canonical' as const),
      fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme-ascii' }),
      async (script, order, draws) => {
        const draw = drawStream(draws, 'crash').next;
        const whole = createEngine(streamingGraph(script), { store: memoryStore() });
        const stream = whole.stream({} as never, { runId: 'run', seed: 's', order });
        const plain = new ReaderView();
        for await (const item of stream) plain.add(item as never);
        await whole.close();

        const store = memoryStore();
        const dying = untilCut(store);
        const first = createEngine(streamingGraph(script), { store: dying.store, durability: 'step', leaseMs });
        const view = new ReaderView();
        let left = Math.floor(draw() * (plain.chunkCount + 3));
        for await (const item of first.stream({} as never, { runId: 'run', seed: 's', order })) {
          view.add(item as never);
          if (left === 0) break;
          left -= 1;
        }
        dying.cut();
        if (view.isDone) return;
        await new Promise((resolve) => setTimeout(resolve, leaseMs + 20));
        const second = createEngine(streamingGraph(script), { store, durability: 'step' });
        const isEnded = (await store.find('run'))?.status === 'done';
        const running = isEnded ? undefined : second.resume('run');
        while (!view.isDone) {
          const from = view.cursor === undefined ? {} : { from: view.cursor };
          // As long as the step is under way whoever comes back begins it anew.
          await new Promise((resolve) => setImmediate(resolve));
          let count = Math.floor(draw() * 200);
          for await (const item of second.read('run', { order, ...from })) {
            view.add(item as never);
            if (item.kind === 'reset') resets += 1;
            if (count === 0) break;
            count -= 1;
          }
        }
        await running;
        const entries = await collected(store.read('run'));
        expect(view.chunks).toEqual(chunkLog(entries));
        expect(view.chunks).toEqual(plain.chunks);
        await second.close();
      },
    ),
    { numRuns: isLong ? 500 : 40, seed },
  );
  expect(resets).toBeGreaterThan(0);
});

/** Each chunk waits until the one before it was seen. */
const writerFor = (seen: () => Promise<void>) =>
  graph('writer', { state: fields({ answer: text() }) })
    .node('write', async function* (_state, { effect }) {
      yield { answer: 'a' };
      await seen();
      await effect('plain', 1, () => 1);
      yield { answer: 'b' };
      await seen();
      await effect('once', 2, () => 2, { once: true });
      yield { answer: 'c' };
      await seen();
    })
    .start('write')
    .build();

describe('written with its commits', () => {
  it('a run shows its chunks before the store has them, but what happens once is in the store before it does', async () => {
    const store = memoryStore();
    const seen = [0, 1, 2].map(() => Promise.withResolvers<void>());
    let waits = 0;
    const writer = writerFor(() => (seen[waits++] as (typeof seen)[number]).promise);
    await using engine = createEngine(writer, { store, durability: 'step' });
    const stored: number[] = [];
    for await (const item of engine.stream({}, { runId: 'run' })) {
      if (item.kind !== 'chunk') continue;
      const kinds = (await collected(store.read('run'))).map(({ kind }) => kind);
      stored.push(kinds.filter((kind) => kind === 'chunk').length);
      seen[item.ordinal]?.resolve();
    }
    // The third is seen when the effect that happens once was written down, and all that was there before it.
    expect(stored).toEqual([0, 0, 2]);
    const entries = await collected(store.read('run'));
    const begin = entries.findIndex(({ kind }) => kind === 'begin');
    const once = entries.findIndex((entry) => entry.kind === 'effect' && entry.name === 'once');
    expect(begin).toBeGreaterThan(0);
    expect(begin).toBeLessThan(once);
  });

  it('a run of plain effects is written once a step', async () => {
    const plain = graph('plain', { state: fields({ answer: text() }) })
      .node('write', async function* (_state, { effect }) {
        for (let place = 0; place < 5; place += 1) yield { answer: String(await effect('ask', place, () => place)) };
      })
      .start('write')
      .build();
    const appendsAt = async (durability: 'effect' | 'step'): Promise<number> => {
      const store = memoryStore();
      const append = store.append.bind(store);
      let appends = 0;
      store.append = (...given) => {
        appends += 1;
        return append(...given);
      };
      await using engine = createEngine(plain, { store, durability });
      await engine.run({}).orThrow();
      return appends;
    };
    // The step, and the end of the run.
    expect(await appendsAt('step')).toBe(2);
    expect(await appendsAt('effect')).toBeGreaterThan(5);
    expect(() => createEngine(plain, { durability: 'exit' as never })).toThrow(/durability/);
  });
});
