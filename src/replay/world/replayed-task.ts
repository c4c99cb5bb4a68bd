// A task of a replay and its attempts: what was recorded of the task that answers it, as its code asks for it.
import type { RepriseError } from '../../base/error.ts';
import type { Value } from '../../base/value.ts';
import { sameValue } from '../../base/equal.ts';
import { refOf } from '../../journal/effect-identity.ts';
import { isLeftOpen } from '../../journal/step/exchange-finder.ts';
import { addressText } from '../../journal/address.ts';
import type { FunctionNode } from '../../graph/spec.ts';
import { isUnfinished } from '../../journal/http/http-request.ts';
import type { AttemptResult, EffectEntry, EffectRef, OutcomeEntry } from '../../journal/entry.ts';
import { attemptKey, cleanUpKey, isCleanUpKey } from '../../journal/key.ts';
import { isOfStopped } from '../../journal/step/stops.ts';
import type { AttemptKey, ScopeKey } from '../../journal/key.ts';
import type { Clock } from '../../port/clock.ts';
import type { Quiet } from '../../port/event-loop.ts';
import type {
  Answer,
  AnsweredBefore,
  AttemptWorld,
  RecordedAttempt,
  RecordedReads,
  RecordedTimers,
  StartedAttempt,
  TaskWorld,
} from '../../port/world.ts';
import { isSameEffect } from '../../journal/step/attempt-index.ts';
import type { AttemptIndex } from '../../journal/step/attempt-index.ts';
import { askedAtRest, askedNow } from './asked-now.ts';
import {
  answerOf,
  asAsked,
  asIfPerformed,
  answerOfStopped,
  givenBy,
  isEndedOver,
  isSameFailure,
  keptOfRestarted,
  missingOutcome,
  raceAnswer,
  withoutOrder,
} from './answer-of.ts';
import { hasReadBody } from './left-unread.ts';
import { missingError, readPastError } from './missing-errors.ts';
import { endedAttempts, failedBeforeResume, freshAfter } from './further-attempts.ts';
import type { Adopting, FixtureWorldOptions, ScopePair } from './fixture-world-options.ts';
import type { AnswersElsewhere, MovedTo } from './answers-elsewhere.ts';
import { addTo } from './observations.ts';
import type { Observations, PlacedRequest } from './observations.ts';
import type { AttemptPair, TaskPair } from '../recorded/replayed-pairs.ts';
import { watchAttempt, watchCleanUp } from './recorded-timeouts.ts';
import { UnrecordedAttempt } from './unrecorded-attempt.ts';

/** What the tasks of one replay share. */
export interface ReplayOfTasks {
  readonly options: FixtureWorldOptions;
  readonly observations: Observations;
  readonly elsewhere: AnswersElsewhere;
  readonly adopts: Adopting | undefined;
  readonly isLenient: boolean;
  readonly controlled: Clock | undefined;
  readonly quiet: Quiet;
  isUncertain(scope: ScopeKey): boolean;
  notePartner(replayed: AttemptKey, recorded: AttemptKey): void;
  pairScope(replayed: AttemptKey, pair: ScopePair): void;
  noteResult(at: AttemptKey, recorded: Pick<OutcomeEntry, 'node' | 'result'>, replayed: AttemptResult): void;
  noteUnrecordedRead(source: string, at: AttemptKey): void;
}

