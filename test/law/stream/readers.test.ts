// Readers of a run see its canonical chunks, whatever they do, and the run is the same, whatever they do.
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawStream } from '../../../src/base/draw.ts';
import { createEngine, memoryStore } from '../../../src/index.ts';
import type { RunStore, StreamOptions } from '../../../src/index.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { sqliteStore } from '../../../src/store/sqlite/index.ts';
import { sharedFolder } from '../../support/folder.ts';
import { collected } from '../../support/journals.ts';
import { canonicalLines } from '../resume/prefix-run.ts';
import { ReaderView, chunkLog } from './reader-view.ts';
import { streamScript, streamingGraph } from './streaming-graph.ts';
import type { StreamScript } from './streaming-graph.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const numRuns = isLong ? 2_000 : 60;
const seed = Number(process.env.REPRISE_TEST_SEED ?? 20_261_123);
const timeout = isLong ? 3_600_000 : 180_000;
const folder = sharedFolder();
let fileCount = 0;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const orders = fc.constantFrom('arrival' as const, 'canonical' as const);
const storeKinds = fc.constantFrom('memory' as const, 'sqlite' as const);
const levels = fc.constantFrom('effect' as const, 'step' as const);
const draws = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme-ascii' });

function storeOf(kind: 'memory' | 'sqlite'): RunStore {
  if (kind === 'memory') return memoryStore();
  fileCount += 1;
  return sqliteStore(join(folder, `${fileCount}.db`));
}

/** The journal of the run when nobody reads. */
async function unread(script: StreamScript): Promise<readonly Entry[]> {
  const store = memoryStore();
  const engine = createEngine(streamingGraph(script), { store });
  await engine.run({} as never, { runId: 'run', seed: 's' });
  const entries = await collected(store.read('run'));
  await engine.close();
  return entries;
}

