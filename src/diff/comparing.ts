// What all scopes in one comparison share.
import type { Value } from '../base/value.ts';
import type { AttemptResult, CommitEntry, EffectRef } from '../journal/entry.ts';
import type { AttemptKey, StepKey } from '../journal/key.ts';
import type { StepIndex } from '../journal/step-index.ts';
import type { DivergenceLog } from './divergence-log.ts';

/** What a lenient replay did that its journal does not hold, because it continued from what was recorded. */
export interface ReplayFacts {
  readonly missing: ReadonlyMap<AttemptKey, readonly EffectRef[]>;
  readonly results: ReadonlyMap<AttemptKey, AttemptResult>;
  readonly steps: ReadonlyMap<
    StepKey,
    { readonly state: Value; readonly commit: Pick<CommitEntry, 'frontier' | 'joins'> }
  >;
}

export interface CompareOptions {
  /** With `outputs`, node code did not run in the replay, so effects and events are not compared. */
  readonly mode: 'effects' | 'outputs';
  /** For a run that was resumed with a newer version of its graph: state fields that only one of the versions has. */
  readonly unshared?: UnsharedFields;
}

export interface UnsharedFields {
  /** Present from the change of version on. */
  readonly added: readonly string[];
  /** Kept from then on, but not shown. */
  readonly removed: readonly string[];
}

export interface Comparing {
  readonly options: CompareOptions;
  readonly facts: ReplayFacts;
  readonly log: DivergenceLog;
  /** Fields of the run's own state that are currently not compared. */
  readonly ignored: ReadonlySet<string>;
}

/** The step being compared, in both runs. */
export interface Indexes {
  readonly recorded: StepIndex;
  readonly replayed: StepIndex;
}
