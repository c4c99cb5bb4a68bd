// One effect, from the moment a node asks for it to the moment it has its answer.
//   F1. asked → held → in doubt → performing → arriving → over. Those in between may be skipped, and what is performed
//       may come to be in doubt: as often as its connection is lost and somebody has it performed again.
//   F2. The node gets its answer only after the answer is in the journal, and only while the attempt is open.
//   F3. An effect that waits when its run is suspended never settles: the attempt is entered again. Any other effect
//       without an answer fails with the reason for which its attempt was stopped, one that is in doubt too.
import { assert, assertMove } from '../../../base/assert.ts';
import type { Value } from '../../../base/value.ts';
import type { AskedIn } from '../../../journal/step/asked-in.ts';
import type { EffectOutcome } from '../../../journal/entry.ts';
import { stacksOf } from '../../../journal/error/stacks.ts';
import type { Delivered } from '../../../port/attempt.ts';
import type { Answer, AnsweredBefore, Performing, Simulate } from '../../../port/world.ts';
import { arrive, arriveNow } from '../../run/run-parts.ts';
import { atOnce, effectMoves, inMicrotask, isUndecided, untilFollowed, untilLaterTurn } from './effect-states.ts';
import type { KindOf } from './kind-of-effect.ts';
import type { EffectFacts, EffectState, Hold } from './effect-states.ts';
import { nextStep } from './doubt/in-doubt.ts';
import type { Made } from './doubt/in-doubt.ts';
import { whenDue } from './known-answer.ts';
import { letSimulate } from './leaving.ts';
import { JournaledEffect } from './journaled-effect.ts';
import type { EffectHost } from './journaled-effect.ts';
import { leftUnheard } from './left-unheard.ts';
import type { Open } from './open-effects.ts';

export type EffectKind = KindOf<Effect>;

export class Effect extends JournaledEffect implements Open {
  readonly #kind: EffectKind;
  #performing: Performing | undefined;
  #state: EffectState = 'asked';
  #isWaiting = false;
  /** Undoes what the current state holds on to. */
  #undo: (() => void) | undefined;

  constructor(host: EffectHost, kind: EffectKind, own: AskedIn) {
    super(host, own, kind.delivery === 'decision', kind.policy);
    this.#kind = kind;
  }

  get isOpen(): boolean {
    return this.#state !== 'over';
  }
  get isWaiting(): boolean {
    return this.#isWaiting;
  }
  get mayOutlive(): boolean {
    return this.#kind.leave !== undefined;
  }
  protected head(which: 'any' | 'unread'): Delivered | undefined {
    return this.#kind.head?.(which);
  }

  /** The oracle is told of it: an explorer looks for what leaves twice under different keys. */
  get idempotencyKey(): string {
    return this.host.idempotencyKey(this.own);
  }

  /** Starts as the world says. A silent effect stays open: no answer came before the attempt was over. */
  start(answer: Exclude<Answer, { readonly kind: 'refused' }>): void {
    if (answer.kind === 'answered') this.#settleKnown(answer);
    else if (answer.kind === 'in doubt') this.#failAttempt(answer.error);
    else if (answer.kind === 'perform') this.#startNew(answer);
    else if (this.#kind.isImmediate === true) this.#begin();
  }

  #startNew(answer: Performing): void {
    const { began, hold } = answer;
    const { order, pace } = this.parts;
    const { isImmediate, delivery } = this.#kind;
    this.begun = began;
    this.#performing = answer;
    if (isImmediate === true || delivery === 'decision') this.#begin();
    else if (hold !== undefined) this.#hold(hold);
    else if (!order.followed.isOver) this.#hold(untilFollowed);
    else if (delivery !== 'direct' && pace.isTurnOver()) this.#hold(untilLaterTurn(pace));
    else this.#begin();
  }

