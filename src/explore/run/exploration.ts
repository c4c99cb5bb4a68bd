// Runs of one subject, one after another, each compared with the first.
import { messageOf } from '../../base/error.ts';
import type { AnyRun } from '../../graph/types/run-types.ts';
import { liveEventLoop } from '../../live/event-loop/event-loop.ts';
import { realNow } from '../../live/event-loop/real-timers.ts';
import type { Divergence } from '../../diff/divergence.ts';
import type { PlacedEffect } from '../../journal/address.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import type { Finding } from '../../report/explore/explore-facts.ts';
import { divergencesOf, movedIn, sameLength, sameResult, sameStep } from './comparison.ts';
import type { Compare, Leeway } from './comparison.ts';
import { crashedRun } from '../crash/crashed-run.ts';
import type { CrashedRun } from '../crash/crashed-run.ts';
import { EventNames } from '../order/event-names.ts';
import { faultyRecording } from '../fault/faulty-world.ts';
import type { Faulty, FaultyRecording } from '../fault/faulty-world.ts';
import { FreedRaces } from '../race/freed-races.ts';
import { asksInVain } from './open-step.ts';
import { runOnce } from './run-once.ts';
import type { OneRun, ScheduledRun } from './run-once.ts';
import type { Fault, Schedule } from '../schedule/schedule.ts';
import { fifoStrategy } from '../strategy/fifo.ts';
import { heldStrategy } from '../strategy/held.ts';
import type { MakeStrategy, Strategy } from '../strategy/strategy.ts';
import type { Subject, SubjectWorld } from '../subject/subject.ts';
import { UntriedEvents } from './untried.ts';
import type { WatchedGraph } from '../watch/watched-graph.ts';

/** What must hold after each run, whatever the order. */
export type Invariant = (run: AnyRun, outside: never) => unknown;

export interface ExplorationSetup {
  readonly subject: Subject;
  readonly compare: Compare;
  readonly invariant: Invariant | undefined;
  /** How many runs may be made before a difference is found. */
  readonly schedulesMax: number;
  /** When to stop looking, by `realNow`. */
  readonly endsAt: number;
  readonly signal?: AbortSignal | undefined;
  /** Told of each run, how many may be made, and how many things have happened in a long one. */
  readonly onProgress?: ((made: number, atMost: number, events: number) => void) | undefined;
  readonly install: NonNullable<OneRun['install']>;
  /** Looks at the variables of the first runs. */
  readonly watched: WatchedGraph | undefined;
  /** All clocks stand still in its runs. */
  readonly isStill?: boolean;
}

export interface Tried {
  readonly run: ScheduledRun;
  readonly change: Change | undefined;
}

export type Change = Pick<Finding, 'kind' | 'message'>;

/** A run has so many events more than the first one before it counts as endless. */
const eventsMore = { factor: 20, least: 10_000 };

/** What goes wrong besides the order. */
export type Failing = Partial<Pick<Schedule, 'holds' | 'deaths' | 'faults'>>;

interface HowToRun extends Pick<OneRun, 'onStep' | 'graph' | 'isStill'> {
  /** On its graph, with a look at the variables after each event. */
  readonly watched?: WatchedGraph | undefined;
}

export class Exploration {
  readonly #setup: ExplorationSetup;
  #endsAt: number;
  readonly names: EventNames;
  /** First in, first out: what all others are compared with. */
  readonly first: ScheduledRun;
  /** Attempts that waited too long for something that nobody sees, in any of the runs. */
  readonly uncontrolled = new Set<string>();
  /** What no order could bring earlier. */
  readonly untried = new UntriedEvents();
  #count: number;
  #recorded: FaultyRecording | undefined;
  #unlike: { readonly step: CanonicalStep; readonly moved: ReadonlySet<string> } | undefined;

  private constructor(setup: ExplorationSetup, names: EventNames, first: ScheduledRun, count: number) {
    this.#setup = setup;
    this.#endsAt = setup.endsAt;
    this.names = names;
    this.first = first;
    this.#count = count;
    this.#see(first);
  }

