// Runs that came in an accidental order, and whose recordings no longer say in which: the order is found again.
import { join } from 'node:path';
import { createEngine, memoryStore } from 'reprise';
import type { AnyGraph } from 'reprise';
import { explain } from 'reprise/explore';
import { httpEffects } from 'reprise/http';
import { exportRunTo } from 'reprise/record';
import { describe, expect, it } from 'vitest';
import type { Entry, RunEntry } from '../../../src/journal/entry.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { collected } from '../../support/journals.ts';
import { keptStore } from '../../support/changed-store.ts';
import { drawnOutside } from './drawn-outside.ts';
import { racingGraphs } from './racing-graphs.ts';
import type { Outside } from './racing-graphs.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const recordings = isLong ? 200 : 1;
const seed = process.env.REPRISE_TEST_SEED ?? '20261129';
const outside = await drawnOutside(seed, 'accidents');

/** An explanation asks nobody outside. */
const nobody: Outside = { ...outside, call: async (result) => result };

async function recordedEntries(graph: AnyGraph): Promise<readonly Entry[]> {
  const store = keptStore(memoryStore());
  const engine = createEngine(graph, { store, effects: [httpEffects()] });
  await engine.run({}, { runId: 'run' });
  await engine.close();
  return collected(store.read('run', 0));
}

/** That a timer fired is kept, since a timer that never did is none to race against; but not when it did. */
function withoutOrder(entry: Entry): Entry {
  if (entry.kind === 'effect' || entry.kind === 'outcome') {
    const { order: _, ...observed } = entry.observed;
    return { ...entry, observed } as Entry;
  }
  if (entry.kind !== 'ambient' || entry.observed.firings === undefined) return entry;
  const firings = entry.observed.firings.map((firing) => ({ ...firing, order: 0 }));
  return { ...entry, observed: { ...entry.observed, firings } };
}

async function fixtureOf(entries: readonly Entry[], folder: string): Promise<string> {
  const store = memoryStore();
  const lease = await store.create(entries[0] as RunEntry);
  await store.append(lease, entries.slice(1));
  return exportRunTo(store, 'run', join(folder, 'run.run.jsonl'), { force: true });
}

describe.each(Object.entries(racingGraphs))('%s', (name, graphOf) => {
  it('the order behind a recording is found', { timeout: 3_600_000 }, async () => {
    const folder = temporaryFolder();
    const tried: number[] = [];
    for (let count = 0; count < recordings; count += 1) {
      const entries = await recordedEntries(graphOf(outside));
      const path = await fixtureOf(entries.map(withoutOrder), folder);
      const report = await explain(() => graphOf(nobody), path, { seed: String(count) });
      // An order may be first in, first out by accident.
      if (report.fifo === 'differently') expect(report).toMatchObject({ verdict: 'race', race: { from: 'search' } });
      if (report.race !== undefined) tried.push(report.race.after);
      const inOrder = await explain(() => graphOf(nobody), await fixtureOf(entries, folder), { only: 'fifo' });
      expect(inOrder.recordedOrder).not.toBe('differently');
    }
    tried.sort((left, right) => left - right);
    const found =
      tried.length === 0 ? '' : `, found after ${tried[tried.length >> 1]} orders, at worst ${tried.at(-1)}`;
    process.stdout.write(`${name}: ${tried.length} of ${recordings} were in another order${found}\n`);
  });
});
