// What all scopes in one comparison share.
import type { Value } from '../../base/value.ts';
import type { AttemptResult, CommitEntry, EffectRef } from '../../journal/entry.ts';
import type { AttemptKey, StepKey } from '../../journal/key.ts';
import type { StepIndex } from '../../journal/step/step-index.ts';
import type { DivergenceKind } from '../divergence.ts';
import type { DivergenceLog } from '../divergence-log.ts';

/** What a lenient replay did that its journal does not hold, because it continued from what was recorded. */
export interface ReplayFacts {
  readonly missing: ReadonlyMap<AttemptKey, readonly EffectRef[]>;
  /** Those of them that got the answer to the recorded one that is most like them. */
  readonly answered: ReadonlySet<EffectRef>;
  /** Effects of branches that lost their race, for which no answer was recorded. */
  readonly unanswered: ReadonlyMap<AttemptKey, readonly EffectRef[]>;
  /** Exchanges whose clients read on where those of the recording had stopped. */
  readonly readPast: ReadonlyMap<AttemptKey, readonly EffectRef[]>;
  /** Recorded effects that answered another attempt, or one that had ended. */
  readonly moved: ReadonlySet<EffectRef>;
  readonly results: ReadonlyMap<AttemptKey, AttemptResult>;
  /** Attempts of nodes that the replayed graph lacks: none of their code ran. */
  readonly gone: ReadonlySet<AttemptKey>;
  readonly steps: ReadonlyMap<
    StepKey,
    { readonly state: Value; readonly commit: Pick<CommitEntry, 'frontier' | 'joins'> }
  >;
}

/** A request that was not recorded, as it is shown beside the recorded one that is most like it. */
export type Likened = (asked: EffectRef, recorded?: EffectRef) => EffectRef;

export interface CompareOptions {
  /** With `outputs`, node code did not run in the replay, so effects and events are not compared. */
  readonly mode: 'effects' | 'outputs';
  /** The kinds of divergences that count; all by default. */
  readonly kinds?: readonly DivergenceKind[] | undefined;
  /** For a recording that was redacted. */
  readonly likened?: Likened | undefined;
  /** Both runs were recorded: what differs between the effects of an attempt is listed as it was asked for. */
  readonly isAskedFirst?: boolean;
}

export interface Comparing {
  readonly options: CompareOptions;
  readonly facts: ReplayFacts;
  readonly log: DivergenceLog;
}

/** The step being compared, in both runs. */
export interface Indexes {
  readonly recorded: StepIndex;
  readonly replayed: StepIndex;
}
