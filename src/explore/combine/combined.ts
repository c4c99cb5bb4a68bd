// Orders, deaths and faults at once, drawn: what each of them alone does not show.
import type { CrashedRun } from '../crash/crashed-run.ts';
import { deathsIn } from '../crash/crashes.ts';
import type { Change, Exploration, Failing } from '../run/exploration.ts';
import { wholeSchedule } from '../fault/faults.ts';
import type { FailingFound } from '../fault/faults.ts';
import { judge } from '../fault/judgement.ts';
import { faultText } from '../schedule/schedule.ts';
import type { Fault } from '../schedule/schedule.ts';
import { holdsOf } from '../schedule/shrink.ts';
import { lastInFirstOut, rightToLeft } from '../strategy/families.ts';
import { fifoStrategy } from '../strategy/fifo.ts';
import type { MakeStrategy, Strategy } from '../strategy/strategy.ts';
import type { Traced } from '../order/trace.ts';
import { drawnForEver, inTurn, mixesOf } from './mixes.ts';
import type { Causes } from './mixes.ts';
import { shrinkFailing } from './shrink-failing.ts';

export interface CombinedSetup {
  readonly seed: string;
  readonly shard: { readonly index: number; readonly count: number };
  readonly hasDeaths: boolean;
  /** Those that are worth combining: after them the run asks for nothing that is not recorded. */
  readonly faults: readonly Fault[];
}

export interface CombinedFound extends FailingFound {
  readonly shrunk: { readonly from: number; readonly runs: number };
}

export interface Combined {
  readonly schedules: number;
  /** How many of them asked for what is not recorded. */
  readonly unrecorded: number;
  readonly found: CombinedFound | undefined;
}

/** Undefined where there is nothing to combine. */
export async function tryCombined(exploration: Exploration, setup: CombinedSetup): Promise<Combined | undefined> {
  const { seed, shard, faults, hasDeaths } = setup;
  const whole = await exploration.runFailing({});
  const orders = exploration.first.choiceCount > 0 ? [lastInFirstOut, rightToLeft] : [];
  const mixes = mixesOf({ orders, deaths: hasDeaths ? deathsIn(whole) : [], faults });
  if (mixes.length === 0) return undefined;
  const combining = new Combining(exploration, whole);
  const most = Math.ceil(exploration.schedulesMax / 2);
  let found: CombinedFound | undefined;
  let number = 0;
  const mine = (): boolean => (number++ - shard.index) % shard.count === 0;
  // Each once, as many of one mix as of another; then whatever is drawn.
  for (const tried of [inTurn(mixes, seed), drawnForEver(mixes, seed, exploration.first.trace.length)]) {
    for (const causes of tried) {
      if (combining.count >= most || exploration.isStopped || found !== undefined) break;
      if (mine()) found = await combining.try(causes);
    }
  }
  return { schedules: combining.count, unrecorded: combining.unrecordedCount, found };
}

class Combining {
  readonly #exploration: Exploration;
  /** By their faults: the runs in which nothing else goes wrong. */
  readonly #wholes: Map<string, CrashedRun>;
  count = 0;
  unrecordedCount = 0;

  constructor(exploration: Exploration, whole: CrashedRun) {
    this.#exploration = exploration;
    this.#wholes = new Map([['', whole]]);
  }

  async try({ order, deaths, faults }: Causes): Promise<CombinedFound | undefined> {
    const run = await this.#exploration.runFailing({ deaths, faults }, order && firstOnly(order));
    this.count += 1;
    if (run.missing.length > 0) this.unrecordedCount += 1;
    if (run.died < deaths.length || (await this.#changeOf(run, faults)) === undefined) return undefined;
    const holds = order === undefined ? [] : holdsOf(run.traces[0] as Traced);
    return this.#shrunk({ holds, deaths, faults });
  }

  async #wholeOf(faults: readonly Fault[]): Promise<CrashedRun> {
    const key = faults.map(faultText).join(' ');
    const whole = this.#wholes.get(key) ?? (await this.#exploration.runFailing({ faults }));
    this.#wholes.set(key, whole);
    return whole;
  }

  async #changeOf(run: CrashedRun, faults: readonly Fault[]): Promise<Change | undefined> {
    return judge(this.#exploration, run, faults, await this.#wholeOf(faults));
  }

  async #shrunk(failing: Required<Failing>): Promise<CombinedFound | undefined> {
    const after = this.count;
    const before = this.#exploration.count;
    const shrunk = await shrinkFailing(failing, async (smaller) => {
      const { change, run } = await this.#run(smaller);
      return { isChanged: change !== undefined, run: run.traces[0] as Traced };
    });
    if (shrunk === undefined) return undefined;
    const { change, run } = await this.#run(shrunk.failing);
    if (change === undefined) return undefined;
    const whole = await this.#wholeOf(shrunk.failing.faults);
    const runs = this.#exploration.count - before;
    return { schedule: wholeSchedule(shrunk.failing), run, whole, change, after, shrunk: { from: shrunk.from, runs } };
  }

  async #run(failing: Required<Failing>): Promise<{ readonly run: CrashedRun; readonly change: Change | undefined }> {
    const run = await this.#exploration.runFailing(failing);
    const isWhole = run.died === failing.deaths.length;
    return { run, change: isWhole ? await this.#changeOf(run, failing.faults) : undefined };
  }
}

/** The process that begins the run has an order of its own, and those that resume it the usual one. */
function firstOnly(make: MakeStrategy): MakeStrategy {
  let isFirst = true;
  return (): Strategy => {
    const strategy = isFirst ? make() : fifoStrategy;
    isFirst = false;
    return strategy;
  };
}
