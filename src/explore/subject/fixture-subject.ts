import type { Value } from '../../base/value.ts';
import { noOptions } from '../../base/options/option-shape.ts';
import type { Divergence } from '../../diff/divergence.ts';
import { withoutGoneFields } from '../../diff/value/shared-fields.ts';
import type { AnyGraph } from '../../graph/built-graph.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import type { AttemptResult, EffectRef, Entry, PooledEntry, RunEntry } from '../../journal/entry.ts';
import { sameEntry } from '../../journal/entry-identity.ts';
import { recordedRules } from '../../journal/http/request-rules.ts';
import type { TravellingRules } from '../../journal/redact/rule/redaction-rules.ts';
import { RecordedRedaction } from '../../replay/redaction/recorded-redaction.ts';
import { withClocksAt } from '../../live/ambient/reads-now.ts';
import type { RunQuiet } from '../../live/event-loop/run-quiet.ts';
import type { Clock } from '../../port/clock.ts';
import type { Seal } from '../../port/seal.ts';
import { madeGraph } from '../../replay/session/made-graph.ts';
import { FixtureWorld } from '../../replay/world/fixture-world.ts';
import { migratedFields } from '../../replay/recorded/migrated-fields.ts';
import { SharedSteps } from '../../replay/recorded/read-steps.ts';
import { Recording } from '../../replay/recorded/recording.ts';
import { openFixture } from '../../store/fixture/open-fixture.ts';
import { divergencesOf, movedIn } from '../run/comparison.ts';
import { withOpenStep } from '../run/open-step.ts';
import { Readings } from '../run/readings.ts';
import { ResumedFixtureWorld } from '../crash/resumed-fixture-world.ts';
import { checkedGraph, graphMaker } from './subject.ts';
import type { FailingWorld, MadeGraph, Subject, SubjectWorld, Subjected } from './subject.ts';
import type { ScheduledRun } from '../run/run-once.ts';

/** A recorded run, in memory as a whole: each of its schedules reads it again. */
export class FixtureSubject implements Subject {
  readonly fixture: string;
  readonly graphName: string;
  readonly graph: AnyGraph;
  readonly makeGraph: Subject['makeGraph'];
  readonly isOutsideAsked = false;
  readonly isFresh: boolean;
  readonly readings = new Readings();
  readonly steps: readonly CanonicalStep[];
  readonly #shared: SharedSteps;
  readonly #run: RunEntry;
  readonly #pooled: readonly PooledEntry[];
  readonly #redaction: TravellingRules;
  readonly #seal: Seal;

  constructor(
    { graph, isFresh, makeGraph }: MadeGraph,
    recorded: {
      path: string;
      run: RunEntry;
      steps: readonly CanonicalStep[];
      pooled: readonly PooledEntry[];
      redaction: TravellingRules;
    },
    seal: Seal,
  ) {
    this.graph = graph;
    this.isFresh = isFresh;
    // A node that compares its time with one that was read before begins with the run, whenever its copy is made.
    const make = (): ReturnType<Subject['makeGraph']> => withClocksAt(recorded.run.observed.time, makeGraph);
    this.makeGraph = make;
    this.fixture = recorded.path;
    this.graphName = recorded.run.graph.name;
    this.steps = recorded.steps;
    this.#shared = new SharedSteps(recorded.steps);
    for (const { entries, beside } of recorded.steps)
      for (const entry of [...entries, ...beside]) this.readings.noteRecorded(entry);
    this.#run = recorded.run;
    this.#pooled = recorded.pooled;
    this.#redaction = recorded.redaction;
    this.#seal = seal;
  }

