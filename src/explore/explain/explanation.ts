// One search for the order behind a recording, from its first run to its report.
import { RepriseError } from '../../base/error.ts';
import { watchPromises } from '../../live/event-loop/awaited-promises.ts';
import type { ExplainFacts, ExplainedRace } from '../../report/explore/explain-facts.ts';
import { differencesBetween } from '../run/comparison.ts';
import type { Exploration } from '../run/exploration.ts';
import type { FixtureSubject } from '../subject/fixture-subject.ts';
import { scheduleText } from '../schedule/schedule.ts';
import type { Hold, Schedule } from '../schedule/schedule.ts';
import { scheduledStrategy } from '../session/scheduled-strategy.ts';
import { ExplorationReport, runFacts } from '../session/exploration-report.ts';
import { holdsOf, shrink } from '../schedule/shrink.ts';
import { lastInFirstOut, leftToRight, rightToLeft } from '../strategy/families.ts';
import { fifoStrategy } from '../strategy/fifo.ts';
import { heldStrategy, unknownEvents } from '../strategy/held.ts';
import { placesOfEvents, recordedStrategy } from '../strategy/recorded.ts';
import type { Strategy } from '../strategy/strategy.ts';
import { asksInVain } from '../run/open-step.ts';
import { uncontrolledOf } from '../run/uncontrolled.ts';
import { attemptsOf } from '../watch/watch-facts.ts';
import { WatchedGraph } from '../watch/watched-graph.ts';
import { judge, judgeRun } from './judged-run.ts';
import type { Judged } from './judged-run.ts';
import { OrderSearch } from './order-search.ts';

export class Explanation {
  readonly #exploration: Exploration;
  readonly #recorded: FixtureSubject;
  readonly #seed: string;
  readonly #report: ExplorationReport;
  readonly #fifo: Judged;
  /** The run in the recorded order, if the fixture holds it. */
  #inOrder: Judged | undefined;