  /** Holds the effect back until the attempt has asked again for everything in the journal. */
  #hold(hold: Hold): void {
    if (this.#state !== 'held') this.#move('held');
    this.#kind.held?.();
    const { followed, numbers } = this.parts.order;
    const begin = (answer?: AnsweredBefore): void => {
      const take = (): void => {
        if (this.#state !== 'held') return;
        this.#undo = undefined;
        if (answer === undefined) this.#begin();
        else this.#settleKnown(answer);
      };
      // What is new comes after what was recorded, in the attempts beside this one too.
      if (answer === undefined) followed.after(take);
      else take();
    };
    this.#undo = hold(this.ref, begin, () => numbers.hasTimers);
  }

  /** Performs the effect, unless it is in doubt and must be decided about first. `lost`: it was performed, with this. */
  #begin(lost?: EffectOutcome): void {
    const { own, begun, host, policy } = this;
    const next = nextStep(host.setup, { own, begun, mayHavePast: host.mayHavePast(own), policy, lost });
    if (next.kind === 'perform') this.#perform();
    else if (next.kind === 'wait') this.#hold((_ref, begin, isBusy) => host.doubts.wait(own, next.left, begin, isBusy));
    else if (next.kind === 'ask') this.#askWhatBecame();
    else if (next.kind === 'decided') this.#decided(next);
    else if (next.kind === 'settle') this.settle(next.outcome);
    else this.#failAttempt(next.error);
  }

