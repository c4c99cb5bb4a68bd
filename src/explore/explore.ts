// The door: explores the orders in which a run can come, and says what was shown.
import { RepriseError } from '../base/error.ts';
import { checkOptions, noOptions } from '../base/options/option-shape.ts';
import type { Divergence } from '../diff/divergence.ts';
import type { RunHost } from '../engine/host/run-host.ts';
import type { CanonicalStep } from '../journal/canonical.ts';
import { installAmbientReads } from '../live/ambient/ambient-reads.ts';
import { watchPromises } from '../live/event-loop/awaited-promises.ts';
import { watchWork } from '../live/event-loop/node-work.ts';
import { realNow } from '../live/event-loop/real-timers.ts';
import { installInterception } from '../live/http/interception.ts';
import { installPlaceholders } from '../live/placeholders.ts';
import { installNodeTimers } from '../live/timers/node-timers.ts';
import { ReplaySeal } from '../replay/replay-seal.ts';
import { replay } from '../replay/replay.ts';
import type { ExploreFacts, Finding, NamedHold, Rung } from '../report/explore-facts.ts';
import { divergencesOf } from './comparison.ts';
import { tryCrashes, tryDeaths } from './crash/crashes.ts';
import type { CrashFound, Crashed } from './crash/crashes.ts';
import { Exploration } from './exploration.ts';
import type { Change } from './exploration.ts';
import { exploreOptions } from './explore-options.ts';
import type { ExploreOptions } from './explore-options.ts';
import { toolFaults, tryFaults } from './fault/faults.ts';
import type { FaultFound } from './fault/faults.ts';
import { FixtureSubject, fixtureSubject } from './fixture-subject.ts';
import { InputSubject } from './input-subject.ts';
import type { ExploredInput } from './input-subject.ts';
import { climb } from './ladder.ts';
import type { ClimbSetup, Found } from './ladder.ts';
import type { ScheduledRun } from './run-once.ts';
import { deathText, faultText, parseSchedule, scheduleText } from './schedule.ts';
import type { Hold, Schedule } from './schedule.ts';
import { shrink } from './shrink.ts';
import { fifoStrategy } from './strategy/fifo.ts';
import { heldStrategy, unknownEvents } from './strategy/held.ts';
import { NodesOf, uncontrolledOf } from './uncontrolled.ts';
import { graphMaker } from './subject.ts';
import type { Subject, Subjected } from './subject.ts';
import { variablesOf, watchRung } from './watch-facts.ts';
import { WatchedGraph } from './watched-graph.ts';

export type ExploreReport = ExploreFacts;

const schedulesDefault = 500;
const seedDefault = '0';

/**
 * Runs a recorded run, or an input with fakes, under other orders of completion, and says whether one of them changes what
 * the run comes to: which one, as short as it can be made.
 *
 * Pass a function that makes the graph if nodes share variables: then each run has its own. Otherwise what one run left in
 * a variable is there in the next.
 *
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`, `fixture-other-graph`,
 *   `option-invalid`, `usage`
 */
export async function explore(
  graph: Subjected,
  subject: string | ExploredInput,
  options: ExploreOptions = noOptions,
): Promise<ExploreReport> {
  checkOptions(exploreOptions, options);
  checkSubject(subject);
  const given = options.only === undefined ? undefined : parseSchedule(options.only);
  const seed = options.seed ?? seedDefault;
  const seal = new ReplaySeal();
  const made = await graphMaker(graph);
  const explored =
    typeof subject === 'string' ? await fixtureSubject(made, subject, seal) : new InputSubject(made, subject, seed);
  checkName(explored);
  using surroundings = surround(explored, seal);
  const opened = WatchedGraph.open(explored.graph);
  const watched = 'reason' in opened ? undefined : opened;
  try {
    const exploration = await Exploration.begin({
      subject: explored,
      compare: options.compare ?? (explored.isOutsideAsked ? 'state' : 'journal'),
      invariant: options.invariant,
      schedulesMax: options.schedules ?? schedulesDefault,
      endsAt: realNow() + (options.timeMs ?? Number.POSITIVE_INFINITY),
      install: surroundings.install,
      watched,
    });
    const { crashes = false, faults } = options;
    const setup = { seed, shard: options.shard ?? { index: 0, count: 1 }, watched, crashes, faults };
    const session = new ExploreSession(exploration, setup, 'reason' in opened ? opened.reason : undefined);
    return await session.explore(given);
  } finally {
    watched?.close();
  }
}

