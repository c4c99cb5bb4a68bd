import type { Value } from '../../base/value.ts';
import type { GraphSpec, NodeSpec } from '../../graph/spec.ts';
import type { AttemptResult } from '../../journal/entry.ts';
import type { AttemptKey } from '../../journal/key.ts';
import type { AttemptWorld } from '../../port/world.ts';
import type { RunParts } from '../run/run-parts.ts';

/** The task that an attempt belongs to. */
export interface AttemptOwner {
  /** Called once: with the result of the attempt, or with undefined if it was stopped from outside. */
  attemptEnded(result: AttemptResult | undefined): void;
  /** Whether another attempt follows if this one fails with such an error. */
  mayRetry(error: Value): boolean;
  /** The attempt waits for people, for a reader or for a long time, so others may use its slot. */
  giveSlot(): void;
  /** Calls back when the attempt has a slot again, or without one when the task is over. */
  takeSlotAgain(resume: (hasSlot: boolean) => void): void;
}

export interface AttemptSetup {
  readonly parts: RunParts;
  readonly graph: GraphSpec;
  readonly key: AttemptKey;
  readonly number: number;
  readonly node: NodeSpec;
  readonly state: Value;
  readonly input: Value;
  readonly world: AttemptWorld;
  /** Whether its task, or one around it, may get a further attempt in this process. */
  readonly mayRepeat: boolean;
  readonly owner: AttemptOwner;
  /** From which place in the order of its step on it was due. */
  readonly due: number;
}
