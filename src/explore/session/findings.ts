// What an exploration has found, as its report tells it.
import type { Divergence } from '../../diff/divergence.ts';
import type { ExploreFacts, Finding } from '../../report/explore/explore-facts.ts';
import type { CrashedRun } from '../crash/crashed-run.ts';
import type { CrashFound, Crashed } from '../crash/crashes.ts';
import { sentOtherwise } from '../crash/sent-otherwise.ts';
import type { FailingFound } from '../fault/faults.ts';
import { divergencesOf } from '../run/comparison.ts';
import type { Change, Exploration } from '../run/exploration.ts';
import { unansweredIn, withOpenStep } from '../run/open-step.ts';
import type { ScheduledRun } from '../run/run-once.ts';
import { deathText, scheduleText } from '../schedule/schedule.ts';
import type { Death, Hold, Schedule } from '../schedule/schedule.ts';
import { heldStrategy } from '../strategy/held.ts';
import type { Strategy } from '../strategy/strategy.ts';
import { FixtureSubject } from '../subject/fixture-subject.ts';
import type { BesideRecording } from './beside-recording.ts';
import { carrierOf, lostWith } from './carrier.ts';
import type { Carrier } from './carrier.ts';
import type { ExplorationReport } from './exploration-report.ts';
import { heldOrder } from './held-order.ts';
import { scheduledStrategy } from './scheduled-strategy.ts';

/** Of these, the message tells all. */
const untold: ReadonlySet<Finding['kind']> = new Set(['stuck', 'double effect', 'journal']);

/** An order that changes the result. */
export interface ChangingOrder {
  readonly rung: Finding['rung'];
  readonly holds: readonly Hold[];
  readonly base?: Schedule['base'];
  /** Absent where the first run itself is what was found. */
  readonly run?: ScheduledRun;
  /** How many schedules it took to find it; 1 by default. */
  readonly after?: number;
  /** Unless it was taken as it was given. */
  readonly shrunk?: Finding['shrunk'];
  /** If it is known already. */
  readonly carrier?: Carrier;
}

type Differing = Pick<Finding, 'divergences' | 'isFromRecorded' | 'isAsRecorded' | 'unanswered'>;

export class Findings {
  readonly #exploration: Exploration;
  readonly #report: ExplorationReport;
  readonly #recording: BesideRecording;

  constructor(exploration: Exploration, report: ExplorationReport, recording: BesideRecording) {
    this.#exploration = exploration;
    this.#report = report;
    this.#recording = recording;
  }

  async ofOrder(change: Change, found: ChangingOrder): Promise<ExploreFacts> {
    const { rung, holds, base = 'fifo', run, after = 1, shrunk = { from: holds.length, runs: 0 } } = found;
    const isTold = run === undefined || untold.has(change.kind);
    const differing = isTold ? { divergences: [] } : await this.#differing(holds, base);
    const carrier =
      found.carrier ?? (base === 'fifo' ? await this.carrier(change, holds) : this.#report.variables(holds));
    const finding: Finding = {
      ...change,
      rung,
      after,
      schedule: scheduleText({ base, holds, deaths: [], faults: [] }),
      holds: this.#report.named(holds),
      ...(run === undefined ? {} : { order: heldOrder(run, holds) }),
      shrunk,
      ...differing,
      ...carrier,
    };
    return this.#report.report({ verdict: 'found', finding });
  }

  /** First in, first out itself is not as recorded. */
  inFifo(divergences: readonly Divergence[], carrier: Carrier = {}): ExploreFacts {
    const finding = { rung: 'self-check', after: 1, shrunk: { from: 0, runs: 0 }, isFromRecorded: true } as const;
    const more = { ...unansweredIn(divergences, this.#exploration.first), ...carrier };
    return this.#report.report({
      verdict: 'found',
      finding: { kind: 'difference', ...finding, schedule: 'fifo', holds: [], divergences, ...more },
    });
  }

  /** What a schedule changes in which something fails, or dies in another order than first in, first out. */
  failing(
    rung: Finding['rung'],
    { schedule, run, whole, change, after }: FailingFound,
    shrunk: Finding['shrunk'] = { from: schedule.holds.length, runs: 0 },
  ): ExploreFacts {
    const { holds, deaths, faults } = schedule;
    const finding: Finding = {
      ...change,
      rung,
      after,
      schedule: scheduleText(schedule),
      holds: this.#report.named(holds),
      ...(deaths.length === 0 ? {} : { ...diedAt(deaths, run), ...this.#lost(whole, run) }),
      ...(faults.length === 0 ? {} : { faults: faults.map((fault) => this.#report.namedFault(fault)) }),
      shrunk,
      divergences: untold.has(change.kind)
        ? []
        : divergencesOf((whole ?? this.#exploration.first).steps, run, this.#exploration.leeway(run)),
    };
    return this.#report.report({ verdict: 'found', finding });
  }

  death(rung: Finding['rung'], { whole }: Crashed, { deaths, run, change, after }: CrashFound): ExploreFacts {
    const finding: Finding = {
      ...change,
      rung,
      after,
      schedule: scheduleText({ base: 'fifo', holds: [], deaths, faults: [] }),
      holds: [],
      ...diedAt(deaths, run),
      ...this.#lost(whole, run),
      shrunk: { from: 0, runs: 0 },
      divergences: change.kind === 'stuck' ? [] : divergencesOf(whole.steps, run, this.#exploration.leeway(run)),
    };
    return this.#report.report({ verdict: 'found', finding });
  }

  /** What a death changes outside of the journal. */
  #lost(whole: CrashedRun | undefined, run: CrashedRun): Pick<Finding, 'sent' | 'variables'> {
    if (whole === undefined) return {};
    const sent = sentOtherwise(whole, run);
    const variables = lostWith(whole, run, this.#report.written);
    return { ...(sent.length === 0 ? {} : { sent }), ...(variables.length === 0 ? {} : { variables }) };
  }

  carrier(change: Pick<Change, 'kind'>, holds: readonly Hold[]): Promise<Carrier> {
    const { variables: written = [] } = this.#report.variables(holds);
    const makeStrategy = (): Strategy => heldStrategy(holds);
    return carrierOf(this.#exploration, change, { holds, makeStrategy, written });
  }

  /**
   * All that a schedule changes, up to the end of the run. Where first in, first out asks in vain, the recording is what it is
   * compared with.
   */
  async #differing(holds: readonly Hold[], base: Schedule['base'] = 'fifo'): Promise<Differing> {
    const { first, subject } = this.#exploration;
    const whole = await this.#exploration.runWhole(scheduledStrategy(subject, { base, holds }));
    if (!(subject instanceof FixtureSubject) || !(await this.#recording.asksInVain())) {
      const run = { ...whole, steps: withOpenStep(first.steps, whole) };
      const divergences = divergencesOf(first.steps, run, this.#exploration.leeway(whole.world));
      return { divergences, ...unansweredIn(divergences, whole) };
    }
    const divergences = subject.divergences(whole);
    if (divergences.length > 0) return { divergences, ...unansweredIn(divergences, whole), isFromRecorded: true };
    const usual = this.#recording.divergences();
    return { divergences: usual, ...unansweredIn(usual, first), isFromRecorded: true, isAsRecorded: true };
  }
}

function diedAt(deaths: readonly Death[], { written }: CrashedRun): Pick<Finding, 'deaths' | 'deathWrites'> {
  const deathWrites = deaths.map((death) => (death.kind === 'write' ? (written[death.write - 1] ?? '') : ''));
  return { deaths: deaths.map(deathText), deathWrites };
}
