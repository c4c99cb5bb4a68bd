// Replays a recorded run with today's code, offline, and compares the two journals.
import { RepriseError, messageOf } from '../base/error.ts';
import type { Value } from '../base/value.ts';
import { oneOf, wholeNumber } from '../base/options/option-kind.ts';
import { either } from '../base/options/option-parts.ts';
import { checkOptions, noOptions, optionShape } from '../base/options/option-shape.ts';
import { compareGraphs } from '../diff/compare-graph.ts';
import { withoutGoneFields } from '../diff/shared-fields.ts';
import { shifted } from '../diff/compare-runs.ts';
import type { Divergence } from '../diff/divergence.ts';
import { graphDivergences } from '../diff/graph-divergence.ts';
import { causesOfReplay } from '../diff/possible-causes.ts';
import type { PossibleCauses } from '../diff/possible-causes.ts';
import { RunComparer } from '../diff/run-comparer.ts';
import { RunHost } from '../engine/host/run-host.ts';
import { errorValue } from '../engine/rules/failure.ts';
import { framesOf } from '../engine/rules/read-stacks.ts';
import { engineSettings } from '../engine/options/engine-options.ts';
import type { AnyGraph, StateOf } from '../graph/built-graph.ts';
import type { Run } from '../graph/run-types.ts';
import type { CanonicalStep } from '../journal/canonical.ts';
import { sameEntryBesideMarks } from '../diff/value-difference.ts';
import { sameEntry } from '../journal/entry-identity.ts';
import type { RequestRules } from '../journal/run-facts.ts';
import { recordedRules, requestRules, unfollowedRules } from '../journal/http/request-rules.ts';
import type { RequestRulesOptions } from '../journal/http/request-rules.ts';
import { redactEntry, redactObserved } from '../journal/redact/redact-entry.ts';
import { markCount, markCountOf } from '../journal/redact/redaction-mark.ts';
import { ComparedMarks, redactValue } from '../journal/redact/redact.ts';
import { installReplayedReads } from '../live/ambient/ambient-reads.ts';
import { installInterception } from '../live/http/interception.ts';
import { rulesKinds } from '../live/http/rules-option.ts';
import { installPlaceholders } from '../live/placeholders.ts';
import { liveSurroundings } from '../live/surroundings.ts';
import { liveSourcePaths } from '../live/source-paths.ts';
import { realSetImmediate } from '../live/event-loop/real-timers.ts';
import { liveEventLoop } from '../live/event-loop/event-loop.ts';
import { RunQuiet } from '../live/event-loop/run-quiet.ts';
import { liveRejections } from '../live/rejections.ts';
import { installNodeTimers } from '../live/timers/node-timers.ts';
import { arrivalOrder } from '../port/oracle.ts';
import type { OutsideCall } from '../port/seal.ts';
import { openFixture } from '../store/fixture/open-fixture.ts';
import type { Fixture } from '../store/fixture/open-fixture.ts';
import type { BodyCut } from './cut-bodies.ts';
import { FixtureWorld } from './fixture-world.ts';
import type { ReplayMode } from './fixture-world-options.ts';
import { Recording } from './recording.ts';
import type { ReplayReport } from './replay-report.ts';
import { mayRace } from './may-race.ts';
import { ReplaySeal } from './replay-seal.ts';
import type { ThrownInNode } from './replay-seal.ts';
import { StallWatch } from './stall-watch.ts';
import { ReplayStore } from './replay-store.ts';
import { VirtualClock } from './virtual-clock.ts';

/**
 * `origins` and `match` are for fixtures of version 1, which do not say by which rules their requests were told apart.
 * Any other fixture is replayed by its own rules, and the report names options that differ from them.
 */
export interface ReplayOptions extends RequestRulesOptions {
  /**
   * `effects` (the default): node code runs, and every effect is answered from the fixture. `outputs`: node code does
   * not run, and recorded outputs are fed in; this checks reducers, edges and routing, and is very fast.
   */
  readonly mode?: ReplayMode;
  /**
   * `strict` (the default) stops after the first step that diverges. `lenient` continues from the recorded value after
   * each divergence, so that independent divergences all show up.
   */
  readonly strictness?: 'strict' | 'lenient';
  /**
   * Where recorded HTTP bodies are split: as `recorded` (the default), at every byte with `bytes`, or into parts of the
   * given number of bytes. The output of a node must not depend on it; if it does, the report names the node.
   */
  readonly cut?: BodyCut;
  /**
   * `nodes` (the default) refuses what the nodes of this replay try to reach, and nothing else: traffic of the test around
   * it is let alone. A client with a queue of its own may still send for a node in a context that is not the node's; what
   * left in no node's context is in the report as `unattributed`. `process` refuses that too, for the whole process.
   */
  readonly seal?: 'nodes' | 'process';
}