/** Callers without types. */
function checkSubject(subject: unknown): void {
  if (typeof subject === 'string') return;
  if (typeof subject === 'object' && subject !== null && 'input' in subject) return;
  throw new RepriseError('usage', 'explore: there is nothing to run', {
    nextStep: 'Give the path of a fixture, or { input, outside }. Explore several fixtures one by one.',
  });
}

function checkName({ graphName, graph, fixture }: Subject): void {
  const given = graph.name;
  if (given === graphName) return;
  throw new RepriseError('fixture-other-graph', `${fixture} was recorded with graph "${graphName}", not "${given}"`, {
    nextStep: `Explore it with graph "${graphName}".`,
    fields: { recorded: graphName, given },
  });
}

/** What surrounds all runs of an exploration, as it does a replay. */
function surround({ fixture, recorded }: Subject, seal: ReplaySeal) {
  const restores = [watchWork(), installAmbientReads(), installNodeTimers()];
  if (fixture !== undefined) restores.push(seal.close('nodes'), installPlaceholders());
  const install = (host: RunHost): (() => void) => installInterception(noOptions, host, recorded?.rules);
  // Stays while no run is under way, so that nothing is patched for each of them.
  restores.push(installInterception(noOptions, { noteUnattributed: () => undefined }, recorded?.rules));
  return {
    install,
    [Symbol.dispose](): void {
      for (const restore of restores.reverse()) restore();
    },
  };
}

interface SessionSetup extends ClimbSetup {
  readonly crashes: boolean | number;
  readonly faults: 'tools' | undefined;
}

class ExploreSession {
  readonly #exploration: Exploration;
  readonly #setup: SessionSetup;
  /** Why no variables can be read. */
  readonly #unwatched: string | undefined;
  readonly #rungs: Rung[] = [];
  #isProved = false;

  constructor(exploration: Exploration, setup: SessionSetup, unwatched: string | undefined) {
    this.#exploration = exploration;
    this.#setup = setup;
    this.#unwatched = unwatched;
  }