  get runId(): string {
    return this.#run.observed.runId;
  }
  get seed(): string {
    return this.#run.seed;
  }
  get startTime(): number {
    return this.#run.observed.time;
  }
  get recorded(): NonNullable<Subject['recorded']> {
    const later = migratedFields(this.#run.graph, this.graph.spec.description, () => this.steps);
    return { semantics: this.#run.semantics, rules: recordedRules(this.#run, noOptions), later };
  }

  /** Each attempt has started, and each effect was answered. */
  get eventCount(): number {
    const count = (entries: readonly Entry[]): number =>
      entries.filter(({ kind }) => kind === 'effect' || kind === 'outcome').length;
    return this.steps.reduce((sum, { entries }) => sum + count(entries), 0);
  }

  get input(): unknown {
    const commit = this.steps[0]?.entries.find((entry) => entry.kind === 'commit');
    const { description } = this.graph.spec;
    return commit?.kind === 'commit'
      ? withoutGoneFields(commit.input, this.#run.graph.state, description.state)
      : undefined;
  }

  /** How a run of today's code, redacted as the fixture was, differs from what was recorded. */
  divergences(run: ScheduledRun): readonly Divergence[] {
    const { world } = run;
    const steps = withOpenStep(this.steps, run);
    const leeway = { readings: this.readings, moved: movedIn(world) };
    return divergencesOf(this.steps, { steps: steps.map(this.redaction()), world }, leeway);
  }

  /** Redacts the steps of one run, in their order, as the fixture was. */
  redaction(): (step: CanonicalStep) => CanonicalStep {
    const redaction = new RecordedRedaction(this.#redaction);
    return (step) => ({ ...step, entries: this.#redacted(step.entries, step.step, redaction) });
  }

  #redacted(entries: readonly Entry[], step: number, redaction: RecordedRedaction): readonly Entry[] {
    return entries.map((entry, place) => {
      const recorded = this.steps[step]?.entries[place];
      if (recorded !== undefined && sameEntry(recorded, entry)) return recorded;
      return redaction.likened(recorded, entry);
    });
  }

  makeWorld(
    graph: AnyGraph,
    clock: Clock,
    quiet: RunQuiet,
    { from, isStill = false }: Partial<FailingWorld> = {},
  ): SubjectWorld {
    const recording = new Recording(this.#shared.again(), () => this.#pooled);
    const { isAlike: isRedacted, pairs } = new RecordedRedaction(this.#redaction);
    pairs.given.add(recording.input);
    const { readings } = this;
    const given = (source: string, value: Value): void => readings.note(source, value);
    const isAlike = (known: EffectRef, asked: EffectRef): boolean =>
      readings.areAlike(known.request, asked.request) || isRedacted?.(known, asked) === true;
    const options = {
      isAlike,
      readings: { given, isStill, drawsOnce: true },
      quiet,
      mode: 'effects',
      cut: 'recorded',
      lenient: false,
      redact: (value: Value) => value,
      compared: (_recorded: AttemptResult, result: AttemptResult) => result,
      gave: (recorded: Value) => pairs.given.add(recorded),
      seal: this.#seal,
      controlled: clock,
    } as const;
    const world =
      from === undefined
        ? new FixtureWorld(recording, graph.spec, options)
        : new ResumedFixtureWorld(recording, graph.spec, options, from);
    return {
      world,
      outside: undefined,
      missing: () => world.observations.missing,
      moved: () => world.observations.moved,
      unheard: () => world.observations.unheard,
      pooled: this.#pooled,
      stop: () => {
        world.isStopped = true;
      },
    };
  }
}

/** @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown` */
export async function fixtureSubject(graph: Subjected, path: string, seal: Seal): Promise<FixtureSubject> {
  if (typeof graph !== 'function') checkedGraph(graph);
  using fixture = await openFixture(path);
  const { run, redaction } = fixture;
  // The first is made at the time of the run too: packages are loaded with it, and stay for all that are made later.
  const made = await madeGraph(() => graphMaker(graph), fixture);
  return new FixtureSubject(
    made,
    { path, run, steps: [...fixture.steps()], pooled: [...fixture.pooled()], redaction },
    seal,
  );
}