export class ReplayedTask implements TaskWorld {
  readonly #world: ReplayOfTasks;
  readonly #pair: TaskPair;
  #ended: readonly AttemptIndex[] | undefined;
  constructor(world: ReplayOfTasks, pair: TaskPair) {
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
    const { own, recorded, node, standIn, graphs, step, isApart } = this.#pair;
    const at = attemptKey(own, number);
    if (recorded === undefined) {
      return this.#world.isLenient
        ? new UnrecordedAttempt(at)
        : new ReplayedAttempt(this.#world, { at, node, isApart, partner: at, step, recorded: undefined, graphs });
    }
    const partner = recorded === own ? at : attemptKey(recorded, number);
    this.#world.pairScope(at, { partner, graphs: graphs?.inner(node), step });
    this.#world.notePartner(at, partner);
    if (standIn !== undefined) this.#world.observations.gone.add(at);
    const isFedIn = standIn !== undefined || this.#world.options.mode === 'outputs';
    const pair = { at, node, isApart, partner, step, recorded: step?.attempt(partner), graphs, isFedIn };
    return new ReplayedAttempt(this.#world, pair);
  }
}

class ReplayedAttempt implements AttemptWorld {
  readonly #world: ReplayOfTasks;
  readonly #pair: AttemptPair;
  /** Exchanges whose bodies nobody read when they were recorded, and that it waits for. */
  readonly #unread: EffectRef[] = [];

  constructor(world: ReplayOfTasks, pair: AttemptPair) {
    this.#world = world;
    this.#pair = pair;
  }

  get drawKey(): AttemptKey {
    return this.#world.adopts === undefined ? this.#pair.partner : this.#pair.at;
  }

  get resumed(): readonly Value[] | undefined {
    const { restart, chunks } = this.#pair.recorded ?? {};
    if (restart === undefined || this.#pair.isFedIn) return undefined;
    const given = chunks?.deltas.slice(0, restart.ordinal);
    this.#world.options.gave(given as Value);
    return given;
  }

  get reads(): RecordedReads {
    return {
      entryCount: 0,
      entries: this.#pair.recorded?.ambient ?? [],
      beyond: 'derived',
      unrecorded: (source) => this.#world.noteUnrecordedRead(source, this.#pair.at),
      ...this.#world.options.readings,
    };
  }

  get recorded(): RecordedAttempt | undefined {
    const isFollowed = this.#world.controlled === undefined && !this.#pair.isApart;
    const outcome = isFollowed ? this.#pair.recorded?.outcome : undefined;
    return outcome === undefined ? undefined : { isEnded: true, ...outcome.observed.order };
  }

  get timers(): RecordedTimers {
    const ambient = this.#pair.isApart ? undefined : this.#pair.recorded?.ambient;
    const firings = ambient?.flatMap(({ observed }) => observed.firings ?? []) ?? [];
    return { firings, entryCount: 0, isReplay: true };
  }
  readonly opened = (attempt: StartedAttempt): unknown => this.#world.observations.started.add(attempt);
  readonly asksFirst = true;
  readonly keepsExchanges = true;

  answer(ref: EffectRef, kept?: AnsweredBefore): Answer {
    const recorded = this.#pair.recorded?.take(ref) ?? this.#world.elsewhere.takeBack(ref, this.#pair.recorded);
    if (recorded !== undefined) return this.#answerOf(recorded);
    const unfinished = this.#pair.recorded?.takeUnfinished(ref);
    if (unfinished !== undefined) return this.#answerUnfinished(unfinished, ref);
    // What it asks for may be written in the code, and was redacted when it was recorded.
    const alike = this.#pair.recorded?.takeAlike(ref, this.#world.options.isAlike);
    if (alike !== undefined) return asAsked(this.#answerOf(alike), alike);
    if (kept !== undefined) return kept;
    if (this.#pair.recorded?.isLost(ref) === true) {
      addTo(this.#world.observations.unanswered, this.#pair.at, ref);
      return { kind: 'silent' };
    }
    const passedOver = keptOfRestarted(this.#pair.step, this.#pair.partner, ref);
    if (passedOver !== undefined) return passedOver;
    const unanswered = answerOfStopped(this.#pair.step, this.#pair.partner, ref);
    if (unanswered === 'pending') return this.#pendingBesideDoubt(ref);
    if (unanswered?.kind === 'silent') this.waitsPast(ref);
    if (unanswered !== undefined) return unanswered;
    const adopted = this.#world.elsewhere.adopted(ref, this.#pair);
    if (adopted !== undefined) return adopted;
    const moved = this.#world.elsewhere.moved(ref, this.#pair.step, this.#place);
    if (moved !== undefined) return moved;
    const isUncertain = this.#world.isUncertain(this.#pair.at);
    const asked = this.#asked(ref, isUncertain, () => addTo(this.#world.observations.missing, this.#pair.at, ref));
    if (asked !== undefined) {
      this.#world.observations.performed.push(this.#placed(ref));
      return asked;
    }
    addTo(this.#world.observations.missing, this.#pair.at, ref);
    const nearest = this.#world.isLenient ? this.#pair.recorded?.takeNearest(ref) : undefined;
    if (nearest !== undefined) {
      this.#world.observations.answered.add(ref);
      this.#world.options.gave(givenBy(nearest));
      return answerOf(nearest, undefined, this.#world.options.cut);
    }
    return { kind: 'refused', error: this.#missingError(ref) };
  }

  /** Unless what was in doubt is asked for as well, this is something else that is asked for in its place. */
  #pendingBesideDoubt(ref: EffectRef): Answer {
    if (this.#world.controlled !== undefined) {
      this.waitsPast(ref);
      return { kind: 'silent' };
    }
    const refuse = (): RepriseError => {
      addTo(this.#world.observations.missing, this.#pair.at, ref);
      return this.#missingError(ref);
    };
    return askedAtRest(false, { quiet: this.#world.quiet, refuse });
  }

  /** Where the fixture becomes what this replay is. Undefined if it is refused. */
  #asked(ref: EffectRef, isUncertain: boolean, missed: () => unknown): Answer | undefined {
    const { adopts, quiet } = this.#world;
    if (adopts === undefined) return undefined;
    const refuse = (): RepriseError => {
      missed();
      return this.#missingError(ref);
    };
    const isMarked = (): boolean => {
      if (this.#world.options.heldMark?.(ref.request) === undefined) return false;
      this.#world.observations.marked.push(ref);
      return true;
    };
    return askedNow(ref, { adopts, isUncertain, quiet, refuse, isMarked });
  }

  #answerOf(recorded: EffectEntry): Answer {
    const answer = this.#recordedAnswer(recorded);
    this.#noteAdopted(recorded);
    return this.#pair.isApart && answer.kind === 'answered' ? withoutOrder(answer) : answer;
  }

  #noteAdopted(recorded: EffectEntry): void {
    const { at } = this.#pair;
    if (this.#world.adopts !== undefined && recorded.at !== at)
      this.#world.elsewhere.noteAdopted(refOf(recorded), at, recorded);
  }

  #recordedAnswer(recorded: EffectEntry): Answer {
    this.#world.options.gave(givenBy(recorded));
    const { cut, controlled } = this.#world.options;
    if (recorded.type === 'race') return raceAnswer(recorded, this.#pair.recorded?.effects ?? []);
    if (controlled !== undefined) return asIfPerformed(recorded, this.#world.elsewhere.restOf(recorded), cut);
    return answerOf(recorded, this.#world.elsewhere.restOf(recorded), cut);
  }

  /** Found without its body, which is compared once it is whole. */
  #answerUnfinished(recorded: EffectEntry, asked: EffectRef): Answer {
    const compare = (request: Value): void => {
      const isAlike = isUnfinished(recorded.request) || sameValue(request, recorded.request);
      if (!isAlike) addTo(this.#world.observations.missing, this.#pair.at, { ...asked, request });
    };
    this.#world.options.gave(givenBy(recorded));
    this.#noteAdopted(recorded);
    const answer = answerOf(recorded, this.#world.elsewhere.restOf(recorded), this.#world.options.cut);
    return {
      ...(this.#pair.isApart ? withoutOrder(answer) : answer),
      as: refOf(recorded),
      compare,
    };
  }

  #placed(ref: EffectRef): PlacedRequest {
    const { partner, at, node } = this.#pair;
    return { at: partner, replayedAt: at, node, ref };
  }

  get #place(): MovedTo {
    return { recorded: this.#pair.partner, replayed: this.#pair.at };
  }

  /** Late exchanges are never compared, since their number is not deterministic. What is refused may explain what differs. */
  answerLate(ref: EffectRef): Answer {
    const found = this.#world.elsewhere.moved(ref, this.#pair.step, { ...this.#place, isLate: true });
    if (found !== undefined) return found;
    const { late } = this.#world.observations;
    const missed = (): unknown => late.missing.push(this.#placed(ref));
    const asked = this.#asked(ref, false, missed);
    if (asked === undefined) missed();
    else late.performed.push(this.#placed(ref));
    return asked ?? { kind: 'refused', error: this.#missingError(ref) };
  }

  readPast(ref: EffectRef): RepriseError {
    const place = this.#unread.indexOf(ref);
    if (place >= 0) this.#unread.splice(place, 1);
    addTo(this.#world.observations.readPast, this.#pair.at, ref);
    return readPastError(this.#addressOf(ref), ref, this.#pair.recorded?.effects ?? []);
  }

  waitsPast(ref: EffectRef): void {
    addTo(this.#world.observations.unheard, this.#pair.at, ref);
    const recorded = this.#pair.recorded?.effects.find((effect) => isSameEffect(effect, ref));
    if (recorded !== undefined && isLeftOpen(recorded)) this.#unread.push(ref);
  }

  leavesUnread(ref: EffectRef, how: 'open' | 'stopped'): void {
    const recorded = this.#pair.recorded?.effects.find((effect) => isSameEffect(effect, ref));
    if (recorded === undefined || isLeftOpen(recorded) || !hasReadBody(recorded)) return;
    addTo(this.#world.observations.unread[how], this.#pair.at, ref);
  }

  #missingError(ref: EffectRef): RepriseError {
    return missingError(this.#addressOf(ref), ref);
  }

  /** Under the recorded attempt, as in the report. One that was not recorded never gets that of a recorded effect. */
  #addressOf(ref: EffectRef): string {
    return addressText(this.#pair.partner, ref, this.#pair.recorded?.effects ?? []);
  }

  /** Only the clean-up of an attempt with a result is recorded. */
  cleanUp(number: number): AttemptWorld | undefined {
    const result = this.#pair.recorded?.outcome?.result;
    if (this.#pair.isFedIn || result === undefined || !isOfStopped(result)) return undefined;
    const partner = cleanUpKey(this.#pair.partner, number);
    const recorded = this.#pair.step?.attempt(partner);
    const at = cleanUpKey(this.#pair.at, number);
    if (recorded !== undefined) this.#world.notePartner(at, partner);
    return new ReplayedAttempt(this.#world, { ...this.#pair, at, partner, recorded, isFedIn: false });
  }

  run(node: () => unknown): unknown {
    const isGone = this.#world.observations.gone.has(this.#pair.at);
    if (!this.#pair.isFedIn || (this.#pair.recorded?.hasInner === true && !isGone)) return node();
    const result = this.#result;
    if (result === undefined) throw missingOutcome(this.#pair.at);
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
    if (isSameFailure(recorded, result) || isEndedOver(recorded, this.#pair.partner)) return recorded;
    // It may have given up by a time of its own before anybody could tell it that nothing comes.
    if (this.#unread.length > 0 && !sameValue(recorded as Value, result as Value))
      for (const ref of this.#unread.splice(0)) this.readPast(ref);
    if (!this.#world.isLenient) return result;
    const node = this.#pair.recorded?.outcome?.node ?? '';
    this.#world.noteResult(this.#pair.at, { node, result: recorded }, result);
    this.#world.options.gave(recorded as unknown as Value);
    return recorded;
  }

  /** As it fits today's graph. */
  get #result(): AttemptResult | undefined {
    const result = this.#pair.recorded?.outcome?.result;
    return result === undefined ? undefined : (this.#pair.graphs?.resultToday(result) ?? result);
  }

  watch(timeoutMs: number, expire: () => void): () => void {
    const watched = {
      at: this.#pair.at,
      partner: this.#pair.partner,
      recorded: this.#pair.recorded,
      isFedIn: this.#pair.isFedIn === true,
      timeoutMs,
      expire,
    };
    return isCleanUpKey(this.#pair.at) ? watchCleanUp(watched, this.#world.quiet) : watchAttempt(watched, this.#world);
  }
}
