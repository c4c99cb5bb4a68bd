// Runs that came in an accidental order, and whose recordings no longer say in which: the order is found again.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createEngine, memoryStore } from 'reprise';
import type { AnyGraph } from 'reprise';
import { explain } from 'reprise/explore';
import { httpEffects } from 'reprise/http';
import { exportRunTo } from 'reprise/record';
import { afterAll, describe, expect, it } from 'vitest';
import { drawStream } from '../../../src/base/draw.ts';
import type { Entry, RunEntry } from '../../../src/journal/entry.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { collected } from '../../support/journals.ts';
import { keptStore } from '../../support/changed-store.ts';
import { racingGraphs } from './racing-graphs.ts';
import type { Outside } from './racing-graphs.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const recordings = Number(process.env.N ?? (isLong ? 200 : 2));
const seed = process.env.REPRISE_TEST_SEED ?? '20261129';
const { next } = drawStream(seed, 'accidents');

async function delay(): Promise<void> {
  const ms = Math.floor(next() * 9) - 2;
  if (ms > 0) await wait(ms);
  else if (ms === 0) await new Promise((resolve) => setImmediate(resolve));
}

const server = createServer((request, response) => {
  void (async () => {
    for (let part = 0; part < 4; part += 1) {
      await wait(Math.floor(next() * 4) + 1);
      response.write(`${request.url}${part} `);
    }
    response.end();
  })();
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const outside: Outside = {
  origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  async call(result) {
    await delay();
    return result;
  },
};

/** An explanation asks nobody outside. */
const nobody: Outside = { ...outside, call: async (result) => result };

async function recordedEntries(graph: AnyGraph): Promise<readonly Entry[]> {
  const store = keptStore(memoryStore());
  const engine = createEngine(graph, { store, effects: [httpEffects()] });
  await engine.run({}, { runId: 'run' });
  await engine.close();
  return collected(store.read('run', 0));
}

/** Which timers fired is kept, but not when. */
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

describe.each(Object.entries(racingGraphs))('%s', (_name, graphOf) => {
  it('the order behind a recording is found', { timeout: 3_600_000 }, async () => {
    const folder = temporaryFolder();
    const tried: number[] = [];
    const kinds = new Map<string, number>();
    for (let count = 0; count < recordings; count += 1) {
      const entries = await recordedEntries(graphOf(outside));
      if (process.env.WITH === '1') {
        const report = await explain(() => graphOf(nobody), await fixtureOf(entries, folder));
        const key = `${report.verdict} fifo ${report.fifo}, in order ${report.recordedOrder}`;
        kinds.set(key, (kinds.get(key) ?? 0) + 1);
        continue;
      }
      const path = await fixtureOf(entries.map(withoutOrder), folder);
      const report = await explain(() => graphOf(nobody), path);
      const key = `${report.verdict} fifo ${report.fifo} ${report.race?.from}`;
      kinds.set(key, (kinds.get(key) ?? 0) + 1);
      if (process.env.SHOW === '1' && report.verdict !== 'race' && report.fifo === 'differently')
        console.log(
          JSON.stringify(report.divergences.slice(0, 2)),
          JSON.stringify(report.uncontrolled),
          report.run,
          report.schedules,
        );
      tried.push(report.race?.after ?? 0);
    }
    tried.sort((a, b) => a - b);
    console.log(_name, [...kinds], 'median', tried[tried.length >> 1], 'worst', tried.at(-1));
  });
});
