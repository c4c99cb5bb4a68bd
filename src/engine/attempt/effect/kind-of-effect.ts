import type { EffectOutcome, EffectRef, OutcomeFacts } from '../../../journal/entry.ts';
import type { Delivered } from '../../../port/attempt.ts';
import type { AnsweredBefore } from '../../../port/world.ts';
import type { EffectPolicy } from './effect-policy.ts';

/** What a kind of effect supplies: how it is performed, and what becomes of its outcome. */
export interface KindOf<Effect> {
  /** How the answer comes back: through the oracle, or `direct` because the asker streams it or cannot wait. */
  readonly delivery: 'effect' | 'message' | 'sleep' | 'direct';
  /** It cannot wait for its answer, so it is never held back. */
  readonly isImmediate?: true;
  readonly policy?: EffectPolicy;
  /** The effect is held back: it is performed later, or not at all. Or its answer is known, and comes later. */
  held?(): void;
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
  /** Its answer has begun, and nobody reads it: it does not end by itself. */
  isUnread?(): boolean;
}
