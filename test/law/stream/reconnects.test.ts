// A reader that comes back with the cursor of any item gets exactly the rest, and reads no step that was over before.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { createEngine, memoryStore } from '../../../src/index.ts';
import type { RunStore } from '../../../src/index.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { sqliteStore } from '../../../src/store/sqlite/index.ts';
import { countingStore } from '../../support/counting-store.ts';
import { collected } from '../../support/journals.ts';
import { streamScript, streamingGraph } from './streaming-graph.ts';
import type { StreamScript } from './streaming-graph.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const seed = Number(process.env.REPRISE_TEST_SEED ?? 20_261_128);
const folder = mkdtempSync(join(tmpdir(), 'reprise-reconnects-'));
let fileCount = 0;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function storeOf(kind: 'memory' | 'sqlite'): RunStore {
  if (kind === 'memory') return memoryStore();
  fileCount += 1;
  return sqliteStore(join(folder, `${fileCount}.db`));
}

interface Item {
  readonly kind: string;
  readonly cursor: string;
}

/** What an item says, with the delta of a chunk and without the cursor. */
const told = (item: Item): string =>
  JSON.stringify({ ...item, delta: (item as { readonly delta?: unknown }).delta, cursor: undefined });

/** Without its further attempts a node that fails fails the run. */
function failing(script: StreamScript): StreamScript {
  return { ...script, steps: script.steps.map((nodes) => nodes.map((node) => ({ ...node, retries: 0 }))) };
}

/** The most entries between two commits of the run itself. */
function largestStep(entries: readonly Entry[]): number {
  let [most, count] = [0, 0];
  for (const { kind, at } of entries) {
    count += 1;
    most = Math.max(most, count);
    if (kind === 'commit' && !at.includes('/')) count = 0;
  }
  return most;
}

it('of runs that failed and were resumed, in both orders, in every store, with chunks and without', {
  timeout: isLong ? 3_600_000 : 120_000,
}, async () => {
  let resumes = 0;
  await fc.assert(
    fc.asyncProperty(
      streamScript,
      fc.constantFrom('arrival' as const, 'canonical' as const),
      fc.constantFrom('memory' as const, 'sqlite' as const),
      fc.constantFrom('run' as const, 'step' as const),
      fc.constantFrom('effect' as const, 'step' as const),
      fc.boolean(),
      async (script, order, kind, keepChunks, durability, fails) => {
        const { store, takeCount } = countingStore(storeOf(kind));
        const graph = streamingGraph(fails ? failing(script) : script);
        const engine = createEngine(graph, { store, keepChunks, durability });
        let { status } = await engine.run({} as never, { runId: 'run', seed: 's' });
        for (let count = 0; status === 'failed' && count < 4; count += 1) {
          ({ status } = await engine.resume('run'));
          resumes += 1;
        }
        const most = largestStep(await collected(store.read('run')));
        const items: Item[] = [];
        for await (const item of engine.read('run', { order })) items.push(item as never);
        const stride = Math.max(1, Math.floor(items.length / 12));
        for (let index = 0; index < items.length - 1; index += stride) {
          const { cursor } = items[index] as Item;
          const rest: string[] = [];
          takeCount();
          for await (const item of engine.read('run', { order, from: cursor })) {
            rest.push(told(item as never));
            // The graph and the commit before the step, the step, in canonical order once more for each time that it was
            // gone through, and as much of the step after it.
            if (rest.length === 1 && index < items.length - 2) expect(takeCount()).toBeLessThanOrEqual(3 + 6 * most);
          }
          expect(rest, `after item ${index}`).toEqual(items.slice(index + 1).map(told));
        }
        await engine.close();
      },
    ),
    { numRuns: isLong ? 2_000 : 40, seed, endOnFailure: true },
  );
  expect(resumes).toBeGreaterThan(0);
});

it('of a run that is still going: no chunk is lost or given twice over any number of reconnects', {
  timeout: isLong ? 3_600_000 : 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      streamScript,
      fc.constantFrom('arrival' as const, 'canonical' as const),
      fc.constantFrom('memory' as const, 'sqlite' as const),
      async (script, order, kind) => {
        const engine = createEngine(streamingGraph(script), { store: storeOf(kind) });
        const running = engine.run({} as never, { runId: 'run', seed: 's' });
        await new Promise((resolve) => setImmediate(resolve));
        const seen: string[] = [];
        let from: string | undefined;
        for (let isDone = false; !isDone; ) {
          for await (const item of engine.read('run', { order, ...(from === undefined ? {} : { from }) })) {
            from = item.cursor;
            isDone = item.kind === 'done';
            seen.push(told(item as never));
            break;
          }
        }
        await running;
        const whole: string[] = [];
        for await (const item of engine.read('run', { order })) whole.push(told(item as never));
        expect(seen).toEqual(whole);
        await engine.close();
      },
    ),
    { numRuns: isLong ? 500 : 10, seed, endOnFailure: true },
  );
});