  static async begin(setup: ExplorationSetup): Promise<Exploration> {
    const names = new EventNames();
    const { subject, install, watched } = setup;
    let made = 0;
    const run = (): Promise<ScheduledRun> => {
      made += 1;
      const onEvents = progressOf(setup, made);
      const one = { subject, names, strategy: fifoStrategy, eventsMax: 1_000_000, install, seesWork: true, onEvents };
      return watched === undefined ? runOnce(one) : watched.run(one);
    };
    let first = await run();
    if (subject.keepRaces?.(first.steps) === true) first = await run();
    // What a first run leaves behind is there in all that follow, unless each has a graph of its own.
    if (watched === undefined || first.run === undefined) return new Exploration(setup, names, first, 1);
    const warm = await run();
    return new Exploration(setup, names, subject.isFresh ? first : warm, 2);
  }

  /**
   * The same exploration while all clocks stand still; its runs are of the same number. Undefined where that shows nothing, since
   * code then asks for something else, or never ends.
   */
  async whileStill<Result>(use: (still: Exploration) => Promise<Result>): Promise<Result | undefined> {
    const first = await this.runWhole(fifoStrategy, { isStill: true });
    if (first.run === undefined || asksInVain(first)) return undefined;
    const still = new Exploration({ ...this.#setup, isStill: true }, this.names, first, this.#count);
    const result = await use(still);
    this.#count = still.count;
    return result;
  }

  /** How many runs were made. */
  get count(): number {
    return this.#count;
  }

  get subject(): Subject {
    return this.#setup.subject;
  }

  /** How many more schedules may be tried. */
  get left(): number {
    return this.isStopped ? 0 : Math.max(0, this.#setup.schedulesMax - this.#count);
  }

  get schedulesMax(): number {
    return this.#setup.schedulesMax;
  }

  /** Its time is over, or its caller has had enough. */
  get isStopped(): boolean {
    return realNow() >= this.#endsAt || this.#setup.signal?.aborted === true;
  }

  /** Does a part of what was asked for in one of so many equal parts of the time that is left, so that some is left to the rest. */
  async inOneOf<Result>(parts: number, work: () => Promise<Result>): Promise<Result> {
    const { endsAt } = this.#setup;
    const now = realNow();
    this.#endsAt = now + (endsAt - now) / parts;
    try {
      return await work();
    } finally {
      this.#endsAt = endsAt;
    }
  }

  get compare(): Compare {
    return this.#setup.compare;
  }

  /** Runs a schedule in which processes die, or effects fail. `strategy`: in place of its holds. */
  async runFailing({ holds = [], deaths = [], faults = [] }: Failing, strategy?: MakeStrategy): Promise<CrashedRun> {
    const { subject, install } = this.#setup;
    this.#countRun();
    const unanswered: PlacedEffect[] = [];
    const setup = {
      subject,
      install,
      names: this.names,
      strategy: strategy ?? ((): Strategy => heldStrategy(holds)),
      faulty: this.#faulty(faults, unanswered),
      eventsMax: this.#eventsMax,
    };
    const run = await crashedRun(setup, deaths);
    for (const at of run.uncontrolled) this.uncontrolled.add(at);
    return { ...run, missing: [...run.missing, ...setup.faulty.races.unknownOf(unanswered, run.steps)] };
  }

  #faulty(faults: readonly Fault[], unanswered: PlacedEffect[]): Faulty {
    const races = this.freedBy(faults);
    const faulty = {
      faults: new Map(faults.map((fault) => [fault.event, fault])),
      races,
      onUnanswered: (effect: PlacedEffect) => void unanswered.push(effect),
    };
    return faults.length === 0 || this.subject.isOutsideAsked ? faulty : { ...faulty, recorded: this.recorded };
  }

  /** The races that nobody has decided if these fail. */
  freedBy(faults: readonly Fault[]): FreedRaces {
    return new FreedRaces(this.recorded.races, faults);
  }

  /** What the first run was answered with. */
  get recorded(): FaultyRecording {
    this.#recorded ??= faultyRecording(this.first.steps);
    return this.#recorded;
  }

  get #eventsMax(): number {
    return Math.max(eventsMore.least, this.first.trace.length * eventsMore.factor);
  }

  /** Runs a schedule until it differs from the first run. `isWatched`: on the watched graph, with a look at its variables. */
  async try(strategy: Strategy, isWatched = false): Promise<Tried> {
    const { compare } = this.#setup;
    let isDifferent = false;
    const onStep: OneRun['onStep'] = (step, world) => {
      isDifferent ||= compare === 'journal' && !this.#isSame(step, world);
      return isDifferent ? 'stop' : undefined;
    };
    const run = await this.runWhole(strategy, { onStep, watched: isWatched ? this.#setup.watched : undefined });
    return { run, change: isDifferent ? { kind: 'difference' } : this.#changeOf(run, compare === 'journal') };
  }

  #isSame(step: CanonicalStep, world: SubjectWorld): boolean {
    const before = this.first.steps[step.step];
    if (sameStep(before, step)) return true;
    const { readings, moved } = this.leeway(world);
    if (sameStep(before, step, { moved })) return true;
    const isAlike = sameStep(before, step, { readings, moved });
    if (isAlike) this.#unlike ??= { step, moved };
    return isAlike;
  }

  /** What may differ between the first run and another one, whose world this is. */
  leeway(world: Pick<SubjectWorld, 'moved'>): Required<Leeway> {
    return { readings: this.subject.readings, moved: movedIn(this.first.world, world) };
  }

  /** Where first a reading came out differently, and nothing else. */
  get unlikeReading(): Divergence | undefined {
    const unlike = this.#unlike;
    if (unlike === undefined) return undefined;
    const { step, moved } = unlike;
    const before = this.first.steps.slice(0, step.step + 1);
    const { world } = this.first;
    return divergencesOf(before, { steps: [...before.slice(0, -1), step], world }, { moved })[0];
  }

  /** Runs a schedule to its end. */
  async runWhole(strategy: Strategy, { watched, ...more }: HowToRun = {}): Promise<ScheduledRun> {
    const { subject, install } = this.#setup;
    const onEvents = this.#countRun();
    // What else the process has to do gets its turn between runs.
    if (liveEventLoop.isTurnOver()) await new Promise<void>((resolve) => liveEventLoop.inLaterTurn(resolve));
    const isStill = this.#setup.isStill === true;
    const one = {
      subject,
      names: this.names,
      strategy,
      eventsMax: this.#eventsMax,
      install,
      isStill,
      onEvents,
      ...more,
    };
    const run = await (watched === undefined ? runOnce(one) : watched.run(one));
    this.#see(run);
    return run;
  }

  #countRun(): (events: number) => void {
    this.#count += 1;
    return progressOf(this.#setup, this.#count);
  }

  #see(run: ScheduledRun): void {
    for (const at of run.uncontrolled) this.uncontrolled.add(at);
    this.untried.see(run);
  }

  /** How a whole run differs from the first, if it does. `areStepsSame`: each of its steps was compared as it ended. */
  #changeOf(run: ScheduledRun, areStepsSame: boolean): Change | undefined {
    if (run.run === undefined) return { kind: asksInVain(run) ? 'difference' : 'stuck' };
    const message = this.brokenInvariant(run);
    if (message !== undefined) return { kind: 'invariant', message };
    const isSame = areStepsSame
      ? sameLength(this.first, run)
      : sameResult(this.first, run, this.#setup.compare, this.leeway(run.world));
    return isSame ? undefined : { kind: 'difference' };
  }

  /** What the invariant says against a run. */
  brokenInvariant({ run, world }: Pick<ScheduledRun, 'run' | 'world'>): string | undefined {
    const { invariant } = this.#setup;
    if (invariant === undefined || run === undefined) return undefined;
    try {
      return invariant(run, world.outside as never) === false ? 'the invariant does not hold' : undefined;
    } catch (thrown) {
      return messageOf(thrown);
    }
  }
}

/** A run begins. Returns what is told of its events. */
function progressOf(
  { onProgress, schedulesMax }: Pick<ExplorationSetup, 'onProgress' | 'schedulesMax'>,
  made: number,
): (events: number) => void {
  onProgress?.(made, schedulesMax, 0);
  return (events) => onProgress?.(made, schedulesMax, events);
}
