// One replay of one fixture: what surrounds it, and the report. The journals are compared in compared-steps.ts.
import type { Value } from '../../base/value.ts';
import { noOptions } from '../../base/options/option-shape.ts';
import { LeftOut } from '../../diff/value/left-out.ts';
import { withoutGoneFields } from '../../diff/value/shared-fields.ts';
import { shifted } from '../../diff/compare-runs.ts';
import { rootCauses } from '../../diff/cause/root-cause.ts';
import { graphDifferences } from '../../diff/graph/graph-divergence.ts';
import { mayBeReading } from '../../diff/cause/may-be-reading.ts';
import { causesOfReplay } from '../../diff/cause/possible-causes.ts';
import type { Divergence } from '../../diff/divergence.ts';
import type { PossibleCauses } from '../../diff/cause/possible-causes.ts';
import { RunHost } from '../../engine/host/run-host.ts';
import { engineSettings } from '../../engine/options/engine-options.ts';
import type { AnyGraph } from '../../graph/built-graph.ts';
import type { GraphDescription } from '../../journal/description.ts';
import { graphWithNodeNames, namedEntries } from '../../journal/run/renamed-nodes.ts';
import type { NodeNames } from '../../journal/run/renamed-nodes.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import { DrivenVersions } from '../../journal/run/driven-versions.ts';
import type { RequestRules } from '../../journal/run-facts.ts';
import { recordedRules, requestRules, unfollowedRules } from '../../journal/http/request-rules.ts';
import { installReplayedReads } from '../../live/ambient/ambient-reads.ts';
import { installInterception } from '../../live/http/interception.ts';
import { installPlaceholders } from '../../live/placeholders.ts';
import { liveSurroundings } from '../../live/surroundings.ts';
import { liveSourcePaths } from '../../live/source-paths.ts';
import { realSetImmediate } from '../../live/event-loop/real-timers.ts';
import { liveEventLoop } from '../../live/event-loop/event-loop.ts';
import { inOwnTurns } from '../../live/event-loop/turns.ts';
import { RunQuiet } from '../../live/event-loop/run-quiet.ts';
import { liveRejections } from '../../live/rejections.ts';
import { installNodeTimers } from '../../live/timers/node-timers.ts';
import { installReplayedImmediates } from '../../live/timers/replayed-immediates.ts';
import { inThisTurnOrLater } from '../../port/in-turns.ts';
import type { Turns } from '../../port/in-turns.ts';
import { arrivalOrder } from '../../port/oracle.ts';
import type { Fixture } from '../../store/fixture/open-fixture.ts';
import type { Adoption } from './adoption.ts';
import { FixtureWorld } from '../world/fixture-world.ts';
import { GivenMarks } from '../redaction/given-marks.ts';
import type { Observations } from '../world/observations.ts';
import { RecordedRedaction } from '../redaction/recorded-redaction.ts';
import { migratedFields } from '../recorded/migrated-fields.ts';
import { readStepsInPieces } from '../recorded/read-steps.ts';
import { RecordedTasks } from '../recorded/recorded-tasks.ts';
import { Recording } from '../recorded/recording.ts';
import type { ReplayOptions } from './replay-options.ts';
import { heldMark } from '../redaction/held-marks.ts';
import { askUnrecorded, hasDrawnFromCrypto, isRedacted, racingSteps, versionsOf } from './fixture-evidence.ts';
import type { ReplayReport } from './replay-report.ts';
import type { AnsweredRequest } from '../../port/seal.ts';
import { ReplaySeal } from './replay-seal.ts';
import { ComparedSteps } from './compared-steps.ts';
import type { FilledOptions } from './compared-steps.ts';
import { StallWatch } from './stall-watch.ts';
import { afterRefusals, outsideDivergence, thrownDivergence, waitingDivergence } from './uncompared-divergences.ts';
import { afterLate, lateDivergences } from './late-requests.ts';
import { ReplayStore } from './replay-store.ts';
import { VirtualClock } from './virtual-clock.ts';

const notesShownMax = 3;

export class ReplaySession {
  readonly #graph: AnyGraph;
  readonly #fixture: Fixture;
  readonly #options: FilledOptions;
  readonly #rules: RequestRules;
  readonly #recording: Recording;
  readonly #quiet: RunQuiet;
  readonly #world: FixtureWorld;
  readonly #compared: ComparedSteps;
  readonly #redaction: RecordedRedaction;
  readonly #leftOut: LeftOut;
  readonly #seal: ReplaySeal;
  readonly #adoption: Adoption | undefined;
  /** A node of it has run. */
  #isBegun = false;
  /** What the run waits for in the end, though nobody gave it when it was recorded. */
  #waitsFor: readonly string[] = [];