  async explore(given: Schedule | undefined): Promise<ExploreReport> {
    const { first } = this.#exploration;
    if (first.run === undefined) return this.#stuck();
    const unlike = await this.#selfCheck();
    if (unlike !== undefined) return this.#report({ verdict: 'not repeatable', divergences: unlike });
    const broken = this.#exploration.brokenInvariant(first);
    if (broken !== undefined) return this.#foundAtOnce({ kind: 'invariant', message: broken }, 'self-check', []);
    if (given !== undefined && given.faults.length > 0) return this.#givenFaults(given);
    if (given !== undefined && given.deaths.length > 0) return this.#givenDeaths(given);
    if (given !== undefined && given.holds.length > 0) return this.#given(given.holds);
    if (given === undefined) {
      const { rungs, found, isProved } = await climb(this.#exploration, this.#setup);
      this.#rungs.push(...rungs);
      this.#isProved = isProved;
      if (found !== undefined) return this.#found(found);
    }
    const divergences = this.#divergencesFromRecorded();
    if (divergences.length > 0)
      return (await this.#isOrder())
        ? this.#foundInFifo(divergences)
        : this.#report({ verdict: 'other than recorded', divergences });
    const changed = await this.#warmCheck();
    if (changed !== undefined) return this.#report({ verdict: 'not repeatable', divergences: changed });
    const crashed = given === undefined ? await this.#crash() : undefined;
    if (crashed !== undefined) return crashed;
    const faulted = given === undefined ? await this.#fault() : undefined;
    if (faulted !== undefined) return faulted;
    if (first.choiceCount === 0) return this.#report({ verdict: 'nothing to explore' });
    return this.#report({ verdict: this.#isProved ? 'proved' : 'no difference' });
  }

  /** What a death changes, if one does. */
  async #crash(): Promise<ExploreReport | undefined> {
    const { crashes } = this.#setup;
    if (crashes === false) return undefined;
    const crashed = await tryCrashes(this.#exploration, crashes === true ? undefined : crashes);
    this.#rungs.push(crashed.rung);
    return crashed.found === undefined ? undefined : this.#foundDeath('crashes', crashed, crashed.found, []);
  }

  /** What becomes of the run if a call of it fails. */
  async #fault(): Promise<ExploreReport | undefined> {
    if (this.#setup.faults === undefined) return undefined;
    const all = toolFaults(this.#exploration).map((fault) => [fault]);
    const { rung, found } = await tryFaults(this.#exploration, all);
    this.#rungs.push(rung);
    return found === undefined ? undefined : this.#foundFault('faults', found, []);
  }

  async #givenFaults({ holds, deaths, faults }: Schedule): Promise<ExploreReport> {
    const unknown = unknownEvents(
      [...holds, ...faults.map(({ event }) => ({ event, until: event }))],
      this.#exploration.names,
    );
    if (deaths.length > 0 || unknown.length > 0) {
      throw new RepriseError(
        'usage',
        deaths.length > 0 ? 'a schedule has either deaths or faults' : `the run has no event ${unknown.join(', ')}`,
        {
          nextStep: 'Take the schedule from a report about this fixture and this code.',
        },
      );
    }
    const { rung, found } = await tryFaults(this.#exploration, [faults], holds);
    this.#rungs.push({ name: 'given', schedule: scheduleText({ base: 'fifo', holds, deaths, faults }) }, rung);
    return found === undefined ? this.#report({ verdict: 'no difference' }) : this.#foundFault('given', found, holds);
  }

  #foundFault(
    rung: Finding['rung'],
    { faults, run, message, after }: FaultFound,
    holds: readonly Hold[],
  ): ExploreReport {
    const finding: Finding = {
      kind: 'invariant',
      message,
      rung,
      after,
      schedule: scheduleText({ base: 'fifo', holds, deaths: [], faults }),
      holds: this.#named(holds),
      faults: faults.map(faultText),
      shrunk: { from: holds.length, runs: 0 },
      divergences: divergencesOf(this.#exploration.first.steps, run),
    };
    return this.#report({ verdict: 'found', finding });
  }

  async #givenDeaths({ holds, deaths }: Schedule): Promise<ExploreReport> {
    const crashed = await tryDeaths(this.#exploration, holds, deaths);
    const { beforeWrites, afterWrites, requests, twice } = crashed.rung.tried;
    if (beforeWrites + afterWrites + requests + twice === 0 && crashed.found === undefined) {
      throw new RepriseError('usage', `the run does not come to ${deaths.map(deathText).join(' ')}`, {
        nextStep: 'Take the schedule from a report about this fixture and this code.',
      });
    }
    this.#rungs.push(
      { name: 'given', schedule: scheduleText({ base: 'fifo', holds, deaths, faults: [] }) },
      crashed.rung,
    );
    if (crashed.found === undefined) return this.#report({ verdict: 'no difference' });
    return this.#foundDeath('given', crashed, crashed.found, holds);
  }

  #foundDeath(
    rung: Finding['rung'],
    { whole }: Crashed,
    { deaths, run, change, after }: CrashFound,
    holds: readonly Hold[],
  ): ExploreReport {
    const finding: Finding = {
      ...change,
      rung,
      after,
      schedule: scheduleText({ base: 'fifo', holds, deaths, faults: [] }),
      holds: this.#named(holds),
      deaths: deaths.map(deathText),
      shrunk: { from: holds.length, runs: 0 },
      divergences: change.kind === 'stuck' ? [] : divergencesOf(whole.steps, run),
    };
    return this.#report({ verdict: 'found', finding });
  }

  /** Once more, to see where its code waits. */
  async #stuck(): Promise<ExploreReport> {
    using awaited = watchPromises();
    const again = await this.#exploration.runWhole(fifoStrategy);
    return { ...this.#report({ verdict: 'stuck' }), uncontrolled: uncontrolledOf(again.stuck, again, awaited) };
  }

  /** The same order twice: unless the same comes out, nothing can be said about orders. */
  async #selfCheck(): Promise<readonly Divergence[] | undefined> {
    const { first } = this.#exploration;
    const again = await this.#exploration.runWhole(fifoStrategy);
    const divergences = divergencesOf(first.steps, again);
    const isSame =
      again.readyDigest === first.readyDigest && again.run?.status === first.run?.status && divergences.length === 0;
    this.#rungs.push({ name: 'self-check', runs: 2, isSame });
    return isSame ? undefined : divergences;
  }

  /** A second run of the same graph, whose variables hold what the first has left there. */
  async #warmCheck(): Promise<readonly Divergence[] | undefined> {
    const graph = await this.#exploration.subject.makeGraph();
    const before = await this.#exploration.runWhole(fifoStrategy, { graph });
    const again = await this.#exploration.runWhole(fifoStrategy, { graph });
    const divergences = divergencesOf(before.steps, again);
    this.#rungs.push({ name: 'self-check', runs: 2, isSame: divergences.length === 0, isWarm: true });
    return divergences.length === 0 ? undefined : divergences;
  }

