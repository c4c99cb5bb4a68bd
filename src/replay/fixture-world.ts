// The world of a replay: a recorded run. It answers what was recorded, refuses everything else, and never reaches
// outside.
//   Owns:         the pairing of replayed tasks with recorded ones, the answers, and where the recorded run stopped.
//   Not its job:  saying what differs (diff), running anything (engine).
//   F1. A replayed task gets its answers and its random draws under the key of its recorded partner.
//   F2. Strict mode refuses what was not recorded. Lenient mode continues from what was recorded.
//   F3. A recorded timeout fires once the attempt is at rest. No other timeout ever fires.
import { RepriseError } from '../base/error.ts';
import type { Value } from '../base/value.ts';
import { sameValue } from '../base/equal.ts';
import { addressText } from '../journal/address.ts';
import { factsOf } from '../journal/entry.ts';
import type { AttemptResult, EffectEntry, EffectRef, RunEnd, TaskSpec } from '../journal/entry.ts';
import { attemptKey, scopeOfStep, stepKey, stepNumber, taskKey } from '../journal/key.ts';
import type { AttemptKey, ScopeKey, StepKey, TaskKey } from '../journal/key.ts';
import { pairTasks } from '../diff/pair-tasks.ts';
import { firstDifference } from '../diff/value-difference.ts';
import type { Answer, AttemptWorld, RecordedReads, StepPlan, StepResult, TaskWorld, World } from '../port/world.ts';
import { whenAtRest } from './at-rest.ts';
import type { AttemptIndex, StepIndex } from '../journal/step-index.ts';
import { partsOf } from './cut-bodies.ts';
import type { BodyCut } from './cut-bodies.ts';
import type { Recording } from './recording.ts';

export type ReplayMode = 'effects' | 'outputs';

export interface FixtureWorldOptions {
  readonly mode: ReplayMode;
  readonly cut: BodyCut;
  /** Continue from the recorded value after each divergence. */
  readonly lenient: boolean;
  /** As the fixture was redacted. */
  readonly redact: (value: Value) => Value;
  /** Something recorded was compared except for what lies under its redaction marks. */
  readonly comparedBesideMarks: (recorded: Value) => void;
}

/** What the replay did that its own journal does not show, keyed by replayed attempt or step. */
export interface Observations {
  /** Effects that were requested but not recorded. */
  readonly missing: Map<AttemptKey, EffectRef[]>;
  /** The actual result of an attempt, if the replay continued from the recorded one instead. */
  readonly results: Map<AttemptKey, AttemptResult>;
  /** The actual result of a step, if the replay continued from the recorded one instead. */
  readonly steps: Map<StepKey, StepResult>;
  /** How often the code read a clock or a random value that was not recorded. */
  unrecordedReads: number;
}

export class FixtureWorld implements World {
  readonly observations: Observations = {
    missing: new Map(),
    results: new Map(),
    steps: new Map(),
    unrecordedReads: 0,
  };
  readonly #recording: Recording;
  readonly #options: FixtureWorldOptions;
  /** For each scope: the recorded scope that it is answered from. */
  readonly #partners = new Map<ScopeKey, ScopeKey>([['', '']]);
  /** Set from outside to end the run before its next step. */
  isStopped = false;

  constructor(recording: Recording, options: FixtureWorldOptions) {
    this.#recording = recording;
    this.#options = options;
  }

  openStep(at: StepKey, tasks: readonly TaskSpec[]): StepPlan {
    const scope = scopeOfStep(at);
    const number = stepNumber(at);
    if (this.isStopped) return { kind: 'end', end: stopped };
    if (scope === '') {
      this.#partners.clear();
      this.#partners.set('', '');
      const cut = this.#recording.openStep(number);
      if (cut !== undefined) return { kind: 'end', end: cut };
    }
    const recordedScope = this.#partners.get(scope);
    const recorded = this.#recording.step;
    const recordedTasks =
      recordedScope === undefined ? [] : this.#recording.frontier(stepKey(recordedScope, number - 1));
    const partners = partnersOf(recordedTasks, tasks);
    const worlds = tasks.map((_task, rank): TaskWorld => {
      const partner = partners.get(rank);
      const recordedTask =
        partner === undefined || recordedScope === undefined
          ? undefined
          : taskKey(stepKey(recordedScope, number), partner);
      return new ReplayedTask(this, taskKey(at, rank), recordedTask, recorded);
    });
    const lastRank =
      recordedScope === undefined ? undefined : recorded?.lastRankIfFailed(stepKey(recordedScope, number));
    const edits = scope === '' ? recorded?.entries.filter((entry) => entry.kind === 'edit') : undefined;
    return {
      kind: 'run',
      tasks: lastRank === undefined ? worlds : upToPartner(worlds, partners, lastRank),
      ...(edits === undefined ? {} : { edits }),
    };
  }