  constructor(graph: AnyGraph, fixture: Fixture, options: ReplayOptions, adoption?: Adoption) {
    this.#graph = graph;
    this.#adoption = adoption;
    const seal = new ReplaySeal(adoption?.asksOutside);
    this.#seal = seal;
    this.#fixture = fixture;
    this.#options = { ...options, mode: options.mode ?? 'effects', strictness: options.strictness ?? 'strict' };
    this.#rules = recordedRules(fixture.run, options);
    this.#redaction = new RecordedRedaction(
      fixture.redaction,
      options.redact,
      new GivenMarks(() => this.#compared.givenEarlier()),
    );
    const { isAlike } = this.#redaction;
    this.#quiet = new RunQuiet();
    this.#leftOut = new LeftOut(options.compare ?? {});
    const steps = readStepsInPieces(namedToday(fixture.stepsInPieces(), adoption?.names));
    const all = adoption === undefined ? undefined : [...steps].filter((step) => step !== undefined);
    this.#recording = new Recording(all ?? steps, () => fixture.pooled());
    this.#redaction.pairs.given.add(this.#recording.input);
    this.#world = new FixtureWorld(this.#recording, graph.spec, {
      quiet: this.#quiet,
      mode: this.#options.mode,
      cut: options.cut ?? 'recorded',
      lenient: this.#options.strictness === 'lenient',
      redact: (value) => this.#redaction.value(value),
      compared: (recorded, result, node) => this.#redaction.comparedResult(recorded, result, node),
      gave: (recorded) => this.#redaction.pairs.given.add(recorded, this.#recording.number),
      seal: this.#seal,
      ...(adoption?.sendsMarks === true
        ? {}
        : { heldMark: (request: Value) => heldMark(request, (mark) => this.#redaction.pairs.given.has(mark)) }),
      settled: (recorded, replayed) => this.#leftOut.result(recorded, replayed),
      shownState: (recorded, replayed) => this.#redaction.shown(recorded, this.#leftOut.state(recorded, replayed)),
      ...(isAlike === undefined ? {} : { isAlike }),
      ...(adoption === undefined || all === undefined
        ? {}
        : {
            adopts: {
              // One that has refused something already comes to nothing: what it would send is for nobody.
              get asksOutside() {
                return adoption.asksOutside && !seal.hasRefusedNodes;
              },
              tasks: new RecordedTasks(
                all,
                adoption.isInPlace === true
                  ? undefined
                  : { recorded: this.#recordedGraph, today: graph.spec.description },
              ),
            },
          }),
    });
    this.#compared = new ComparedSteps({
      fixture,
      options: this.#options,
      adoption,
      recording: this.#recording,
      world: this.#world,
      seal,
      redaction: this.#redaction,
      leftOut: this.#leftOut,
    });
  }