export const replayOptions = optionShape<ReplayOptions>('replay', {
  mode: oneOf('effects', 'outputs'),
  strictness: oneOf('strict', 'lenient'),
  cut: either(oneOf('recorded', 'bytes'), wholeNumber({ least: 1 })),
  ...rulesKinds,
  seal: oneOf('nodes', 'process'),
});

export interface Replayed<State> {
  /** The replayed run; its state is the result of the new code. */
  readonly run: Run<State>;
  readonly report: ReplayReport;
}

/**
 * Replays a recorded run and reports where it diverges.
 *
 * Its nodes are kept from the outside. An effect that was not recorded is a divergence. What a node tries to reach in any
 * other way (a query or a message over an open connection, a socket, a DNS look-up, a child process, a worker) is refused
 * and named in the report. File access is not guarded.
 *
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`, `fixture-other-graph`,
 *   `option-invalid`
 */
export async function replay<G extends AnyGraph>(
  graph: G,
  fixturePath: string,
  options: ReplayOptions = noOptions,
): Promise<Replayed<StateOf<G>>> {
  checkOptions(replayOptions, options);
  const fixture = await openFixture(fixturePath);
  try {
    checkName(graph, fixture);
    const session = new ReplaySession(graph, fixture, options);
    const run = (await session.run()) as Run<StateOf<G>>;
    return { run, report: session.report() };
  } finally {
    fixture.close();
  }
}

const notesShownMax = 3;

class ReplaySession {
  readonly #graph: AnyGraph;
  readonly #fixture: Fixture;
  readonly #options: Required<Pick<ReplayOptions, 'mode' | 'strictness'>> & ReplayOptions;
  readonly #rules: RequestRules;
  readonly #recording: Recording;
  readonly #quiet: RunQuiet;
  readonly #world: FixtureWorld;
  readonly #comparer: RunComparer;
  readonly #marks = new ComparedMarks('own');
  readonly #seal = new ReplaySeal();
  #stoppedAfter: number | undefined;
  /** Redacted values, which could not be compared. */
  #redactedCount = 0;

