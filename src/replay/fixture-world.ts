// The world of a replay: a recorded run. It answers what was recorded, refuses everything else, and never reaches
// outside.
//   Owns:         the pairing of replayed tasks with recorded ones, the answers, and where the recorded run stopped.
//   Not its job:  saying what differs (diff), running anything (engine).
//   F1. A replayed task gets its answers and its random draws under the key of its recorded partner.
//   F2. Strict mode refuses what was not recorded. Lenient mode continues from what was recorded.
//   F3. A recorded timeout fires once all is quiet and its attempt has asked for everything that was recorded of it. No
//       other timeout ever fires.
import type { RepriseError } from '../base/error.ts';
import type { Value } from '../base/value.ts';
import { sameValue } from '../base/equal.ts';
import { refOf } from '../journal/effect-identity.ts';
import { addressText } from '../journal/address.ts';
import type { FunctionNode, GraphSpec } from '../graph/spec.ts';
import { isUnfinished } from '../journal/http/http-request.ts';
import { isLeftOpen } from '../journal/exchange-finder.ts';
import type { RestOfExchange } from '../journal/exchange-finder.ts';
import type { AttemptResult, EditEntry, EffectEntry, EffectRef, RunEnd, TaskSpec } from '../journal/entry.ts';
import {
  attemptKey,
  cleanUpKey,
  isCleanUpKey,
  scopeOfStep,
  stepKey,
  stepNumber,
  stepOfTask,
  taskKey,
} from '../journal/key.ts';
import { isOfStopped } from '../journal/stops.ts';
import type { AttemptKey, ScopeKey, StepKey, TaskKey } from '../journal/key.ts';
import type { Clock } from '../port/clock.ts';
import type { Quiet } from '../port/event-loop.ts';
import type {
  Answer,
  AnsweredBefore,
  AttemptWorld,
  RecordedAttempt,
  RecordedOrder,
  RecordedReads,
  RecordedTimers,
  StepPlan,
  StartedAttempt,
  StepResult,
  TaskWorld,
  World,
} from '../port/world.ts';
import type { AttemptIndex, StepIndex } from '../journal/step-index.ts';
import { askedNow } from './asked-now.ts';
import {
  answerOf,
  asAsked,
  asIfPerformed,
  answerOfStopped,
  givenBy,
  isSameFailure,
  keptOfRestarted,
  missingOutcome,
  raceAnswer,
  redactEntryOf,
} from './answer-of.ts';
import { missingError, readPastError } from './missing-errors.ts';
import { endedAttempts, failedBeforeResume, freshAfter } from './further-attempts.ts';
import { continuedStep } from './continued-step.ts';
import { GraphPair } from './graph-pair.ts';
import type { Adopting, FixtureWorldOptions, ScopePair } from './fixture-world-options.ts';
import { addTo, newObservations } from './observations.ts';
import { isWithin, partnersOf, placesOf, upToPartner } from './paired-ranks.ts';
import { placeName } from './place-name.ts';
import type { Recording } from './recording.ts';
import type { AttemptPair, TaskPair } from './replayed-pairs.ts';
import { watchAttempt, watchCleanUp } from './recorded-timeouts.ts';
import { UnrecordedAttempt } from './unrecorded-attempt.ts';

export class FixtureWorld implements World {
  readonly seal: World['seal'];
  readonly observations = newObservations();
  readonly #recording: Recording;
  readonly #today: GraphSpec;
  readonly options: FixtureWorldOptions;
  readonly #scopes = new Map<ScopeKey, ScopePair>();
  readonly #uncertain = new Set<TaskKey>();
  /** Steps of a lenient replay in which not every task ran that was recorded, or other tasks stood. */
  readonly #inexact = new Set<StepKey>();
  /** Exchanges that the recording has elsewhere. */
  movedCount = 0;
  /** Set from outside to end the run before its next step. */
  isStopped = false;
  readonly stoppedBehindLast = (): RunEnd | undefined => this.#recording.stoppedBehindLast();

  constructor(recording: Recording, today: GraphSpec, options: FixtureWorldOptions) {
    this.#recording = recording;
    this.#today = today;
    this.seal = options.seal;
    this.options = options;
  }

