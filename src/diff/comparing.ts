// What all scopes of one comparison share.
import type { Value } from '../base/value.ts';
import type { AttemptResult, CommitEntry, EffectRef } from '../journal/entry.ts';
import type { AttemptKey, StepKey } from '../journal/key.ts';
import type { StepIndex } from '../journal/step-index.ts';
import type { DivergenceLog } from './divergence-log.ts';

/** What a replay did that its journal does not hold, since it went on from what was recorded. */
export interface ReplayFacts {
  readonly missing: ReadonlyMap<AttemptKey, readonly EffectRef[]>;
  readonly results: ReadonlyMap<AttemptKey, AttemptResult>;
  readonly steps: ReadonlyMap<
    StepKey,
    { readonly state: Value; readonly commit: Pick<CommitEntry, 'frontier' | 'joins'> }
  >;
}

export interface CompareOptions {
  /** `outputs`: node code did not run in the replay, so effects and events are not compared. */
  readonly mode: 'effects' | 'outputs';
  /** Of a run that goes on with a newer version of its graph: fields of its state that only one of the versions has. */
  readonly unshared?: UnsharedFields;
}

export interface UnsharedFields {
  /** There from the change of the version on. */
  readonly added: readonly string[];
  /** Kept from then on, and not shown. */
  readonly removed: readonly string[];
}

export interface Comparing {
  readonly options: CompareOptions;
  readonly facts: ReplayFacts;
  readonly log: DivergenceLog;
  /** Fields of the run's own state that are not compared as things stand. */
  readonly ignored: ReadonlySet<string>;
}

/** The step that is compared, of both runs. */
export interface Indexes {
  readonly recorded: StepIndex;
  readonly replayed: StepIndex;
}