  async run(): Promise<unknown> {
    // Before its nodes are kept from the outside: from then on it may not give up its turn until they ask for something.
    await inOwnTurns(this.#recording.readAhead());
    const clock = new VirtualClock(this.#fixture.run.observed.time, this.#quiet);
    const { isTurnOver } = this.#turns;
    const loop = { ...liveEventLoop, isTurnOver, watch: () => this.#quiet };
    const { runId } = this.#fixture.run.observed;
    const { seed } = this.#fixture.run;
    const engine = new RunHost(
      this.#graph,
      {
        clock,
        entropy: { runId: () => runId, seed: () => seed },
        paths: liveSourcePaths,
        loop,
        oracle: arrivalOrder,
        world: this.#world,
        store: new ReplayStore(
          (step) => this.#compared.add(step),
          (work) => inThisTurnOrLater(this.#turns, work),
        ),
        rejections: liveRejections,
        sources: [],
        recorded: { semantics: this.#fixture.run.semantics, rules: this.#rules, later: this.#migratedFields },
        sinks: [],
        attachPollMs: 0,
      },
      engineSettings({
        // Code that is right now may not come to an end.
        ...(this.#adoption === undefined ? { maxSteps: Number.POSITIVE_INFINITY } : {}),
        maxTasks: Number.POSITIVE_INFINITY,
        maxConcurrent: Number.POSITIVE_INFINITY,
      }),
    );
    const unseal = this.#sealOutside(engine);
    const stalls = new StallWatch(this.#quiet, () => this.#world.observations.started);
    stalls.begin();
    try {
      // In this turn: a mock that is started between what keeps nodes from the outside and their first request answers that.
      const run = await engine.run(this.#input, { runId, seed });
      if (run.status === 'paused') this.#waitsFor = [...run.questions.map(({ key }) => key), ...(run.signals ?? [])];
      // What its last node left for this turn still counts.
      if (this.#options.mode === 'effects') await new Promise<void>((resolve) => void realSetImmediate(resolve));
      return run;
    } finally {
      stalls.end();
      unseal();
      await engine.close();
      this.#quiet.close();
    }
  }

  /** The recorded input, without fields that today's graph no longer has. */
  get #input(): Value {
    const { run, input } = this.#recording;
    return run === undefined ? input : withoutGoneFields(input, run.graph.state, this.#graph.spec.description.state);
  }

  get #migratedFields(): readonly string[] {
    return migratedFields(this.#recordedGraph, this.#graph.spec.description, () => this.#fixture.steps());
  }

  /** Keeps nodes from the outside. If no node code runs, there is nothing to keep. */
  #sealOutside(engine: RunHost): () => void {
    if (this.#options.mode === 'outputs') return () => undefined;
    // The doors stand below interception, so they are put up first.
    const open = this.#seal.close(this.#options.seal ?? 'nodes');
    const removeInterception = installInterception(noOptions, engine, this.#rules);
    // What asks the outside needs real keys.
    const removePlaceholders = this.#adoption?.asksOutside === true ? () => undefined : installPlaceholders();
    const removeReads = installReplayedReads();
    const removeTimers = installNodeTimers();
    const removeImmediates = installReplayedImmediates();
    return () => {
      removeImmediates();
      removeTimers();
      removeReads();
      removePlaceholders();
      removeInterception();
      open();
    };
  }

  /** From then on a slow machine may put off what is next. Until then it would let others start mocks in between. */
  get #hasBegun(): boolean {
    this.#isBegun ||= this.#world.observations.started.size > 0;
    return this.#isBegun;
  }

  /** What waits for its turn is work of the run: meanwhile nothing is quiet. */
  readonly #turns: Turns = {
    isTurnOver: (between) => this.#hasBegun && liveEventLoop.isTurnOver(between),
    inLaterTurn: (callback) => {
      const release = this.#quiet.hold();
      liveEventLoop.inLaterTurn(() => {
        release();
        callback();
      });
    },
  };

  /** Whether the code asked for something that it could not get. */
  get lacksAnswers(): boolean {
    return this.#compared.lacksAnswers || this.#waitsFor.length > 0;
  }

  /** Whether an error of the replay itself, which was not recorded, became a result. */
  get hasOwnError(): boolean {
    return this.#compared.hasOwnError;
  }

  /** The first request for a credential that went out, where the outside may be asked. */
  get credentialAsked(): AnsweredRequest | undefined {
    return this.#seal.passed;
  }

  get observations(): Observations {
    return this.#world.observations;
  }

  #causes(first: Divergence): PossibleCauses {
    const { unrecordedReads } = this.#world.observations;
    const unknown = this.#redaction.rules.unknown.map(
      (name) => `\`${name}\`, by which it was redacted, is not known here`,
    );
    const notes = new Set([...unknown, ...this.#fixture.mayNotReplay, ...this.#recording.doubts.reasons]);
    const http =
      this.#askUnrecorded.size === 0 ? [] : ['HTTP: the engine that recorded the run had no `httpEffects()`'];
    const isLikely = mayBeReading(first.recorded, first.replayed);
    return causesOfReplay({
      recorded: this.#fixture.run.observed.surroundings,
      now: liveSurroundings(),
      notes: [...http, ...[...notes].slice(0, notesShownMax)],
      madeUp: unrecordedReads === 0 ? undefined : isLikely ? 'likely' : 'unlikely',
      isRedacted: isRedacted(this.#fixture),
      hasOtherRandomValues: hasDrawnFromCrypto(this.#fixture),
    });
  }

  get #askUnrecorded(): ReadonlySet<string> {
    return askUnrecorded(this.#fixture.run, this.#world.observations.missing);
  }

  get #recordedGraph(): GraphDescription {
    const { graph } = this.#fixture.run;
    return this.#adoption === undefined ? graph : graphWithNodeNames(graph, this.#adoption.names);
  }

  report(): ReplayReport {
    const graph =
      this.#fixture.run.fingerprint === this.#graph.spec.fingerprint
        ? []
        : graphDifferences(this.#recordedGraph, this.#graph.spec.description);
    const { missing } = this.#world.observations.late;
    // The pool is read only if something is looked for in it.
    const late =
      missing.length === 0 ? [] : lateDivergences(missing, this.#recording.pool, this.#redaction.likenedRequest);
    const compared = afterLate(late, this.#compared.comparer.divergences);
    const { unrecordedRead, firstOutOfOrder } = this.#world.observations;
    const { lateCount } = this.#world.elsewhere;
    const { comparer, stoppedAfter, redactedCount } = this.#compared;
    const { leftOut: ofOtherKinds, firstLeftOut } = comparer;
    const leftOut = this.#leftOut.counts(ofOtherKinds, firstLeftOut === undefined ? [] : [firstLeftOut]);
    const refused = this.#seal.ofNodes.map(outsideDivergence);
    const waits = this.#waitsFor.length === 0 ? [] : [waitingDivergence(this.#recording.number, this.#waitsFor)];
    const found = [...afterRefusals(refused, compared), ...this.#seal.thrown.map(thrownDivergence), ...waits];
    const unfollowed = unfollowedRules(this.#rules, requestRules(this.#options));
    // A changed graph is listed, and no reason to fail if the run comes out the same: showing that is the point of a replay.
    const divergences = [...graph, ...found.map((item) => shifted(item, graph.length))];
    const [first] = found;
    const diverged = compared[0]?.step;
    const isRaced = diverged !== undefined && this.#options.mode !== 'outputs';
    const racing = isRaced ? racingSteps(this.#fixture, diverged) : [];
    const { isEdited } = this.#fixture;
    const versions = divergences.length > 0 ? versionsOf(this.#fixture) : new DrivenVersions();
    const { fingerprint } = this.#graph.spec;
    return {
      version: 1,
      fixture: this.#fixture.path,
      ...(isEdited ? { isEdited: true } : {}),
      graph: this.#graph.name,
      runId: this.#fixture.run.observed.runId,
      mode: this.#options.mode,
      strictness: this.#options.strictness,
      cut: this.#options.cut ?? 'recorded',
      verdict: found.length === 0 ? 'same' : 'diverged',
      divergences,
      roots: rootCauses({
        divergences,
        graph: this.#graph.spec.description,
        mode: this.#options.mode,
        isEdited,
        hasLeftOut: leftOut !== undefined,
        mayBeRace: diverged !== undefined && racing.includes(diverged),
        askUnrecorded: this.#askUnrecorded,
        madeBy: (step) => versions.madeBy(step, fingerprint),
        hasDriven: versions.areSeveral && versions.hasBeenDrivenBy(fingerprint),
      }),
      compared: comparer.counts,
      ...(first === undefined ? {} : { causes: this.#causes(first) }),
      ...(racing.length > 0 ? { mayBeRace: true } : {}),
      moved: this.#world.elsewhere.movedCount,
      redacted: redactedCount + this.#redaction.pairs.uncompared,
      ...(leftOut === undefined ? {} : { leftOut }),
      ...(unfollowed.length === 0 ? {} : { unfollowed }),
      ...(stoppedAfter === undefined ? {} : { stoppedAfter }),
      outOfOrder: this.#world.observations.outOfOrder,
      ...(firstOutOfOrder === undefined ? {} : { firstOutOfOrder }),
      uncontrolled: this.#quiet.uncontrolled,
      ...(lateCount === 0 ? {} : { late: lateCount }),
      unrecordedReads: this.#world.observations.unrecordedReads,
      ...(unrecordedRead === undefined ? {} : { unrecordedRead }),
      ...this.#seal.report(),
    };
  }
}

function* namedToday(
  steps: Iterable<CanonicalStep | undefined>,
  names?: NodeNames,
): Generator<CanonicalStep | undefined> {
  for (const step of steps)
    yield step === undefined || names === undefined || names.size === 0
      ? step
      : { ...step, ...namedEntries(step, names) };
}