  /** Its attempt is stopped, because the effect is in doubt. */
  #failAttempt(error: Value): void {
    this.#move('in doubt');
    this.host.doubts.fail(error);
  }

  #askWhatBecame(): void {
    this.#move('in doubt');
    let isOpen = true;
    this.#undo = this.host.questions.decide(this.ref, this.idempotencyKey, (decision, message) => {
      isOpen = false;
      this.#decided({ decision, by: this.parts.decidedBy }, message);
    });
    if (isOpen) this.wait();
  }

  /** `message`: that of the answer which says so. */
  #decided({ decision, by, note }: Made, message?: number): void {
    this.noteDecision(by, decision.kind === 'retry' ? note : undefined);
    if (decision.kind === 'retry') this.#awake(() => isUndecided(this.#state) && this.#perform());
    else this.settle(decision, message === undefined ? {} : { message });
  }

  #perform(): void {
    this.#move('performing');
    const simulate = this.#performing?.simulate;
    if (simulate === undefined) this.#kind.perform(this);
    else this.#simulated(simulate);
  }

  #simulated(simulate: Simulate): void {
    this.#kind.held?.();
    letSimulate(this.parts, this, {
      policy: this.policy,
      simulate,
      idempotencyKey: () => this.idempotencyKey,
      answer: (answer) => {
        if (this.#state !== 'performing') return;
        this.known = answer;
        this.settle(answer.outcome, answer.facts);
      },
    });
  }

  /** The effect waits for messages from outside, or for longer than is worth staying in memory for. */
  wait(): void {
    if (this.#state === 'over' || this.#isWaiting) return;
    this.#isWaiting = true;
    if (this.#state === 'in doubt') this.#kind.held?.();
    this.host.open.waitingChanged(this);
  }

  /**
   * The effect has an outcome, which the node gets when the oracle says so. Ignored if there was an outcome before or
   * the effect was dropped.
   */
  settle(outcome: EffectOutcome, facts: EffectFacts = {}): void {
    if (this.#state === 'over' || this.#state === 'arriving') return;
    if (this.#state === 'performing' && this.isLost(outcome)) {
      this.known = undefined;
      this.#begin(outcome);
      return;
    }
    this.#move('arriving');
    this.#release();
    const deliver = (): void => this.#deliver(outcome, facts);
    const { delivery } = this.#kind;
    const kind = delivery === 'direct' ? 'effect' : delivery;
    if (kind === 'decision') deliver();
    else if (delivery === 'direct' && this.#performing?.simulate === undefined) this.#awake(deliver);
    else this.#awake(() => arrive(this.parts, kind, this.own.at, deliver, this));
  }

  /** Once it no longer waits, and its attempt holds a slot. An answer that nobody can wait for comes at once. */
  #awake(then: () => void): void {
    const wasWaiting = this.#isWaiting;
    this.#isWaiting = false;
    if (wasWaiting) this.host.open.waitingChanged(this);
    if (!wasWaiting && this.#kind.delivery === 'direct') then();
    else this.host.life.whenRunning(then);
  }

  /** The journal holds its outcome, which the node gets when its place in the order has come. */
  #settleKnown(answer: AnsweredBefore): void {
    const { outcome, facts = {}, order } = answer;
    this.known = answer;
    this.recordedOrder = order;
    this.#move('arriving');
    this.parts.order.followed.happened(order?.asked);
    const readiness = this.#kind.expect?.(answer);
    const deliver = (): void => this.#deliver(outcome, facts);
    const arriveKnown = (): void => {
      this.#undo = undefined;
      if (this.isDecision) deliver();
      else arriveNow(this.parts, 'effect', this.own.at, deliver, this);
    };
    if (this.#kind.isImmediate === true) {
      this.parts.order.followed.happened(order?.given);
      deliver();
      return;
    }
    this.#kind.held?.(answer);
    if (answer.isKept === true) arriveKnown();
    else this.#undo = whenDue(this.parts, answer, readiness, arriveKnown);
  }

  /** The effect cannot have an outcome, because the store fails or nobody is left to read it. */
  fail(error: Error): void {
    if (this.#state === 'over') return;
    this.drop(error);
    this.host.open.remove(this);
  }

  cut(reason: Error): void {
    if (this.#state === 'performing' && this.mayOutlive) this.#kind.reject(reason);
  }

  /** The attempt was stopped: nothing of it is journaled any more. */
  drop(reason: Error): void {
    if (this.#state === 'over') return;
    if (this.parts.stop.isSuspension && this.isUnread) {
      // The attempt that is entered again gets what this one had.
      this.leave(reason);
      return;
    }
    const isSuspended = this.#isWaiting && this.parts.stop.isSuspension;
    this.#move('over');
    this.leaveOrder();
    this.#release();
    if (!isSuspended) this.#kind.reject(reason);
  }

  /** The attempt has ended. What was performed continues without it; what was not never is. */
  leave(reason: Error): void {
    if (this.#state === 'arriving' && this.known !== undefined) {
      // It has happened: its place in the order has not come, and may come after its attempt.
      this.known = leftUnheard(this.host.setup, this.ref, this.known);
      const { outcome, facts = {}, outlived } = this.known;
      this.#release();
      this.#deliver(outcome, facts, outlived && ((give) => this.host.open.behind.add(outlived.place, give)));
      return;
    }
    if (this.#state !== 'performing') {
      this.fail(reason);
      return;
    }
    const delivered = this.#kind.leave?.(this.ref, this.began);
    if (delivered === undefined) return;
    this.#move('over');
    this.leaveOrder();
    this.#release();
    this.journaled(delivered.outcome, this.began, delivered.facts);
    this.host.open.remove(this);
  }

  #deliver(outcome: EffectOutcome, { began = this.began, ...facts }: EffectFacts, when = atOnce): void {
    if (this.#state === 'over' || !this.host.life.isOpen) return;
    assert(this.host.open.has(this), 'F2: an effect is answered while its attempt is open');
    this.#move('over');
    this.leaveOrder();
    if (!this.isGiven) this.arrived();
    const stacks = outcome.kind === 'error' ? stacksOf(outcome.error) : undefined;
    const known = this.known;
    const isElsewhere = known?.isMoved === true || (known?.isKept === true && known.isVoid !== true);
    if (!isElsewhere) this.journaled(outcome, began, stacks === undefined ? facts : { ...facts, stacks });
    // In a microtask of its own: an effect may be answered while it is asked for, and what its node reads before it
    // awaits the answer does not follow it.
    if (this.#kind.delivery !== 'direct' && !this.isDecision)
      inMicrotask(() => this.host.attempt.ambient.delivered(this.ref.task));
    const given = known?.given ?? { outcome, facts };
    when(() => this.#kind.resolve(given.outcome, given.facts, known?.compare));
    this.host.open.remove(this);
    this.host.open.madeRaces?.delivered(this.ref.task);
  }

  #release(): void {
    this.#undo?.();
    this.#undo = undefined;
    this.#performing?.over?.();
    this.#kind.release?.();
  }

  #move(state: EffectState): void {
    assertMove(effectMoves, this.#state, state, 'an effect');
    this.#state = state;
  }
}
