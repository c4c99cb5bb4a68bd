// The world: what the outside decides about a run. Live it is the outside itself; in a replay it is a fixture.
// The engine asks it and never knows which of them it is.
import type { Value } from '../base/value.ts';
import type {
  AttemptResult,
  BeginEntry,
  CommitEntry,
  EditEntry,
  EffectOutcome,
  EffectRef,
  RunEnd,
  TaskSpec,
} from '../journal/entry.ts';
import type { StepKey } from '../journal/key.ts';

/** What an effect is answered with. */
export type Answer =
  /**
   * Go and ask the outside. `began`: an attempt before a crash began it, and nobody knows how it ended. `hold`: not before
   * everything that was journaled has been asked for again; `begin` is called then, unless it was given up.
   */
  | {
      readonly kind: 'perform';
      readonly began?: BeginEntry;
      readonly hold?: (ref: EffectRef, begin: () => void) => () => void;
    }
  /** It happened already: this is how it ended, and in which parts a body came. */
  | { readonly kind: 'answered'; readonly outcome: EffectOutcome; readonly parts?: readonly number[] }
  /** It may not happen here. */
  | { readonly kind: 'refused'; readonly error: Error }
  /** No answer came, before the attempt timed out. */
  | { readonly kind: 'silent' };

export interface AttemptWorld {
  /** The key that draws and idempotency keys derive from: that of the recorded partner in a replay. */
  readonly drawKey: string;
  /** What it gave before a crash, as a streaming node. */
  readonly chunks?: readonly Value[];
  /** It is started again behind these chunks. */
  readonly resumed?: readonly Value[] | undefined;
  /** Of an attempt that is: how many events of a stream are there already. */
  eventCount?(stream: string): number;
  answer(effect: EffectRef): Answer;
  /** Where not all that was journaled has been asked for again: keeps something new back until it has. Tells whether it does. */
  keepBack?(journal: () => void): boolean;
  /** Calls the node, or gives what it is known to have returned. */
  run(node: () => unknown): unknown;
  /** What the attempt counts as having ended with. Live: what it did end with. Undefined where that may not be. */
  settle(result: AttemptResult): AttemptResult | undefined;
  /** Decides when an attempt has taken too long: calls `expire` then. The returned function takes that back. */
  watch(timeoutMs: number, expire: () => void): () => void;
}

export interface TaskWorld {
  /** How many attempts the journal holds already. */
  readonly knownAttempts?: number;
  /** When the last of them ended, if the next one has not begun: of its wait only the rest is left. */
  readonly waitsSince?: number;
  /** How many of them had failed when the run failed: it is resumed for another one. */
  readonly failedAttempts?: number;
  /** `isResumable`: its node goes on behind what it gave. */
  attempt(number: number, isResumable: boolean): AttemptWorld;
}

export type StepPlan =
  /** One for each task, in rank order. `edits`: what was changed in the state before it. */
  | { readonly kind: 'run'; readonly tasks: readonly TaskWorld[]; readonly edits?: readonly EditEntry[] }
  /** The run ends before this step: where a cancel or a limit took hold. */
  | { readonly kind: 'end'; readonly end: RunEnd };

export interface StepResult {
  readonly state: Value;
  readonly commit: CommitEntry;
}

export interface World {
  /** Announces a step before any of its tasks starts. */
  openStep(at: StepKey, tasks: readonly TaskSpec[]): StepPlan;
  /** What the run goes on from after a step. Live: what was computed. */
  closeStep(step: StepResult): StepResult;
}
