// Effects with `onDoubt: 'fail'` and `once`, over random graphs: killed after every entry, timed out, resumed five times
// over, decided about by nobody. No key is served twice, and none that was served is performed again under another key.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunHost } from '../../../src/engine/host/run-host.ts';
import type { AnyRun } from '../../../src/graph/types/run-types.ts';
import type { AnyGraph } from '../../../src/index.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { collected } from '../../support/journals.ts';
import { graphScript } from '../scenario.ts';
import { scriptedGraph } from '../scripted-graph.ts';
import { charging, hanging, limited, live, Outside, schedule } from './charging.ts';
import type { Policy } from './charging.ts';
import { asDurable, runId, storeWith } from './prefix-run.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const numRuns = isLong ? 400 : 15;
const seed = Number(process.env.REPRISE_TEST_SEED ?? 20_261_123);
const timeout = isLong ? 7_200_000 : 240_000;

/** For longer journals only so many kills are tried, evenly spaced. */
const killsMax = isLong ? 200 : 20;
const resumes = 5;

/** Resumes what a killed process has left, as an operator would who decides nothing. */
async function resumedOver(graph: AnyGraph, prefix: readonly Entry[], order: string): Promise<number> {
  let doubtCount = 0;
  const store = await storeWith(prefix, asDurable(memoryStore()));
  for (let round = 1; round <= resumes; round += 1) {
    const run = await live({ graph, store, schedule: `${order} ${round}` }, (engine) => engine.resume(runId));
    if (run.status !== 'failed') break;
    if (run.error.code === 'effect-in-doubt') doubtCount += 1;
  }
  return doubtCount;
}

describe.each<Policy>(['fail', 'once and fail'])('effects with the policy: %s', (policy) => {
  it('are never served again once they are done or in doubt, nor twice under one key', { timeout }, async () => {
    let killCount = 0;
    let doubtCount = 0;
    await fc.assert(
      fc.asyncProperty(graphScript(1), hanging, schedule, async (drawn, hangs, order) => {
        let outside = new Outside();
        const graph = scriptedGraph(
          limited(drawn),
          charging(() => outside, policy, hangs),
        );
        const store = asDurable(memoryStore());
        const begin = (engine: RunHost): Promise<AnyRun> => engine.run({}, { runId, seed: 'seed' });
        const run = await live({ graph, store, schedule: order }, begin);
        const whole = outside;
        expect(whole.faults).toEqual([]);
        if (run.status === 'failed' && run.error.code === 'effect-in-doubt') doubtCount += 1;
        const entries = await collected(store.read(runId));
        const stride = Math.max(1, entries.length / killsMax);
        for (let cut = 2; cut <= entries.length; cut += stride) {
          const prefix = entries.slice(0, Math.floor(cut));
          if (prefix.at(-1)?.kind === 'end' && run.status !== 'failed') break;
          outside = whole.after(prefix);
          doubtCount += await resumedOver(graph, prefix, `${order} ${cut}`);
          expect(outside.faults, `behind ${cut} of ${entries.length} entries`).toEqual([]);
          killCount += 1;
        }
      }),
      { numRuns, seed, timeout: timeout / 2 },
    );
    console.log(`never twice, ${policy}: ${numRuns} graphs, ${killCount} kills, ${doubtCount} in doubt, seed ${seed}`);
    expect(killCount).toBeGreaterThan(numRuns);
    expect(doubtCount).toBeGreaterThan(numRuns);
  });
});