  closeStep(step: StepResult): StepResult {
    const scope = scopeOfStep(step.commit.at);
    const recordedScope = this.#partners.get(scope);
    if (!this.#options.lenient || recordedScope === undefined) return step;
    const recorded = this.#recording.step?.commit(stepKey(recordedScope, stepNumber(step.commit.at)));
    if (recorded === undefined) return step;
    const state = scope === '' ? this.#recording.stateAfter() : step.state;
    const isSame =
      sameValue(state, step.state) &&
      sameValue(recorded.frontier as never, step.commit.frontier as never) &&
      sameValue(recorded.joins as never, step.commit.joins as never);
    if (isSame) return step;
    this.observations.steps.set(step.commit.at, step);
    return { state, commit: { ...recorded, at: step.commit.at, observed: step.commit.observed } };
  }

  get cut(): BodyCut {
    return this.#options.cut;
  }
  get mode(): ReplayMode {
    return this.#options.mode;
  }
  get isLenient(): boolean {
    return this.#options.lenient;
  }

  pairScope(replayed: AttemptKey, recorded: AttemptKey): void {
    this.#partners.set(replayed, recorded);
  }

  /** The replay continues from the recorded result. */
  noteResult(at: AttemptKey, recorded: AttemptResult, replayed: AttemptResult): void {
    if (sameValue(recorded as Value, replayed as Value)) return;
    const redacted = this.#options.redact(replayed as Value) as typeof replayed;
    if (firstDifference(recorded as Value, redacted as Value, '') === undefined)
      this.#options.comparedBesideMarks(recorded as Value);
    else this.observations.results.set(at, redacted);
  }

  noteUnrecordedRead(): void {
    this.observations.unrecordedReads += 1;
  }

  noteMissing(at: AttemptKey, ref: EffectRef): void {
    const list = this.observations.missing.get(at) ?? [];
    list.push(ref);
    this.observations.missing.set(at, list);
  }
}

/** Stops the replay. This is not the end of the run: what follows is not compared. */
const stopped: RunEnd = Object.freeze({ status: 'cancelled', reason: 'the replay stopped' });

function partnersOf(recorded: readonly TaskSpec[], replayed: readonly TaskSpec[]): ReadonlyMap<number, number> {
  const partners = new Map<number, number>();
  for (const pair of pairTasks(recorded, replayed)) {
    if (pair.replayed !== undefined && pair.recorded !== undefined) partners.set(pair.replayed, pair.recorded);
  }
  return partners;
}

/** A failed step is canonical up to the rank that failed: tasks of higher rank are not run again. */
function upToPartner(
  worlds: readonly TaskWorld[],
  partners: ReadonlyMap<number, number>,
  lastRank: number,
): readonly TaskWorld[] {
  const ranks = [...partners].filter(([, recorded]) => recorded <= lastRank).map(([replayed]) => replayed);
  return worlds.slice(0, ranks.length === 0 ? worlds.length : Math.max(...ranks) + 1);
}

class ReplayedTask implements TaskWorld {
  readonly #world: FixtureWorld;
  readonly #key: TaskKey;
  readonly #recordedKey: TaskKey | undefined;
  readonly #step: StepIndex | undefined;
  constructor(world: FixtureWorld, key: TaskKey, recordedKey: TaskKey | undefined, step: StepIndex | undefined) {
    this.#world = world;
    this.#key = key;
    this.#recordedKey = recordedKey;
    this.#step = step;
  }
  attempt(number: number): AttemptWorld {
    const own = attemptKey(this.#key, number);
    if (this.#recordedKey === undefined) return new ReplayedAttempt(this.#world, own, own, undefined);
    const partner = attemptKey(this.#recordedKey, number);
    this.#world.pairScope(own, partner);
    return new ReplayedAttempt(this.#world, own, partner, this.#step?.attempt(partner));
  }
}

class ReplayedAttempt implements AttemptWorld {
  /** The key of the recorded attempt, or its own key if there is none. */
  readonly drawKey: AttemptKey;
  readonly #world: FixtureWorld;
  readonly #at: AttemptKey;
  readonly #recorded: AttemptIndex | undefined;
  #activity = 0;

  constructor(world: FixtureWorld, at: AttemptKey, drawKey: AttemptKey, recorded: AttemptIndex | undefined) {
    this.#world = world;
    this.#at = at;
    this.drawKey = drawKey;
    this.#recorded = recorded;
  }

  get resumed(): readonly Value[] | undefined {
    const { restart, chunks } = this.#recorded ?? {};
    return restart === undefined || this.#world.mode === 'outputs'
      ? undefined
      : chunks?.deltas.slice(0, restart.ordinal);
  }

  get reads(): RecordedReads {
    return {
      entryCount: 0,
      entries: this.#recorded?.ambient ?? [],
      beyond: 'derived',
      unrecorded: () => this.#world.noteUnrecordedRead(),
    };
  }

  answer(ref: EffectRef): Answer {
    this.#activity += 1;
    const recorded = this.#recorded?.take(ref);
    if (recorded !== undefined) return answerOf(recorded, this.#world.cut);
    // An attempt that timed out may have had effects pending: they were requested, but no answer was recorded.
    if (this.#recorded?.outcome?.result.status === 'timeout') return { kind: 'silent' };
    this.#world.noteMissing(this.#at, ref);
    const nearest = this.#world.isLenient ? this.#recorded?.takeNearest(ref) : undefined;
    if (nearest !== undefined) return answerOf(nearest, this.#world.cut);
    return { kind: 'refused', error: this.#missingError(ref) };
  }

  /** The address is under the recorded attempt, as in the report, and never that of a recorded effect. */
  #missingError(ref: EffectRef): RepriseError {
    const address = addressText(this.drawKey, ref, this.#recorded?.effects ?? []);
    return new RepriseError('effect-missing', `effect ${address} was not recorded`, {
      nextStep: 'If the new request is intended, record the run again. If not, see the report for what changed.',
      fields: { type: ref.type, name: ref.name },
    });
  }

  run(node: () => unknown): unknown {
    if (this.#world.mode === 'effects' || this.#recorded?.hasInner === true) return node();
    const result = this.#recorded?.outcome?.result;
    if (result === undefined) throw missingOutcome(this.#at);
    if (result.status === 'failed') throw result.error;
    if (result.status === 'timeout') return new Promise(() => undefined);
    return {
      ...(result.delta === undefined ? {} : { delta: result.delta }),
      ...(result.routes === undefined ? {} : { route: result.routes }),
    };
  }

  settle(result: AttemptResult): AttemptResult {
    const recorded = this.#recorded?.outcome?.result;
    if (!this.#world.isLenient || recorded === undefined) return result;
    this.#world.noteResult(this.#at, recorded, result);
    return recorded;
  }

  watch(_timeoutMs: number, expire: () => void): () => void {
    if (this.#recorded?.outcome?.result.status !== 'timeout') return () => undefined;
    return whenAtRest(() => `${this.#activity}:${this.#recorded?.isUsedUp}`, expire);
  }
}

function answerOf(recorded: EffectEntry, cut: BodyCut): Answer {
  const parts = recorded.type === 'http' ? partsOf(recorded, cut) : undefined;
  const facts = { ...factsOf(recorded), ...(parts === undefined ? {} : { parts }) };
  return { kind: 'answered', outcome: recorded.outcome, facts };
}

function missingOutcome(at: AttemptKey): RepriseError {
  return new RepriseError('effect-missing', `attempt ${at} was not recorded, so there is no output to feed in`, {
    nextStep: 'Replay in mode `effects`, which runs the node.',
    fields: { at },
  });
}
