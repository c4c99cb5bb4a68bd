import type { EffectOutcome, EffectRef, OutcomeFacts } from '../../../journal/entry.ts';
import type { Delivered } from '../../../port/attempt.ts';
import type { AnsweredBefore } from '../../../port/world.ts';
import type { EffectPolicy } from './effect-policy.ts';

/** When something is ready that is known already. */
export interface Readiness {
  readonly isReady: () => boolean;
  /** Calls back once it is, or nothing else can happen. The returned function withdraws that. */
  when(callback: () => void): () => void;
}

/** What a kind of effect supplies: how it is performed, and what becomes of its outcome. */
export interface KindOf<Effect> {
  /**
   * How the answer comes back: through the oracle, or `direct` because the asker streams it or cannot wait. A `decision`
   * follows from what has come back, so nothing chooses when it comes.
   */
  readonly delivery: 'effect' | 'message' | 'sleep' | 'direct' | 'decision';
  /** It cannot wait for its answer, so it is never held back. */
  readonly isImmediate?: true;
  readonly policy?: EffectPolicy;
  /** The effect is held back: it is performed later, or not at all. Or its answer is known, and comes later. */
  held?(known?: AnsweredBefore): void;
  /** Of a decision: its answer is known, and comes only when it could have been made. */
  expect?(answer: AnsweredBefore): Readiness | undefined;
  /** Performs the effect and settles it once, now or later. */
  perform(effect: Effect): void;
  /** The effect has an outcome or was given up: releases timers, questions and connections. */
  release?(): void;
  /** The outcome is journaled. `compare`: see the answer of the world. */
  resolve(outcome: EffectOutcome, facts?: OutcomeFacts, compare?: AnsweredBefore['compare']): void;
  /** The effect has no outcome. `error` says why. */
  reject(error: Error): void;
  /**
   * The attempt has ended while it was performed: what has been delivered by then. Undefined if it has settled now. A kind
   * that has this may outlive its attempt.
   */
  leave?(ref: EffectRef, began: number): Delivered | undefined;
  /** The head of its answer, if it is performed. One that has begun and that nobody reads (`unread`) does not end by itself. */
  head?(which: 'any' | 'unread'): Delivered | undefined;
}