  openStep(at: StepKey, tasks: readonly TaskSpec[]): StepPlan {
    const scope = scopeOfStep(at);
    const number = stepNumber(at);
    if (this.isStopped) return { kind: 'end', end: stopped };
    if (scope === '') {
      this.observations.started.clear();
      this.observations.partners.clear();
      const cut = this.#recording.openStep(number);
      this.#openRoot();
      if (cut !== undefined && !this.#continues()) return { kind: 'end', end: cut };
    }
    const pair = this.#scopes.get(scope);
    const recorded = this.#recording.step;
    const recordedTasks = pair === undefined ? [] : this.#recording.frontier(stepKey(pair.partner, number - 1));
    const partners = partnersOf(recordedTasks, tasks);
    const lastRank = pair === undefined ? undefined : recorded?.lastRankIfFailed(stepKey(pair.partner, number));
    const isInUncertain = this.isUncertain(scope);
    const worlds = tasks.map(({ node }, rank) => {
      const partner = partners.get(rank);
      const own = taskKey(at, rank);
      if (isInUncertain || (lastRank !== undefined && (partner ?? lastRank + 1) > lastRank)) this.#uncertain.add(own);
      return this.#taskWorld(pair, node, own, partner);
    });
    if (partners.size < recordedTasks.length || worlds.some((world) => world.standIn !== undefined))
      this.#inexact.add(at);
    const edits = scope === '' ? this.#edits(pair) : undefined;
    return {
      kind: 'run',
      // Code that is right now may fail no more where it did, so that all tasks count.
      tasks: lastRank === undefined || this.adopts !== undefined ? worlds : upToPartner(worlds, partners, lastRank),
      ...(edits === undefined ? {} : { edits }),
      ...(scope === '' && recorded !== undefined && this.controlled === undefined
        ? { order: this.#orderOf(recorded, partners) }
        : {}),
    };
  }

  /** Whether a task is one that need not come to anything: the recorded step failed before it did. */
  isUncertain(scope: ScopeKey): boolean {
    return isWithin(scope, this.#uncertain);
  }

  #openRoot(): void {
    this.#uncertain.clear();
    this.#scopes.clear();
    this.#inexact.clear();
    const { run } = this.#recording;
    const isChanged = run?.fingerprint !== this.#today.fingerprint;
    this.#scopes.set('', {
      partner: '',
      graphs: run === undefined ? undefined : new GraphPair(run.graph, this.#today, isChanged),
    });
  }

  #edits(pair: ScopePair | undefined): readonly EditEntry[] | undefined {
    const edits = this.#recording.step?.entries.filter((entry) => entry.kind === 'edit');
    for (const { patch } of edits ?? []) this.options.gave(patch as unknown as Value);
    return edits?.map((edit) => pair?.graphs?.editToday(edit) ?? edit);
  }

