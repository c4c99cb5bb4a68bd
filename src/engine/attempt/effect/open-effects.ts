// The effects of one attempt that have no answer yet.
//   P1. An attempt waits if everything that is open waits, but for exchanges whose answer nobody reads, and there is at
//       least one such effect (attempt-life.ts).
//   P2. If nothing is open but exchanges, the attempt is idle: a node that has returned can end.
import { assert } from '../../../base/assert.ts';
import type { EffectRef } from '../../../journal/entry.ts';
import type { AskedIn } from '../../../journal/step/asked-in.ts';
import { isWithin } from '../../../journal/step/race.ts';
import type { AttemptLife } from '../attempt-life.ts';
import type { RunOrder } from '../../run/order/run-order.ts';
import { AttemptRaces } from '../race/attempt-races.ts';
import { LeftBehind } from './left-behind.ts';

export interface Open {
  /** Whether it waits for people, or for longer than is worth staying in memory for. */
  readonly isWaiting: boolean;
  /** Whether it may outlive its attempt, as exchanges do. */
  readonly mayOutlive: boolean;
  /** Whether it waits for what others of these wait for. */
  readonly isDecision?: boolean;
  readonly ref?: EffectRef;
  /** The task inside the attempt that asked for it. */
  readonly task: string | undefined;
  /** Whether its answer has begun and nobody reads it. */
  readonly isUnread?: boolean;
  /** What the attempt does next may depend on what has reached the node of it. */
  markGiven?(): void;
  /** If it is this one, what the head of its answer says is known, before the rest has come. */
  tellHead?(before: AskedIn): void;
  /** The attempt was stopped: nothing of it is journaled any more. */
  drop(reason: Error): void;
  /** The attempt ends without it. */
  leave(reason: Error): void;
  /** Nobody is left to read its answer: if it is being answered, it ends with what has come. */
  cut(reason: Error): void;
  /** It has no answer. */
  fail(reason: Error): void;
}

export class OpenEffects {
  readonly #life: AttemptLife;
  readonly #open = new Set<Open>();
  #waitingCount = 0;
  /** How many of them may outlive the attempt. */
  #outlivingCount = 0;
  #decisionCount = 0;
  #whenIdle: (() => void) | undefined;
  /** Undefined if nothing was raced. */
  madeRaces: AttemptRaces | undefined;

  /** What comes after the attempt in a replay. */
  readonly behind: LeftBehind;

  constructor(life: AttemptLife, order: RunOrder) {
    this.#life = life;
    this.behind = new LeftBehind(order);
  }

  get races(): AttemptRaces {
    this.madeRaces ??= new AttemptRaces((path, reason) => this.#abandon(path, reason));
    return this.madeRaces;
  }

  add(effect: Open): void {
    this.#open.add(effect);
    if (effect.mayOutlive) this.#outlivingCount += 1;
    if (effect.isDecision === true) this.#decisionCount += 1;
    this.#tellLife();
  }

  /** The effect has begun to wait, or no longer waits. */
  waitingChanged(effect: Open): void {
    if (!this.#open.has(effect)) return;
    this.#waitingCount += effect.isWaiting ? 1 : -1;
    this.#tellLife();
  }

  remove(effect: Open): void {
    if (!this.#open.delete(effect)) return;
    if (effect.isWaiting) this.#waitingCount -= 1;
    if (effect.mayOutlive) this.#outlivingCount -= 1;
    if (effect.isDecision === true) this.#decisionCount -= 1;
    this.#tellLife();
    if (!this.#isIdle || this.#whenIdle === undefined) return;
    const callback = this.#whenIdle;
    this.#whenIdle = undefined;
    callback();
  }

  has(effect: Open): boolean {
    return this.#open.has(effect);
  }

  /** Calls back once nothing is open but exchanges; at once if nothing else is. */
  whenIdle(callback: () => void): void {
    if (this.#isIdle) callback();
    else this.#whenIdle = callback;
  }

  get #isIdle(): boolean {
    return this.#open.size === this.#outlivingCount;
  }

  /** Whether its node can only wait for people, signals and long sleeps. */
  get isWaiting(): boolean {
    return this.#waitingCount > 0 && this.#isResting;
  }

  get #isResting(): boolean {
    const activeCount = this.#open.size - this.#waitingCount - this.#decisionCount;
    if (activeCount === 0) return true;
    if (activeCount > this.#outlivingCount) return false;
    return [...this.#open].every(
      ({ isWaiting, isUnread, isDecision }) => isWaiting || isUnread === true || isDecision === true,
    );
  }

  get outliving(): readonly Open[] {
    return this.#outlivingCount === 0 ? [] : [...this.#open].filter(({ mayOutlive }) => mayOutlive);
  }

  /** The attempt asks for something else now. */
  markGiven(): void {
    if (this.#outlivingCount === 0) return;
    for (const effect of this.#open) effect.markGiven?.();
  }

  /** What stands within this path has nobody left to wait for it. */
  #abandon(path: string, reason: Error): void {
    for (const effect of [...this.#open]) {
      if (!isWithin(effect.task, path)) continue;
      effect.cut(reason);
      if (this.#open.has(effect)) effect.fail(reason);
    }
  }

  /** The attempt was stopped: every open effect is told, and nothing more is journaled. */
  drop(reason: Error): void {
    const open = [...this.#open];
    this.#open.clear();
    this.#waitingCount = 0;
    this.#outlivingCount = 0;
    this.#decisionCount = 0;
    for (const effect of open) effect.drop(reason);
  }

  #tellLife(): void {
    const isCounted = this.#waitingCount >= 0 && this.#waitingCount <= this.#open.size;
    assert(isCounted, 'P1: the effects that wait are among those that are open');
    this.#life.isWaiting = this.isWaiting;
  }
}
