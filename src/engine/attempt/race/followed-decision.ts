// A decision that the journal holds. It comes once its winner has settled, and after everything that the losers are known
// to have got before it.
import { isWithin } from '../../../journal/step/race.ts';
import type { Clock } from '../../../port/clock.ts';
import type { Readiness } from '../effect/kind-of-effect.ts';
import type { AttemptRaces, Awaiting } from './attempt-races.ts';

export interface Decision {
  readonly winner: string;
  /** The paths of the other branches. */
  readonly losers: readonly string[];
  /** How many effects these had got. */
  readonly gotByLosers: number;
}

export class FollowedDecision implements Readiness, Awaiting {
  readonly #decision: Decision;
  readonly #clock: Clock;
  readonly #stopAwaiting: () => void;
  #leftCount: number;
  #hasSettled = false;
  #callback: (() => void) | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(races: AttemptRaces, clock: Clock, decision: Decision) {
    this.#decision = decision;
    this.#clock = clock;
    this.#leftCount = decision.gotByLosers;
    this.#stopAwaiting = races.await(this);
  }

  readonly isReady = (): boolean => this.#hasSettled && this.#leftCount <= 0;

  /** A branch has succeeded or failed. */
  settled(branch: string): void {
    if (branch !== this.#decision.winner) return;
    this.#hasSettled = true;
    this.#look();
  }

  delivered(task: string | undefined): void {
    if (!this.#decision.losers.some((loser) => isWithin(task, loser))) return;
    this.#leftCount -= 1;
    this.#look();
  }

  when(callback: () => void): () => void {
    this.#callback = callback;
    this.#look();
    return () => this.withdraw();
  }

  /** Not at once: what a loser does with what it got last comes first. What never comes is not waited for. */
  #look(): void {
    const callback = this.#callback;
    if (callback === undefined || !this.#hasSettled) return;
    this.#cancelTimer?.();
    this.#cancelTimer = this.#clock.setTimer(this.isReady() ? 0 : Number.POSITIVE_INFINITY, callback);
  }

  withdraw(): void {
    this.#stopAwaiting();
    this.#cancelTimer?.();
    this.#callback = undefined;
  }
}