  #taskWorld(pair: ScopePair | undefined, node: string, own: TaskKey, partner: number | undefined): ReplayedTask {
    const standIn = this.isLenient ? pair?.graphs?.standIn(node) : undefined;
    const recorded =
      partner === undefined || pair === undefined
        ? undefined
        : taskKey(stepKey(pair.partner, stepNumber(stepOfTask(own))), partner);
    const handler = this.isLenient && standIn === undefined ? pair?.graphs?.goneHandler(node) : undefined;
    return new ReplayedTask(this, {
      own,
      recorded,
      node,
      standIn,
      handler,
      graphs: pair?.graphs,
      step: this.#recording.step,
    });
  }

  #continues(): boolean {
    return this.options.adopts !== undefined && this.#recording.continue();
  }

  /** The order of what runs again: a recorded task without a partner does not. */
  #orderOf(recorded: StepIndex, partners: ReadonlyMap<number, number>): RecordedOrder {
    const ranks = new Set(this.options.mode === 'outputs' ? [] : partners.values());
    const broken = (place: number): void => {
      this.observations.outOfOrder += 1;
      this.observations.firstOutOfOrder ??= placeName(recorded, place);
    };
    return { ...placesOf(recorded, ranks, this.options.cut), broken };
  }

  closeStep(step: StepResult): StepResult {
    const scope = scopeOfStep(step.commit.at);
    const pair = this.#scopes.get(scope);
    if (!this.options.lenient || pair?.graphs === undefined) return step;
    const recorded = this.#recording.step?.commit(stepKey(pair.partner, stepNumber(step.commit.at)));
    if (recorded === undefined) return step;
    const state = scope === '' ? pair.graphs.stateToday(this.#recording.stateAfter(), step.state) : step.state;
    const continued = continuedStep(step, { recorded, state, graphs: pair.graphs });
    if (continued === undefined) return step;
    const { kept, computed } = continued;
    const { at } = step.commit;
    // What tasks did that did not run as recorded says nothing about this step.
    const { state: seen, commit } = this.#inexact.has(at) ? kept : computed;
    const { redact } = this.options;
    this.observations.steps.set(at, { state: redact(seen), commit: redactEntryOf(commit, redact) });
    return kept;
  }

  get controlled(): Clock | undefined {
    return this.options.controlled;
  }
  get quiet(): Quiet {
    return this.options.quiet;
  }
  get isLenient(): boolean {
    return this.options.lenient;
  }
  get adopts(): Adopting | undefined {
    return this.options.adopts;
  }
  notePartner(replayed: AttemptKey, recorded: AttemptKey): void {
    if (this.options.adopts !== undefined) this.observations.partners.set(replayed, recorded);
  }

  pairScope(replayed: AttemptKey, pair: ScopePair): void {
    this.#scopes.set(replayed, pair);
  }

  /** The replay continues from the recorded result. */
  noteResult(at: AttemptKey, recorded: AttemptResult, replayed: AttemptResult): void {
    if (sameValue(recorded as Value, replayed as Value)) return;
    const settled = this.options.settled?.(recorded, replayed) ?? replayed;
    const compared = this.options.compared(recorded as Value, settled as Value);
    if (compared !== (recorded as Value)) this.observations.results.set(at, compared as AttemptResult);
  }

  noteUnrecordedRead(source: string, at: AttemptKey): void {
    this.observations.unrecordedReads += 1;
    this.observations.unrecordedRead ??= `${source} in ${at}`;
  }

  /** What became of an exchange that outlived its attempt. */
  restOf(effect: EffectEntry): RestOfExchange | undefined {
    return isLeftOpen(effect) ? this.#recording.pool.restOf(effect) : undefined;
  }

  /** An equal exchange that is recorded elsewhere: in another attempt of the step, or in the pool. */
  answerMoved(ref: EffectRef, step: StepIndex | undefined, at: AttemptKey, isLate: boolean): Answer | undefined {
    if (ref.type !== 'http') return undefined;
    const other = step?.findExchange(ref);
    if (other !== undefined) {
      step?.moveAway(other);
      this.observations.moved.add(other);
      this.movedCount += 1;
      this.options.gave(givenBy(other));
      // Where it moved to, the end of its own attempt says nothing.
      const { outlived: _own, ...answer } = answerOf(other, this.restOf(other), this.options.cut);
      return { ...answer, isMoved: true };
    }
    const pooled = this.#recording.pool.take(ref);
    if (pooled === undefined) return undefined;
    this.options.gave(givenBy(pooled));
    if (!isLate || pooled.at !== at) this.movedCount += 1;
    return { ...answerOf(pooled, undefined, this.options.cut), isMoved: true };
  }
}

/** Stops the replay. This is not the end of the run: what follows is not compared. */
const stopped: RunEnd = Object.freeze({ status: 'cancelled', reason: 'the replay stopped' });