  constructor(graph: AnyGraph, fixture: Fixture, options: ReplayOptions) {
    this.#graph = graph;
    this.#fixture = fixture;
    this.#options = { ...options, mode: options.mode ?? 'effects', strictness: options.strictness ?? 'strict' };
    this.#rules = recordedRules(fixture.run, options);
    this.#quiet = new RunQuiet();
    this.#recording = new Recording(fixture.steps(), () => fixture.pooled());
    this.#world = new FixtureWorld(this.#recording, graph.spec, {
      quiet: this.#quiet,
      mode: this.#options.mode,
      cut: options.cut ?? 'recorded',
      lenient: this.#options.strictness === 'lenient',
      redact: (value) => redactValue(value, this.#marks),
      comparedBesideMarks: (recorded) => {
        this.#redactedCount += markCountOf(recorded);
      },
      seal: this.#seal,
    });
    this.#comparer = new RunComparer({ mode: this.#options.mode }, this.#world.observations);
  }

  async run(): Promise<unknown> {
    const clock = new VirtualClock(this.#fixture.run.observed.time, this.#quiet);
    const loop = { ...liveEventLoop, watch: () => this.#quiet };
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
        store: new ReplayStore((step) => this.#compare(step)),
        rejections: liveRejections,
        sources: [],
        recorded: { semantics: this.#fixture.run.semantics, rules: this.#rules },
        sinks: [],
        attachPollMs: 0,
      },
      engineSettings({
        maxSteps: Number.POSITIVE_INFINITY,
        maxTasks: Number.POSITIVE_INFINITY,
        maxConcurrent: Number.POSITIVE_INFINITY,
      }),
    );
    const unseal = this.#sealOutside(engine);
    const stalls = new StallWatch(this.#quiet, () => this.#world.observations.started);
    stalls.begin();
    try {
      const run = await engine.run(this.#input, { runId, seed });
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

  /** Keeps nodes from the outside. If no node code runs, there is nothing to keep. */
  #sealOutside(engine: RunHost): () => void {
    if (this.#options.mode === 'outputs') return () => undefined;
    // The doors stand below interception, so they are put up first.
    const open = this.#seal.close(this.#options.seal ?? 'nodes');
    const removeInterception = installInterception(noOptions, engine, this.#rules);
    const removePlaceholders = installPlaceholders();
    const removeReads = installReplayedReads();
    const removeTimers = installNodeTimers();
    return () => {
      removeTimers();
      removeReads();
      removePlaceholders();
      removeInterception();
      open();
    };
  }

  #compare({ step, entries }: CanonicalStep): void {
    if (this.#world.isStopped) return;
    const recorded = this.#recording.take(step);
    const replayed = entries.map((entry, place) => {
      const partner = recorded[place];
      // An entry that equals its recording holds nothing to redact.
      if (partner !== undefined && sameEntry(partner, entry)) return partner;
      const redacted = redactObserved(redactEntry(entry, this.#marks), this.#marks);
      if (partner === undefined || !sameEntryBesideMarks(partner, redacted)) return redacted;
      // What lies under the marks was not compared.
      this.#redactedCount += markCount(partner);
      return partner;
    });
    const found = this.#comparer.add(recorded, replayed);
    if ((found.length > 0 || this.#seal.hasRefusedNodes) && this.#options.strictness === 'strict') {
      this.#world.isStopped = true;
      this.#stoppedAfter = step;
    }
  }

  #causes(): PossibleCauses {
    const { unrecordedReads } = this.#world.observations;
    const notes = new Set([...this.#fixture.mayNotReplay, ...this.#recording.doubts.reasons]);
    const reads = unrecordedReads === 0 ? [] : ['a read of a clock or of a random value, which the replay made up'];
    return causesOfReplay({
      recorded: this.#fixture.run.observed.surroundings,
      now: liveSurroundings(),
      notes: [...[...notes].slice(0, notesShownMax), ...reads],
      isRedacted: isRedacted(this.#fixture),
      hasOtherRandomValues: hasDrawnFromCrypto(this.#fixture),
    });
  }

  /** `diverged`: the first step that did. */
  #mayBeRace(diverged: number | undefined): boolean {
    if (diverged === undefined || this.#options.mode === 'outputs') return false;
    const isNumbered = this.#fixture.run.observed.surroundings !== undefined;
    for (const step of this.#fixture.steps()) if (step.step === diverged) return mayRace(step, isNumbered);
    return false;
  }

  report(): ReplayReport {
    const graph =
      this.#fixture.run.fingerprint === this.#graph.spec.fingerprint
        ? []
        : graphDivergences(compareGraphs(this.#fixture.run.graph, this.#graph.spec.description));
    const compared = this.#comparer.divergences;
    const refused = this.#seal.ofNodes.map(outsideDivergence);
    const found = [...compared, ...refused, ...this.#seal.thrown.map(thrownDivergence)];
    const unfollowed = unfollowedRules(this.#rules, requestRules(this.#options));
    // A changed graph is listed, and no reason to fail if the run comes out the same: showing that is the point of a replay.
    const divergences = [...graph, ...found.map((item) => shifted(item, graph.length))];
    return {
      version: 1,
      fixture: this.#fixture.path,
      graph: this.#graph.name,
      runId: this.#fixture.run.observed.runId,
      mode: this.#options.mode,
      strictness: this.#options.strictness,
      cut: this.#options.cut ?? 'recorded',
      verdict: found.length === 0 ? 'same' : 'diverged',
      divergences,
      compared: this.#comparer.counts,
      ...(found.length === 0 ? {} : { causes: this.#causes() }),
      ...(this.#mayBeRace(compared[0]?.step) ? { mayBeRace: true } : {}),
      moved: this.#world.movedCount,
      redacted: this.#redactedCount,
      ...(unfollowed.length === 0 ? {} : { unfollowed }),
      ...(this.#stoppedAfter === undefined ? {} : { stoppedAfter: this.#stoppedAfter }),
      outOfOrder: this.#world.observations.outOfOrder,
      uncontrolled: this.#quiet.uncontrolled,
      unrecordedReads: this.#world.observations.unrecordedReads,
      ...this.#seal.report(),
    };
  }
}

function isRedacted(fixture: Fixture): boolean {
  for (const { entries } of fixture.steps()) if (entries.some((entry) => markCount(entry) > 0)) return true;
  return false;
}

function hasDrawnFromCrypto(fixture: Fixture): boolean {
  for (const { beside } of fixture.steps())
    for (const entry of beside)
      if (entry.kind === 'ambient' && entry.observed.reads?.some(({ source }) => source.startsWith('crypto.')))
        return true;
  return false;
}

function outsideDivergence({ what, at = '', node = '', stack }: OutsideCall): Divergence {
  return {
    kind: 'missing effect',
    at,
    step: Number.parseInt(at, 10),
    node,
    path: 'outside',
    recorded: undefined,
    replayed: what,
    ...(stack === '' ? {} : { stack }),
  };
}

/** Nothing was recorded for it: live, an error like this ends the process. */
function thrownDivergence({ at, node, thrown }: ThrownInNode): Divergence {
  const stack = framesOf(thrown, liveSourcePaths).join('\n');
  return {
    kind: 'error',
    at,
    step: Number.parseInt(at, 10),
    node,
    path: 'uncaught',
    recorded: undefined,
    replayed: messageOf(errorValue(thrown, node)),
    ...(stack === '' ? {} : { stack }),
  };
}

function checkName(graph: AnyGraph, fixture: Fixture): void {
  const recorded = fixture.run.graph.name;
  if (recorded === graph.name) return;
  throw new RepriseError(
    'fixture-other-graph',
    `${fixture.path} was recorded with graph "${recorded}", not "${graph.name}"`,
    {
      nextStep: `Replay it with graph "${recorded}".`,
      fields: { recorded, given: graph.name },
    },
  );
}
