// Runs whose result depends on what comes first replay the same, and a run that is cut off anywhere continues with what
// came first before.
import { join } from 'node:path';
import { createEngine, memoryStore } from 'reprise';
import type { AnyGraph, RunStore } from 'reprise';
import { httpEffects } from 'reprise/http';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import type { Entry, RunEntry } from '../../../src/journal/entry.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { collected } from '../../support/journals.ts';
import { keptStore } from '../../support/changed-store.ts';
import { drawnOutside } from './drawn-outside.ts';
import { racingGraphs, sharingMemory } from './racing-graphs.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const recordings = isLong ? 100 : 4;
const cutRuns = isLong ? 20 : 1;
const seed = process.env.REPRISE_TEST_SEED ?? '20261123';

const outside = await drawnOutside(seed, 'delays');

async function recorded(graph: AnyGraph, store: RunStore): Promise<unknown> {
  const engine = createEngine(graph, { store, effects: [httpEffects()] });
  const { state } = (await engine.run({}, { runId: 'run' })) as { readonly state: unknown };
  await engine.close();
  return state;
}

async function replayed(graph: AnyGraph, store: RunStore, folder: string): Promise<unknown> {
  const path = await exportRunTo(store, 'run', join(folder, 'run.run.jsonl'), { force: true });
  const { run, report } = await replay(graph, path);
  return { state: (run as { readonly state: unknown }).state, verdict: report.verdict, outOfOrder: report.outOfOrder };
}

async function cutOff(entries: readonly Entry[], count: number): Promise<RunStore> {
  const store = keptStore(memoryStore());
  const lease = await store.create(entries[0] as RunEntry);
  await store.append(lease, entries.slice(1, count));
  await store.release(lease);
  return store;
}

// Each life has modules of its own.
describe.each(Object.entries(racingGraphs))('%s', (name, graphOf) => {
  it('replays the same, whatever came first', { timeout: 600_000 }, async () => {
    const folder = temporaryFolder();
    const seen = new Set<string>();
    for (let count = 0; count < recordings; count += 1) {
      const store = keptStore(memoryStore());
      const state = await recorded(graphOf(outside), store);
      seen.add(JSON.stringify(state));
      expect(await replayed(graphOf(outside), store, folder)).toEqual({ state, verdict: 'same', outOfOrder: 0 });
    }
    if (isLong) expect(seen.size, 'different results').toBeGreaterThan(1);
  });

  // What nodes keep in a variable of a module does not outlive its process.
  it.skipIf(name === sharingMemory)(
    'continues with what came first, when it was cut off',
    { timeout: 600_000 },
    async () => {
      const folder = temporaryFolder();
      for (let count = 0; count < cutRuns; count += 1) {
        const whole = keptStore(memoryStore());
        const wholeState = await recorded(graphOf(outside), whole);
        const entries = await collected(whole.read('run', 0));
        // Nothing comes after these that could come first.
        const decided = entries.findLastIndex(({ kind }) => kind === 'effect' || kind === 'ambient') + 1;
        let decidedCuts = 0;
        for (let cut = 2; cut < entries.length; cut += 1) {
          const store = await cutOff(entries, cut);
          const engine = createEngine(graphOf(outside), { store, effects: [httpEffects()] });
          const run = await engine.resume('run');
          await engine.close();
          expect(run.status, `cut off after ${cut} of ${entries.length}`).toBe('done');
          const { state } = run as { readonly state: unknown };
          expect(await replayed(graphOf(outside), store, folder), `cut off after ${cut}`).toEqual({
            state,
            verdict: 'same',
            outOfOrder: 0,
          });
          if (cut < decided) continue;
          decidedCuts += 1;
          expect(state, `cut off after ${cut}, when all was decided`).toEqual(wholeState);
        }
        expect(decidedCuts).toBeGreaterThan(0);
      }
    },
  );
});