  constructor(exploration: Exploration, recorded: FixtureSubject, seed: string) {
    this.#exploration = exploration;
    this.#recorded = recorded;
    this.#seed = seed;
    this.#report = new ExplorationReport(
      exploration,
      { seed, watched: undefined, unwatched: undefined },
      recorded.steps,
    );
    this.#fifo = judgeRun(recorded, exploration.first);
  }

  async explain(given: Schedule | undefined): Promise<ExplainFacts> {
    const { first } = this.#exploration;
    if (first.run === undefined && !asksInVain(first)) return this.#stuck();
    const again = await this.#exploration.runWhole(fifoStrategy);
    const unlike = differencesBetween(first, again);
    if (unlike.length > 0) return this.#facts('uncontrolled', this.#fifo, unlike);
    const places = placesOfEvents(this.#recorded.steps);
    if (places.size > 0) this.#inOrder = await this.#judge(recordedStrategy(places));
    if (given !== undefined) return this.#given(given);
    if (this.#fifo.isAsRecorded) return this.#inFifo();
    return this.#inOrder?.isAsRecorded === true ? this.#shrunk(this.#inOrder, 'the recorded order') : this.#search();
  }

  /** Once more, to see where its code waits. */
  async #stuck(): Promise<ExplainFacts> {
    using awaited = watchPromises();
    const again = await this.#exploration.runWhole(fifoStrategy);
    const facts = this.#facts('uncontrolled', this.#fifo, []);
    return { ...facts, uncontrolled: uncontrolledOf(again.stuck, again, awaited) };
  }

  #inFifo(): ExplainFacts | Promise<ExplainFacts> {
    const inOrder = this.#inOrder;
    if (inOrder === undefined || inOrder.isAsRecorded) return this.#facts('no race found', this.#fifo, []);
    return this.#race(this.#fifo, { holds: [], from: 'first in, first out', after: 1 });
  }

  async #given({ base, holds, deaths, faults }: Schedule): Promise<ExplainFacts> {
    if (deaths.length + faults.length > 0) {
      throw new RepriseError('usage', 'nothing dies or fails in an explanation', {
        nextStep: 'Take the schedule from a report of `npx reprise explain`.',
      });
    }
    const judged = await this.#judge(scheduledStrategy(this.#recorded, { base, holds }));
    const unknown = unknownEvents(holds, this.#exploration.names);
    if (unknown.length > 0) {
      throw new RepriseError('usage', `the run has no event ${unknown.join(', ')}`, {
        nextStep: 'Take the schedule from a report about this fixture and this code.',
        fields: { events: unknown },
      });
    }
    const others = [this.#fifo, ...(this.#inOrder === undefined ? [] : [this.#inOrder])];
    if (!judged.isAsRecorded || others.every(({ isAsRecorded }) => isAsRecorded)) return this.#notFound(judged);
    return this.#race(judged, { base, holds, from: 'given', after: 1 });
  }

  async #search(): Promise<ExplainFacts> {
    const search = new OrderSearch(this.#seed, this.#fifo);
    if (this.#inOrder !== undefined) search.tried(this.#inOrder);
    const orders = ordersOf(search);
    for (let after = 1; this.#exploration.left > 0; after += 1) {
      const judged = await this.#judge(orders.next().value);
      if (judged.isAsRecorded) return this.#shrunk(judged, 'search', after);
      search.tried(judged);
      // It ends at its first wrong step. Nothing before that can come in another order.
      if (judged.run.choiceCount === 0) break;
    }
    return this.#notFound(search.best);
  }

  /** The fewest holds under which the run still comes out as recorded. */
  async #shrunk(found: Judged, from: ExplainedRace['from'], after = 1): Promise<ExplainFacts> {
    const before = this.#exploration.count;
    const shrunk = await shrink(found.run, async (holds) => {
      const { run, isAsRecorded } = await this.#judge(heldStrategy(holds));
      return { isChanged: isAsRecorded, run };
    });
    if (shrunk === undefined) return this.#facts('uncontrolled', found, []);
    const runs = this.#exploration.count - before;
    return this.#race(found, { holds: shrunk.holds, from, after, shrunk: { from: shrunk.from, runs } });
  }

  async #race(found: Judged, { base = 'fifo', holds, from, after, shrunk }: FoundOrder): Promise<ExplainFacts> {
    const other = this.#fifo.isAsRecorded ? recordedStrategy(placesOfEvents(this.#recorded.steps)) : fifoStrategy;
    const race: ExplainedRace = {
      schedule: scheduleText({ base, holds, deaths: [], faults: [] }),
      holds: this.#report.named(holds),
      from,
      after,
      shrunk: shrunk ?? { from: holds.length, runs: 0 },
      ...(await this.#variables(holds.length > 0 ? holds : holdsOf((this.#inOrder ?? found).run))),
    };
    const otherwise = this.#recorded.divergences(await this.#exploration.runWhole(other));
    return { ...this.#facts('race', found, otherwise), race };
  }

  /** A run in this order is watched too: what it writes may be written in no other one. */
  async #variables(holds: readonly Hold[]): Promise<Pick<ExplainedRace, 'variables'>> {
    // Within one attempt nothing has to be shared.
    if (attemptsOf(holds).size < 2) return {};
    const watched = WatchedGraph.open(await this.#recorded.makeGraph());
    if ('reason' in watched) return {};
    try {
      for (const strategy of [heldStrategy(holds), fifoStrategy])
        await this.#exploration.runWhole(strategy, { watched });
      return this.#report.variables(holds, watched);
    } finally {
      watched.close();
    }
  }

  #notFound(nearest: Judged): ExplainFacts {
    const verdict = this.#exploration.uncontrolled.size > 0 ? 'uncontrolled' : 'no race found';
    return this.#facts(verdict, nearest, this.#recorded.divergences(nearest.run));
  }

  #judge(strategy: Strategy): Promise<Judged> {
    return judge(this.#exploration, this.#recorded, strategy);
  }

  #facts(
    verdict: ExplainFacts['verdict'],
    { run, right }: Judged,
    divergences: ExplainFacts['divergences'],
  ): ExplainFacts {
    const { fixture, steps } = this.#recorded;
    const inOrder = this.#inOrder;
    return {
      ...this.#report.facts,
      run: runFacts(run),
      fixture,
      verdict,
      fifo: comesOut(this.#fifo),
      recordedOrder: inOrder === undefined ? 'not kept' : comesOut(inOrder),
      steps: { right: Math.max(0, right), of: steps.length - 1 },
      divergences,
    };
  }
}

interface FoundOrder extends Pick<ExplainedRace, 'from' | 'after'> {
  readonly base?: Schedule['base'];
  readonly holds: readonly Hold[];
  readonly shrunk?: ExplainedRace['shrunk'];
}

function* ordersOf(search: OrderSearch): Generator<Strategy, never> {
  yield leftToRight();
  yield rightToLeft();
  yield lastInFirstOut();
  while (true) yield search.next;
}

function comesOut({ isAsRecorded }: Judged): 'as recorded' | 'differently' {
  return isAsRecorded ? 'as recorded' : 'differently';
}
