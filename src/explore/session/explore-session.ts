// One exploration from its first run to its report.
import { RepriseError } from '../../base/error.ts';
import { watchPromises } from '../../live/event-loop/awaited-promises.ts';
import type { ExploreFacts, Rung } from '../../report/explore/explore-facts.ts';
import { tryCombined } from '../combine/combined.ts';
import { tryGiven } from '../combine/given-failing.ts';
import { differencesBetween, divergencesOf } from '../run/comparison.ts';
import { tryCrashes, tryDeaths } from '../crash/crashes.ts';
import type { Crashed } from '../crash/crashes.ts';
import type { Change, Exploration } from '../run/exploration.ts';
import { faultPlan } from '../fault/fault-plan.ts';
import type { PlannedFaults } from '../fault/fault-plan.ts';
import { tryFaults } from '../fault/faults.ts';
import { FixtureSubject } from '../subject/fixture-subject.ts';
import { climb } from '../ladder.ts';
import type { ClimbSetup, Found } from '../ladder.ts';
import { deathText, parseSchedule, scheduleText } from '../schedule/schedule.ts';
import type { Death, Fault, Schedule } from '../schedule/schedule.ts';
import { shrink } from '../schedule/shrink.ts';
import { fifoStrategy } from '../strategy/fifo.ts';
import { heldStrategy, unknownEvents } from '../strategy/held.ts';
import { holdsOrder, scheduledStrategy } from './scheduled-strategy.ts';
import { asksInVain } from '../run/open-step.ts';
import { uncontrolledOf } from '../run/uncontrolled.ts';
import { besideClock } from './beside-clock.ts';
import { BesideRecording } from './beside-recording.ts';
import { Findings } from './findings.ts';
import { ExplorationReport } from './exploration-report.ts';
import type { ReportSetup } from './exploration-report.ts';

export interface SessionSetup extends ClimbSetup, ReportSetup {
  readonly crashes: boolean | number;
  readonly faults: PlannedFaults | undefined;
  /** Kept from earlier explorations. */
  readonly saved: readonly Schedule[];
}

const livesAlike =
  'since its nodes write variables that a process would lose when it dies: give a function that makes the graph, as well as them';

export class ExploreSession {
  readonly #exploration: Exploration;
  readonly #setup: SessionSetup;
  readonly #report: ExplorationReport;
  readonly #recording: BesideRecording;
  readonly #findings: Findings;
  #isProved = false;

  constructor(exploration: Exploration, setup: SessionSetup) {
    this.#exploration = exploration;
    this.#setup = setup;
    this.#report = new ExplorationReport(exploration, setup);
    this.#recording = new BesideRecording(exploration);
    this.#findings = new Findings(exploration, this.#report, this.#recording);
  }

