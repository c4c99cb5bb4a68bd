// How many schedules it takes until a planted bug shows: Reprise's ladder beside fast-check's scheduler, which draws what
// is delivered next from all that is ready. Both order the same arrivals of the same engine.
import fc from 'fast-check';
import { explore } from '../../src/explore/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import type { Arrival } from '../../src/port/oracle.ts';
import { memoryStore } from '../../src/store/memory/memory.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { testEngine } from '../support/test-engine.ts';
import { plant as beforeAwait } from '../finder/plants/02-variable-after-await.ts';
import { plant as wholly } from '../finder/plants/07-wholly-before.ts';
import { plant as gap } from '../finder/plants/08-inside-a-gap.ts';
import { plant as twoSteps } from '../finder/plants/10-swapped-in-two-steps.ts';
import { plant as twoRaces } from '../finder/plants/11-race-then-race.ts';
import { plant as ofSix } from '../finder/plants/34-one-of-six-orders.ts';
import type { Plant } from '../finder/plant.ts';

const schedulesMax = 300;
const seeds = Array.from({ length: 20 }, (_, seed) => seed);

const plants: readonly Plant[] = [beforeAwait, wholly, gap, twoSteps, twoRaces, ofSix];

/** One run, whose arrivals a scheduler of fast-check delivers. */
async function scheduledRun(graph: AnyGraph, scheduler: fc.Scheduler): Promise<string> {
  const oracle = {
    arrive: (arrival: Arrival): void => {
      void scheduler.schedule(Promise.resolve(), arrival.kind).then(() => arrival.deliver());
    },
  };
  const engine = testEngine(graph, { store: memoryStore(), clock: new ManualClock(), oracle });
  const run = await scheduler.waitFor(engine.run({}, { runId: 'run' }));
  return JSON.stringify(run.state);
}

async function withScheduler(make: () => AnyGraph, seed: number): Promise<number> {
  const first = await engineState(make());
  const schedulers = fc.sample(fc.scheduler(), { seed, numRuns: schedulesMax });
  for (const [place, scheduler] of schedulers.entries())
    if ((await scheduledRun(make(), scheduler)) !== first) return place + 1;
  return Number.POSITIVE_INFINITY;
}

/** First in, first out. */
async function engineState(graph: AnyGraph): Promise<string> {
  const engine = testEngine(graph, { store: memoryStore(), clock: new ManualClock() });
  return JSON.stringify((await engine.run({}, { runId: 'run' })).state);
}

async function withLadder(make: () => AnyGraph, fixture: string, seed: number): Promise<number> {
  const { finding } = await explore(make, fixture, { seed: String(seed), schedules: schedulesMax });
  return finding?.after ?? Number.POSITIVE_INFINITY;
}

function medianAndWorst(counts: readonly number[]): string {
  const sorted = counts.toSorted((left, right) => left - right);
  const text = (count: number | undefined): string =>
    count === Number.POSITIVE_INFINITY ? `> ${schedulesMax}` : `${count}`;
  return `${text(sorted[Math.floor(sorted.length / 2)])} (${text(sorted.at(-1))})`;
}

/** `recorded`: writes a fixture of a run of the graph. */
export async function untilFound(recorded: (graph: AnyGraph, name: string) => Promise<string>): Promise<void> {
  console.log(`schedules until found, median (worst) of ${seeds.length} seeds, up to ${schedulesMax}:`);
  for (const [place, { title, make }] of plants.entries()) {
    const fixture = await recorded(make(), `plant-${place}`);
    const counts: [number[], number[]] = [[], []];
    for (const seed of seeds) {
      counts[0].push(await withScheduler(make, seed));
      counts[1].push(await withLadder(make, fixture, seed));
    }
    console.log(`${title}: fc.scheduler() ${medianAndWorst(counts[0])}, reprise ${medianAndWorst(counts[1])}`);
  }
}