describe('readers of random streaming runs', () => {
  it('that connect, drop and come back at random see the canonical chunks; the journal is as if nobody read', {
    timeout,
  }, async () => {
    let readers = 0;
    await fc.assert(
      fc.asyncProperty(
        streamScript,
        storeKinds,
        fc.integer({ min: 1, max: 8 }),
        levels,
        draws,
        async (script, kind, limit, durability, text) => {
          const draw = drawStream(text, 'readers').next;
          const wanted = await unread(script);
          const store = storeOf(kind);
          const engine = createEngine(streamingGraph(script), { store, maxConcurrent: limit, durability });
          const running = engine.run({} as never, { runId: 'run', seed: 's' });
          const read = async (order: 'arrival' | 'canonical', delay: number): Promise<ReaderView> => {
            for (let turns = 0; turns < delay; turns += 1) await turn();
            const view = new ReaderView();
            while (!view.isDone) {
              const from = view.cursor === undefined ? {} : { from: view.cursor };
              let left = Math.floor(draw() * (durability === 'step' ? 200 : 12));
              if (durability === 'step') await turn();
              for await (const item of engine.read('run', { order, ...from })) {
                view.add(item as never);
                if (draw() < 0.2) await turn();
                if (left === 0) break;
                left -= 1;
              }
            }
            return view;
          };
          await turn();
          const views = await Promise.all(
            (['arrival', 'canonical', 'arrival', 'canonical'] as const).map((order) =>
              read(order, Math.floor(draw() * 20)),
            ),
          );
          await running;
          const entries = await collected(store.read('run'));
          expect(canonicalLines(entries)).toEqual(canonicalLines(wanted));
          for (const view of views) expect(view.chunks).toEqual(chunkLog(wanted));
          readers += views.length;
          await engine.close();
        },
      ),
      { numRuns, seed },
    );
    console.log(`readers: ${numRuns} graphs, ${readers} readers, seed ${seed}`);
  });

  it('that come back with the cursor of any item are given exactly the rest, of failed and cancelled runs too', {
    timeout,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(streamScript, orders, fc.boolean(), async (script, order, fails) => {
        // Without its further attempts a node that fails fails the run.
        const steps = script.steps.map((nodes) => nodes.map((node) => (fails ? { ...node, retries: 0 } : node)));
        const engine = createEngine(streamingGraph({ ...script, steps }));
        for await (const _item of engine.stream({} as never, { runId: 'run', seed: 's' }));
        const items: { readonly kind: string; readonly cursor: string }[] = [];
        for await (const item of engine.read('run', { order })) items.push(item as never);
        const told = items.map((item) => JSON.stringify({ ...item, cursor: '' }));
        const stride = Math.max(1, Math.floor(items.length / 12));
        for (let index = 0; index < items.length - 1; index += stride) {
          const rest: string[] = [];
          for await (const item of engine.read('run', { order, from: (items[index] as (typeof items)[number]).cursor }))
            rest.push(JSON.stringify({ ...(item as object), cursor: '' }));
          expect(rest, `behind item ${index}`).toEqual(told.slice(index + 1));
        }
        await engine.close();
      }),
      { numRuns, seed },
    );
  });

  it('in canonical order are given the same items in every schedule and at any concurrency', { timeout }, async () => {
    await fc.assert(
      fc.asyncProperty(streamScript, fc.integer({ min: 1, max: 8 }), async (script, limit) => {
        const given = async (maxConcurrent: number): Promise<readonly string[]> => {
          const engine = createEngine(streamingGraph(script), { maxConcurrent });
          const view = new ReaderView();
          for await (const item of engine.stream({} as never, { order: 'canonical', seed: 's' }))
            view.add(item as never);
          await engine.close();
          return view.keys;
        };
        expect(await given(limit)).toEqual(await given(Number.POSITIVE_INFINITY));
      }),
      { numRuns, seed },
    );
  });

  it('are never more than `highWaterMark` chunks behind where nodes wait, and no mix of limits and orders blocks', {
    timeout,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        streamScript,
        storeKinds,
        fc.record({
          order: orders,
          highWaterMark: fc.integer({ min: 1, max: 20 }),
          onSlow: fc.constantFrom('catchUp' as const, 'wait' as const),
        }),
        fc.integer({ min: 1, max: 8 }),
        levels,
        async (script, kind, options, limit, durability) => {
          const wanted = await unread(script);
          const store = storeOf(kind);
          let given = 0;
          const inHand = new Set<string>();
          const graph = streamingGraph(script, (name) => {
            given += 1;
            inHand.add(name);
          });
          const engine = createEngine(graph, { store, maxConcurrent: limit, durability });
          const waits = options.order === 'arrival' && options.onSlow === 'wait';
          const isExact = script.steps
            .flat()
            .concat(script.inner)
            .every(({ byCallback }) => !byCallback);
          const streamed: StreamOptions = {
            order: options.order,
            highWaterMark: options.highWaterMark,
            onSlow: waits ? 'wait' : 'catchUp',
          };
          const view = new ReaderView();
          for await (const item of engine.stream({} as never, { ...streamed, runId: 'run', seed: 's' })) {
            view.add(item as never);
            await turn();
            // Beside those that wait for the reader, each node may have one in its hand.
            if (waits && isExact)
              expect(given - view.chunkCount).toBeLessThanOrEqual(options.highWaterMark + inHand.size);
          }
          expect(view.chunks).toEqual(chunkLog(wanted));
          expect(canonicalLines(await collected(store.read('run')))).toEqual(canonicalLines(wanted));
          await engine.close();
        },
      ),
      { numRuns, seed },
    );
  });

  it('go on over a crash: a run that is cut anywhere and resumed elsewhere gives exactly the rest', {
    timeout,
  }, async () => {
    let cuts = 0;
    await fc.assert(
      fc.asyncProperty(streamScript, orders, draws, async (script, order, text) => {
        const wanted = await unread(script);
        const draw = drawStream(text, 'cuts').next;
        const cut = 2 + Math.floor(draw() * Math.max(1, wanted.length - 3));
        const prefix = wanted.slice(0, cut).filter((entry) => entry.kind !== 'end');
        const [run, ...first] = prefix;
        if (run?.kind !== 'run') throw new Error('a journal begins with its run');
        const store = memoryStore();
        await store.release(await store.create(run, first));
        const engine = createEngine(streamingGraph(script), { store });
        const view = new ReaderView();
        // It reads what is there, and goes on where it was when somebody else has taken the run over.
        const resumed = (async () => {
          for (let turns = Math.floor(draw() * 30); turns > 0; turns -= 1) await turn();
          return engine.resume('run');
        })();
        while (!view.isDone) {
          const from = view.cursor === undefined ? {} : { from: view.cursor };
          let left = Math.floor(draw() * 20);
          for await (const item of engine.read('run', { order, ...from })) {
            view.add(item as never);
            if (left === 0) break;
            left -= 1;
          }
        }
        await resumed;
        expect(view.chunks).toEqual(chunkLog(wanted));
        expect(canonicalLines(await collected(store.read('run')))).toEqual(canonicalLines(wanted));
        cuts += 1;
        await engine.close();
      }),
      { numRuns, seed },
    );
    expect(cuts).toBeGreaterThan(0);
  });
});