  async explore(given: Schedule | undefined): Promise<ExploreFacts> {
    const { first } = this.#exploration;
    if (first.run === undefined && !asksInVain(first)) return this.#stuck();
    const unlike = await this.#selfCheck();
    if (unlike !== undefined) return unlike;
    const broken = this.#exploration.brokenInvariant(first);
    if (broken !== undefined)
      return this.#findings.ofOrder({ kind: 'invariant', message: broken }, { rung: 'self-check', holds: [] });
    if (given !== undefined && isCombined(given)) return this.#givenFailing(given);
    if (given !== undefined && given.deaths.length > 0) return this.#givenDeaths(given.deaths);
    if (given !== undefined && (given.holds.length > 0 || given.base === 'recorded')) return this.#given(given);
    const { compare } = this.#exploration;
    if (given === undefined && compare === 'journal' && (await this.#recording.asksInVain()))
      return this.#foundRecorded();
    if (first.run === undefined) return this.#cameToAStand();
    const saved = await this.#saved();
    if (saved !== undefined) return saved;
    if (given === undefined) {
      const { crashes, faults } = this.#setup;
      const parts = 1 + Number(crashes !== false) + Number(faults !== undefined);
      const climbing = this.#exploration.inOneOf(parts, () => climb(this.#exploration, this.#setup));
      const { rungs, found, isProved } = await climbing;
      this.#report.rungs.push(...rungs);
      this.#isProved = isProved;
      if (found !== undefined) return this.#found(found);
    }
    const divergences = this.#recording.divergences();
    if (divergences.length > 0 && (await this.#recording.isOrder())) return this.#findings.inFifo(divergences);
    if (divergences.length > 0) return this.#report.report({ verdict: 'other than recorded', divergences });
    const changed = await this.#warmCheck();
    if (changed !== undefined) return changed;
    const crashed = given === undefined ? await this.#crash() : undefined;
    if (crashed !== undefined) return crashed;
    const faulted = given === undefined ? await this.#fault() : undefined;
    if (faulted !== undefined) return faulted;
    const combined = given === undefined ? await this.#combine() : undefined;
    if (combined !== undefined) return combined;
    const { untried } = this.#exploration;
    const isAllTried = !untried.areAny && (this.#isProved || !untried.areAnyBetween);
    if (first.choiceCount === 0 && isAllTried) return this.#report.report({ verdict: 'nothing to explore' });
    return this.#report.report({ verdict: this.#isProved ? 'proved' : 'no difference' });
  }

  /** What was found before is tried first. */
  async #saved(): Promise<ExploreFacts | undefined> {
    const { saved } = this.#setup;
    if (saved.length === 0) return undefined;
    let tried = 0;
    let stale = 0;
    for (const schedule of saved) {
      const found = await this.#savedOne(schedule);
      tried += 1;
      if (found === 'stale') stale += 1;
      else if (found !== undefined) {
        this.#report.rungs.push({ name: 'saved', schedules: tried, stale });
        return found();
      }
    }
    this.#report.rungs.push({ name: 'saved', schedules: tried, stale });
    return undefined;
  }

  /** `stale`: it names what the run does not have. */
  async #savedOne(schedule: Schedule): Promise<'stale' | (() => ExploreFacts | Promise<ExploreFacts>) | undefined> {
    const { base, holds, deaths } = schedule;
    if (isCombined(schedule)) return this.#savedFailing(schedule);
    if (deaths.length > 0) {
      const crashed = await tryDeaths(this.#exploration, deaths);
      const { found } = crashed;
      if (found !== undefined) return () => this.#findings.death('saved', crashed, found);
      return didNotCome(crashed) ? 'stale' : undefined;
    }
    const { subject, names } = this.#exploration;
    if (base === 'recorded' && !holdsOrder(subject)) return 'stale';
    const { run, change } = await this.#exploration.try(scheduledStrategy(subject, { base, holds }));
    if (change !== undefined) return () => this.#findings.ofOrder(change, { rung: 'saved', holds, run, base });
    return unknownEvents(holds, names).length > 0 ? 'stale' : undefined;
  }

  async #savedFailing(schedule: Schedule): Promise<'stale' | (() => ExploreFacts) | undefined> {
    try {
      const { found } = await tryGiven(this.#exploration, schedule);
      return found && (() => this.#findings.failing('saved', found));
    } catch (thrown) {
      if (thrown instanceof RepriseError && thrown.code === 'usage') return 'stale';
      throw thrown;
    }
  }

  /** What a death changes, if one does. */
  async #crash(): Promise<ExploreFacts | undefined> {
    const { crashes } = this.#setup;
    if (crashes === false) return undefined;
    if (this.#areLivesAlike) {
      this.#report.rungs.push({ name: 'crashes', skipped: livesAlike });
      return undefined;
    }
    const most = crashes === true ? undefined : crashes;
    const parts = this.#setup.faults === undefined ? 1 : 2;
    const crashed = await this.#exploration.inOneOf(parts, () => tryCrashes(this.#exploration, most));
    this.#report.rungs.push(crashed.rung);
    return crashed.found === undefined ? undefined : this.#findings.death('crashes', crashed, crashed.found);
  }

  /** Another life would find in its variables what the one before it has left there. */
  get #areLivesAlike(): boolean {
    const { watched } = this.#setup;
    return !this.#exploration.subject.isFresh && watched !== undefined && !watched.isUntouched;
  }

  /** What becomes of the run if something of it fails. */
  async #fault(): Promise<ExploreFacts | undefined> {
    if (this.#setup.faults === undefined) return undefined;
    const { rung, found } = await tryFaults(this.#exploration, faultPlan(this.#exploration, this.#setup.faults));
    this.#report.rungs.push(rung);
    return found === undefined ? undefined : this.#findings.failing('faults', found);
  }

  /** Orders, deaths and faults at once, as far as they were asked for. */
  async #combine(): Promise<ExploreFacts | undefined> {
    const { seed, shard, crashes, faults } = this.#setup;
    if (crashes === false && faults === undefined) return undefined;
    const setup = {
      seed,
      shard,
      hasDeaths: crashes !== false && !this.#areLivesAlike,
      faults: recordedFaults(this.#report.rungs),
    };
    const combined = await tryCombined(this.#exploration, setup);
    if (combined === undefined || combined.schedules === 0) return undefined;
    const { schedules, unrecorded, found } = combined;
    this.#report.rungs.push({ name: 'combined', schedules, unrecorded });
    return found === undefined ? undefined : this.#findings.failing('combined', found, found.shrunk);
  }

  async #givenFailing(schedule: Schedule): Promise<ExploreFacts> {
    const { rung, found } = await tryGiven(this.#exploration, schedule);
    this.#report.rungs.push({ name: 'given', schedule: scheduleText(schedule) }, rung);
    return found === undefined
      ? this.#report.report({ verdict: 'no difference' })
      : this.#findings.failing('given', found);
  }

  async #givenDeaths(deaths: readonly Death[]): Promise<ExploreFacts> {
    const crashed = await tryDeaths(this.#exploration, deaths);
    if (didNotCome(crashed) && crashed.found === undefined) {
      throw new RepriseError('usage', `the run does not come to ${deaths.map(deathText).join(' ')}`, {
        nextStep: 'Take the schedule from a report about this fixture and this code.',
      });
    }
    this.#report.rungs.push(
      { name: 'given', schedule: scheduleText({ base: 'fifo', holds: [], deaths, faults: [] }) },
      crashed.rung,
    );
    if (crashed.found === undefined) return this.#report.report({ verdict: 'no difference' });
    return this.#findings.death('given', crashed, crashed.found);
  }

  /** Nothing of what is recorded answers it, and no other order can be held against it. */
  async #cameToAStand(): Promise<ExploreFacts> {
    const divergences = this.#recording.divergences();
    if (divergences.length === 0) return this.#stuck();
    if (await this.#recording.isOrder()) return this.#findings.inFifo(divergences);
    return this.#report.report({ verdict: 'other than recorded', divergences });
  }

  /** Once more, to see where its code waits. */
  async #stuck(): Promise<ExploreFacts> {
    using awaited = watchPromises();
    const again = await this.#exploration.runWhole(fifoStrategy);
    return { ...this.#report.report({ verdict: 'stuck' }), uncontrolled: uncontrolledOf(again.stuck, again, awaited) };
  }

  /** The same order twice: unless the same comes out, nothing can be said about orders. */
  async #selfCheck(): Promise<ExploreFacts | undefined> {
    const { first } = this.#exploration;
    const again = await this.#exploration.runWhole(fifoStrategy);
    const divergences = differencesBetween(first, again);
    const isSame =
      again.readyDigest === first.readyDigest && again.run?.status === first.run?.status && divergences.length === 0;
    this.#report.rungs.push({ name: 'self-check', runs: 2, isSame });
    return isSame ? undefined : this.#report.notRepeatable(divergences, first, again);
  }

  /** A second run of the same graph, whose variables hold what the first has left there. */
  async #warmCheck(): Promise<ExploreFacts | undefined> {
    const graph = await this.#exploration.subject.makeGraph();
    const before = await this.#exploration.runWhole(fifoStrategy, { graph });
    const again = await this.#exploration.runWhole(fifoStrategy, { graph });
    const divergences = differencesBetween(before, again);
    this.#report.rungs.push({ name: 'self-check', runs: 2, isSame: divergences.length === 0, isWarm: true });
    if (divergences.length === 0) return undefined;
    const skipped = 'since a second run in the same process comes out differently';
    if (this.#setup.crashes !== false) this.#report.rungs.push({ name: 'crashes', skipped });
    if (this.#setup.faults !== undefined) this.#report.rungs.push({ name: 'faults', skipped });
    return this.#report.notRepeatable(divergences, before, again);
  }

  /**
   * The recorded order is the one that changes the result, and is shrunk as one that was tried. Where it takes several holds,
   * first in, first out takes none, and is the shorter story.
   */
  async #foundRecorded(): Promise<ExploreFacts> {
    const exploration = this.#exploration;
    const { subject } = exploration;
    if (!(subject instanceof FixtureSubject) || !holdsOrder(subject))
      return this.#findings.inFifo(this.#recording.divergences());
    const from = exploration.count;
    const inOrder = await exploration.runWhole(scheduledStrategy(subject, { base: 'recorded', holds: [] }));
    const shrunk = await shrink(inOrder, async (holds) => {
      const run = await exploration.runWhole(heldStrategy(holds));
      return { isChanged: run.run !== undefined && subject.divergences(run).length === 0, run };
    });
    const holds = shrunk?.holds ?? [];
    if (shrunk === undefined || holds.length !== 1)
      return this.#findings.inFifo(
        this.#recording.divergences(),
        await this.#findings.carrier({ kind: 'difference' }, holds),
      );
    const run = await exploration.runWhole(heldStrategy(holds));
    const runs = exploration.count - from;
    return this.#findings.ofOrder(
      { kind: 'difference' },
      {
        rung: 'self-check',
        holds,
        run,
        shrunk: { from: shrunk.from, runs },
      },
    );
  }

  async #given({ base, holds }: Schedule): Promise<ExploreFacts> {
    const schedule = scheduleText({ base, holds, deaths: [], faults: [] });
    const { run, change } = await this.#exploration.try(scheduledStrategy(this.#exploration.subject, { base, holds }));
    const unknown = unknownEvents(holds, this.#exploration.names);
    if (unknown.length > 0) {
      throw new RepriseError('usage', `the run has no event ${unknown.join(', ')}`, {
        nextStep: 'Take the schedule from a report about this fixture and this code.',
        fields: { events: unknown },
      });
    }
    this.#report.rungs.push({ name: 'given', schedule });
    if (change === undefined) return this.#report.report({ verdict: 'no difference' });
    return this.#findings.ofOrder(change, { rung: 'given', holds, run, base });
  }

  async #found({ rung, tried, after }: Found): Promise<ExploreFacts> {
    const exploration = this.#exploration;
    const from = exploration.count;
    const shrunk = await shrink(tried.run, async (holds) => {
      const { run, change } = await exploration.try(heldStrategy(holds));
      return { isChanged: change !== undefined, run };
    });
    // What one order changed must change again, and the first order must still come out as it did.
    const again = await exploration.try(fifoStrategy);
    if (shrunk === undefined || again.change !== undefined) {
      this.#report.rungs[0] = { name: 'self-check', runs: exploration.count, isSame: false };
      const { first } = exploration;
      return this.#report.notRepeatable(divergencesOf(first.steps, again.run), first, again.run);
    }
    const { holds } = shrunk;
    const { run, change = tried.change as Change } = await exploration.try(heldStrategy(holds));
    const carrier = await this.#findings.carrier(change, holds);
    const beside = carrier.by === 'clock' ? await besideClock(exploration, this.#setup) : undefined;
    if (beside !== undefined) return this.#findings.ofOrder(beside.change, beside);
    return this.#findings.ofOrder(change, {
      rung,
      after,
      holds,
      run,
      shrunk: { from: shrunk.from, runs: exploration.count - from },
      carrier,
    });
  }
}

/** Something fails, or dies in another order than first in, first out: all of it is held against the run without it. */
function isCombined({ holds, deaths, faults }: Schedule): boolean {
  return faults.length > 0 || (deaths.length > 0 && holds.length > 0);
}

/** The run ended before the process was to die. */
function didNotCome({ rung }: Crashed): boolean {
  const { beforeWrites, afterWrites, requests, twice } = rung.tried;
  return beforeWrites + afterWrites + requests + twice === 0;
}

/** Those after which a run asks for nothing that is not recorded. */
function recordedFaults(rungs: readonly Rung[]): readonly Fault[] {
  return rungs.flatMap((rung) =>
    rung.name === 'faults' && 'rows' in rung
      ? rung.rows.flatMap(({ became, schedule }) => (became === 'unrecorded' ? [] : parseSchedule(schedule).faults))
      : [],
  );
}