class ReplayedTask implements TaskWorld {
  readonly #world: FixtureWorld;
  readonly #pair: TaskPair;
  #ended: readonly AttemptIndex[] | undefined;
  constructor(world: FixtureWorld, pair: TaskPair) {
    this.#world = world;
    this.#pair = pair;
  }
  get standIn(): FunctionNode | undefined {
    return this.#pair.standIn;
  }
  get handler(): string | undefined {
    return this.#pair.handler;
  }
  get freshAfter(): readonly number[] {
    return freshAfter(this.#endedAttempts);
  }
  get failedAttempts(): number {
    const { graphs, node } = this.#pair;
    return failedBeforeResume(this.#endedAttempts, graphs?.nodeOf(node)?.attempts);
  }
  get #endedAttempts(): readonly AttemptIndex[] {
    this.#ended ??= endedAttempts(this.#pair.step, this.#pair.recorded);
    return this.#ended;
  }
  attempt(number: number): AttemptWorld {
    const { own, recorded, node, standIn, graphs, step } = this.#pair;
    const at = attemptKey(own, number);
    if (recorded === undefined) {
      return this.#world.isLenient
        ? new UnrecordedAttempt(at)
        : new ReplayedAttempt(this.#world, { at, partner: at, step, recorded: undefined, graphs });
    }
    const partner = recorded === own ? at : attemptKey(recorded, number);
    this.#world.pairScope(at, { partner, graphs: graphs?.inner(node) });
    this.#world.notePartner(at, partner);
    if (standIn !== undefined) this.#world.observations.gone.add(at);
    const isFedIn = standIn !== undefined || this.#world.options.mode === 'outputs';
    return new ReplayedAttempt(this.#world, { at, partner, step, recorded: step?.attempt(partner), graphs, isFedIn });
  }
}

class ReplayedAttempt implements AttemptWorld {
  /** The recorded attempt. */
  readonly #partner: AttemptKey;
  readonly #world: FixtureWorld;
  readonly #at: AttemptKey;
  readonly #step: StepIndex | undefined;
  readonly #recorded: AttemptIndex | undefined;
  readonly #graphs: GraphPair | undefined;
  readonly #isFedIn: boolean;

  constructor(world: FixtureWorld, { at, partner, step, recorded, graphs, isFedIn = false }: AttemptPair) {
    this.#world = world;
    this.#at = at;
    this.#partner = partner;
    this.#step = step;
    this.#recorded = recorded;
    this.#graphs = graphs;
    this.#isFedIn = isFedIn;
  }

  get drawKey(): AttemptKey {
    return this.#world.adopts === undefined ? this.#partner : this.#at;
  }

  get resumed(): readonly Value[] | undefined {
    const { restart, chunks } = this.#recorded ?? {};
    if (restart === undefined || this.#isFedIn) return undefined;
    const given = chunks?.deltas.slice(0, restart.ordinal);
    this.#world.options.gave(given as Value);
    return given;
  }

  get reads(): RecordedReads {
    return {
      entryCount: 0,
      entries: this.#recorded?.ambient ?? [],
      beyond: 'derived',
      isUnaligned: this.#world.options.cut !== 'recorded',
      unrecorded: (source) => this.#world.noteUnrecordedRead(source, this.#at),
      ...this.#world.options.readings,
    };
  }

  get recorded(): RecordedAttempt | undefined {
    const outcome = this.#world.controlled === undefined ? this.#recorded?.outcome : undefined;
    return outcome === undefined ? undefined : { isEnded: true, ...outcome.observed.order };
  }

  get timers(): RecordedTimers {
    const { ambient } = this.#recorded ?? {};
    const firings = ambient?.flatMap(({ observed }) => observed.firings ?? []) ?? [];
    return { firings, entryCount: 0, isReplay: true };
  }
  readonly opened = (attempt: StartedAttempt): unknown => this.#world.observations.started.add(attempt);
  readonly asksFirst = true;
  readonly keepsExchanges = true;

  answer(ref: EffectRef, kept?: AnsweredBefore): Answer {
    const recorded = this.#recorded?.take(ref);
    if (recorded !== undefined) return this.#answerOf(recorded);
    const unfinished = this.#recorded?.takeUnfinished(ref);
    if (unfinished !== undefined) return this.#answerUnfinished(unfinished, ref);
    // What it asks for may be written in the code, and was redacted when it was recorded.
    const alike = this.#recorded?.takeAlike(ref, this.#world.options.isAlike);
    if (alike !== undefined) return asAsked(this.#answerOf(alike), alike);
    if (kept !== undefined) return kept;
    if (this.#recorded?.isLost(ref) === true) {
      addTo(this.#world.observations.unanswered, this.#at, ref);
      return { kind: 'silent' };
    }
    const passedOver = keptOfRestarted(this.#step, this.#partner, ref);
    if (passedOver !== undefined) return passedOver;
    const unanswered = answerOfStopped(this.#step, this.#partner, ref);
    if (unanswered?.kind === 'silent') this.waitsPast(ref);
    if (unanswered !== undefined) return unanswered;
    const moved = this.#world.answerMoved(ref, this.#step, this.#partner, false);
    if (moved !== undefined) return moved;
    const { adopts, quiet } = this.#world;
    if (adopts !== undefined) {
      const isUncertain = this.#world.isUncertain(this.#at);
      const refuse = (): RepriseError => {
        addTo(this.#world.observations.missing, this.#at, ref);
        return this.#missingError(ref);
      };
      const asked = askedNow(ref, { adopts, isUncertain, quiet, refuse });
      if (asked !== undefined) return asked;
    }
    addTo(this.#world.observations.missing, this.#at, ref);
    const nearest = this.#world.isLenient ? this.#recorded?.takeNearest(ref) : undefined;
    if (nearest !== undefined) {
      this.#world.observations.answered.add(ref);
      this.#world.options.gave(givenBy(nearest));
      return answerOf(nearest, undefined, this.#world.options.cut);
    }
    return { kind: 'refused', error: this.#missingError(ref) };
  }

  #answerOf(recorded: EffectEntry): Answer {
    this.#world.options.gave(givenBy(recorded));
    const { cut, controlled } = this.#world.options;
    if (recorded.type === 'race') return raceAnswer(recorded, this.#recorded?.effects ?? []);
    if (controlled !== undefined) return asIfPerformed(recorded, this.#world.restOf(recorded), cut);
    return answerOf(recorded, this.#world.restOf(recorded), cut);
  }

  /** Found without its body, which is compared once it is whole. */
  #answerUnfinished(recorded: EffectEntry, asked: EffectRef): Answer {
    const compare = (request: Value): void => {
      const isAlike = isUnfinished(recorded.request) || sameValue(request, recorded.request);
      if (!isAlike) addTo(this.#world.observations.missing, this.#at, { ...asked, request });
    };
    this.#world.options.gave(givenBy(recorded));
    return {
      ...answerOf(recorded, this.#world.restOf(recorded), this.#world.options.cut),
      as: refOf(recorded),
      compare,
    };
  }

  /** Late exchanges are never compared, since their number is not deterministic. */
  answerLate(ref: EffectRef): Answer {
    const found = this.#world.answerMoved(ref, this.#step, this.#partner, true);
    return found ?? { kind: 'refused', error: this.#missingError(ref) };
  }

  readPast(ref: EffectRef): RepriseError {
    addTo(this.#world.observations.readPast, this.#at, ref);
    return readPastError(this.#addressOf(ref), ref, this.#recorded?.effects ?? []);
  }

  waitsPast(ref: EffectRef): void {
    addTo(this.#world.observations.unheard, this.#at, ref);
  }

  #missingError(ref: EffectRef): RepriseError {
    return missingError(this.#addressOf(ref), ref);
  }

  /** Under the recorded attempt, as in the report. One that was not recorded never gets that of a recorded effect. */
  #addressOf(ref: EffectRef): string {
    return addressText(this.#partner, ref, this.#recorded?.effects ?? []);
  }

  /** Only the clean-up of an attempt with a result is recorded. */
  cleanUp(number: number): AttemptWorld | undefined {
    const result = this.#recorded?.outcome?.result;
    if (this.#isFedIn || result === undefined || !isOfStopped(result)) return undefined;
    const partner = cleanUpKey(this.#partner, number);
    const recorded = this.#step?.attempt(partner);
    const at = cleanUpKey(this.#at, number);
    if (recorded !== undefined) this.#world.notePartner(at, partner);
    return new ReplayedAttempt(this.#world, { at, partner, step: this.#step, recorded, graphs: this.#graphs });
  }

  run(node: () => unknown): unknown {
    const isGone = this.#world.observations.gone.has(this.#at);
    if (!this.#isFedIn || (this.#recorded?.hasInner === true && !isGone)) return node();
    const result = this.#result;
    if (result === undefined) throw missingOutcome(this.#at);
    this.#world.options.gave(result as unknown as Value);
    if (result.status === 'failed') throw result.error;
    if (result.status === 'timeout') return new Promise(() => undefined);
    return {
      ...(result.delta === undefined ? {} : { delta: result.delta }),
      ...(result.routes === undefined ? {} : { route: result.routes }),
    };
  }

  settle(result: AttemptResult): AttemptResult {
    const recorded = this.#result;
    if (recorded === undefined) return result;
    // The text of Reprise's own errors may be another today, and nodes that take failures read it.
    if (isSameFailure(recorded, result)) return recorded;
    if (!this.#world.isLenient) return result;
    this.#world.noteResult(this.#at, recorded, result);
    this.#world.options.gave(recorded as unknown as Value);
    return recorded;
  }

  /** As it fits today's graph. */
  get #result(): AttemptResult | undefined {
    const result = this.#recorded?.outcome?.result;
    return result === undefined ? undefined : (this.#graphs?.resultToday(result) ?? result);
  }

  watch(timeoutMs: number, expire: () => void): () => void {
    const watched = { at: this.#at, recorded: this.#recorded, isFedIn: this.#isFedIn, timeoutMs, expire };
    return isCleanUpKey(this.#at) ? watchCleanUp(watched, this.#world.quiet) : watchAttempt(watched, this.#world);
  }
}