  /** How first in, first out differs from what was recorded. */
  #divergencesFromRecorded(): readonly Divergence[] {
    const { first, subject } = this.#exploration;
    return subject instanceof FixtureSubject ? subject.divergences(first) : [];
  }

  /** If the run comes out as recorded in its own order, the order is what makes the difference. */
  async #isOrder(): Promise<boolean> {
    const { subject } = this.#exploration;
    const { report } = await replay(await subject.makeGraph(), subject.fixture as string);
    return report.verdict === 'same';
  }

  #foundInFifo(divergences: readonly Divergence[]): ExploreReport {
    const finding = { rung: 'self-check', after: 1, shrunk: { from: 0, runs: 0 } } as const;
    return this.#report({
      verdict: 'found',
      finding: { kind: 'difference', ...finding, schedule: 'fifo', holds: [], divergences },
    });
  }

  async #given(holds: readonly Hold[]): Promise<ExploreReport> {
    const schedule = scheduleText({ base: 'fifo', holds, deaths: [], faults: [] });
    const { run, change } = await this.#exploration.try(heldStrategy(holds));
    const unknown = unknownEvents(holds, this.#exploration.names);
    if (unknown.length > 0) {
      throw new RepriseError('usage', `the run has no event ${unknown.join(', ')}`, {
        nextStep: 'Take the schedule from a report about this fixture and this code.',
        fields: { events: unknown },
      });
    }
    this.#rungs.push({ name: 'given', schedule });
    if (change === undefined) return this.#report({ verdict: 'no difference' });
    return this.#foundAtOnce(change, 'given', holds, run);
  }

  async #foundAtOnce(
    change: Change,
    rung: Finding['rung'],
    holds: readonly Hold[],
    run?: ScheduledRun,
  ): Promise<ExploreReport> {
    const divergences = run === undefined ? [] : await this.#divergences(holds);
    const schedule = scheduleText({ base: 'fifo', holds, deaths: [], faults: [] });
    const finding: Finding = {
      ...change,
      rung,
      after: 1,
      schedule,
      holds: this.#named(holds),
      shrunk: { from: holds.length, runs: 0 },
      divergences,
      ...this.#variables(holds),
    };
    return this.#report({ verdict: 'found', finding });
  }

  async #found({ rung, tried, after }: Found): Promise<ExploreReport> {
    const exploration = this.#exploration;
    const from = exploration.count;
    const shrunk = await shrink(tried.run.trace, async (holds) => {
      const { run, change } = await exploration.try(heldStrategy(holds));
      return { isChanged: change !== undefined, trace: run.trace };
    });
    // What one order changed must change again, and the first order must still come out as it did.
    const again = await exploration.try(fifoStrategy);
    if (shrunk === undefined || again.change !== undefined) {
      this.#rungs[0] = { name: 'self-check', runs: exploration.count, isSame: false };
      return this.#report({
        verdict: 'not repeatable',
        divergences: divergencesOf(exploration.first.steps, again.run),
      });
    }
    const { holds } = shrunk;
    const { change = tried.change as Change } = await exploration.try(heldStrategy(holds));
    const finding: Finding = {
      ...change,
      rung,
      after,
      schedule: scheduleText({ base: 'fifo', holds, deaths: [], faults: [] }),
      holds: this.#named(holds),
      shrunk: { from: shrunk.from, runs: exploration.count - from },
      divergences: change.kind === 'stuck' ? [] : await this.#divergences(holds),
      ...this.#variables(holds),
    };
    return this.#report({ verdict: 'found', finding });
  }

  /** All that a schedule changes, up to the end of the run. */
  async #divergences(holds: readonly Hold[]): Promise<readonly Divergence[]> {
    const whole = await this.#exploration.runWhole(heldStrategy(holds));
    return divergencesOf(this.#exploration.first.steps, whole);
  }

  #variables(holds: readonly Hold[]): Pick<Finding, 'variables'> {
    const { watched } = this.#setup;
    const variables = watched === undefined ? [] : variablesOf(watched, holds, this.#nodes);
    return variables.length === 0 ? {} : { variables };
  }

  get #nodes(): NodesOf {
    return new NodesOf(this.#exploration.first.steps);
  }

  /** The self-check comes first, then what its runs have shown of variables. */
  #allRungs(): readonly Rung[] {
    const { watched } = this.#setup;
    const watch: Rung =
      watched === undefined
        ? { name: 'watch', skipped: this.#unwatched ?? 'it could not begin' }
        : watchRung(watched, this.#nodes);
    const [first, ...rest] = this.#rungs;
    return first === undefined ? [] : [first, watch, ...rest];
  }

  #named(holds: readonly Hold[]): readonly NamedHold[] {
    const nodes = this.#nodes;
    return holds.map(({ event, until }) => ({ event, node: nodes.of(event), until, untilNode: nodes.of(until) }));
  }

  #report(more: Pick<ExploreReport, 'verdict' | 'finding' | 'divergences'>): ExploreReport {
    const { first, subject, count, uncontrolled } = this.#exploration;
    const { graphName, fixture } = subject;
    return {
      version: 1,
      graph: graphName,
      ...(fixture === undefined ? {} : { fixture }),
      seed: this.#setup.seed,
      ...more,
      run: runFacts(first),
      rungs: this.#allRungs(),
      variables: subject.isFresh ? 'fresh' : 'shared',
      schedules: count,
      uncontrolled: uncontrolledOf([...uncontrolled], first),
    };
  }
}

function runFacts({ steps, trace, choiceCount, widest }: ScheduledRun): ExploreReport['run'] {
  const tasks = new Set(trace.map(({ event }) => event.attempt.at.replace(/#\d+(?:!\d+)?$/, '')));
  return { steps: countSteps(steps), tasks: tasks.size, events: trace.length, choices: choiceCount, widest };
}

function countSteps(steps: readonly CanonicalStep[]): number {
  return steps.filter(({ step, entries }) => step > 0 && entries.some(({ kind }) => kind === 'commit')).length;
}
