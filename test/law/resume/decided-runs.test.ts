// Whoever decides about all that is in doubt gets further: over random graphs killed after every entry, with effects that
// hang and others that fail beside them, each resume either ends the run or names a doubt that nobody has decided about.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectsInDoubtOf } from '../../../src/index.ts';
import type { AnyGraph, Decided } from '../../../src/index.ts';
import type { RunStore } from '../../../src/port/store.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { collected } from '../../support/journals.ts';
import { graphScript } from '../scenario.ts';
import { scriptedGraph } from '../scripted-graph.ts';
import { charging, hanging, limited, live, Outside, schedule } from './charging.ts';
import type { Policy } from './charging.ts';
import { asDurable, runId, storeWith } from './prefix-run.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const numRuns = isLong ? 400 : 40;
const seed = Number(process.env.REPRISE_TEST_SEED ?? 20_261_129);
const timeout = isLong ? 7_200_000 : 240_000;

/** For longer journals only so many kills are tried, evenly spaced. */
const killsMax = isLong ? 200 : 8;
/** Only so many effects hang, so that each run ends. */
const hangsMax = 4;
const roundsMax = 40;

function decisionOf(round: number, drawn: number): Decided {
  const kind = (round + drawn) % 3;
  if (kind === 0) return 'retry';
  return kind === 1 ? { error: 'the bank says no' } : { value: round };
}

/** Decides about all that is in doubt until the run ends. @returns how many decisions it took. */
async function decideUntilTheEnd(graph: AnyGraph, store: RunStore, order: string, drawn: number): Promise<number> {
  let decidedCount = 0;
  let isFailedBefore = false;
  for (let round = 1; round <= roundsMax; round += 1) {
    const doubts = await effectsInDoubtOf(store, runId);
    const decide = Object.fromEntries(doubts.map(({ address }, place) => [address, decisionOf(round, drawn + place)]));
    decidedCount += doubts.length;
    const run = await live({ graph, store, schedule: `${order} ${round}` }, (engine) =>
      engine.resume(runId, doubts.length === 0 ? {} : { decide }),
    );
    if (run.status !== 'failed') return decidedCount;
    if (run.error.code === 'effect-in-doubt') {
      const open = (await effectsInDoubtOf(store, runId)).filter(({ decided }) => decided === undefined);
      expect(open.map(({ address }) => address)).toContain(run.error.fields?.address);
    } else if (isFailedBefore && doubts.every(({ decided }) => decided !== undefined)) {
      // It fails by itself, before it comes to what is in doubt.
      return decidedCount;
    }
    isFailedBefore = run.error.code !== 'effect-in-doubt';
  }
  throw new Error(`the run has not ended after ${roundsMax} resumes`);
}

describe.each<Policy>(['fail', 'once and fail'])('runs with effects in doubt, with the policy: %s', (policy) => {
  it('end once everything was decided, wherever they were killed', { timeout }, async () => {
    let killCount = 0;
    let decidedCount = 0;
    await fc.assert(
      fc.asyncProperty(graphScript(1), hanging, schedule, fc.nat(9), async (script, hangs, order, drawn) => {
        const outside = new Outside();
        const graph = scriptedGraph(
          limited(script),
          charging(() => outside, policy, hangs, hangsMax),
        );
        const store = asDurable(memoryStore());
        const run = await live({ graph, store, schedule: order }, (engine) => engine.run({}, { runId, seed: 'seed' }));
        const entries = await collected(store.read(runId));
        if (run.status === 'failed') decidedCount += await decideUntilTheEnd(graph, store, order, drawn);
        const stride = Math.max(1, entries.length / killsMax);
        for (let cut = 2; cut < entries.length; cut += stride) {
          const left = await storeWith(entries.slice(0, Math.floor(cut)), asDurable(memoryStore()));
          decidedCount += await decideUntilTheEnd(graph, left, `${order} ${cut}`, drawn);
          killCount += 1;
        }
      }),
      { numRuns, seed, timeout: timeout / 2 },
    );
    console.log(`decided, ${policy}: ${numRuns} graphs, ${killCount} kills, ${decidedCount} decisions, seed ${seed}`);
    expect(killCount).toBeGreaterThan(numRuns);
    expect(decidedCount).toBeGreaterThan(numRuns);
  });
});
