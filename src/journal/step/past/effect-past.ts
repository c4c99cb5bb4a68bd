// What is known of an effect over the attempts of its task, and what the journal says of it.
import type { Value } from '../../../base/value.ts';
import { fullAddressText } from '../../address.ts';
import { identityOfEffect } from '../../entry-identity.ts';
import type { EffectOutcome, EffectRef, NotedDecision, NoteEntry, OutcomeFacts } from '../../entry.ts';
import type { AttemptKey } from '../../key.ts';
import type { AskedIn } from '../asked-in.ts';

/** What is known of one effect. */
export interface EffectPast {
  readonly identity: string;
  /** What it was asked for last. */
  readonly request: Value;
  /** Its last success, and the attempt in which it succeeded. */
  readonly success: Success | undefined;
  /** The attempts in which it failed with a known error. */
  readonly refusedIn: ReadonlySet<AttemptKey>;
  /** The attempt whose outcome, the last one, does not say whether it happened. */
  readonly unclearIn: AttemptKey | undefined;
  /** The attempt in which it began, if nobody knows what became of it. */
  readonly doubt: Doubt | undefined;
}

/** The same, as it is kept while the step is open. */
export interface OpenPast extends EffectPast {
  readonly isOnce: boolean;
  /** The last attempt that has asked for it. */
  askedIn: AttemptKey | undefined;
  request: Value;
  success: Success | undefined;
  /** At some time, what it had got was taken back. */
  isTakenBack?: boolean;
  readonly refusedIn: Set<AttemptKey>;
  unclearIn: AttemptKey | undefined;
  doubt: Doubt | undefined;
  /** The effect of an earlier attempt that it was in doubt with, and is asked for again by this one. */
  standsFor: AskedIn | undefined;
  /** It was asked for again while it was in doubt, so what says nothing of that ends no doubt. */
  wasLost: boolean;
  /** The attempt in which a branch of a race asked for it that lost: other attempts need not. */
  lostIn: AttemptKey | undefined;
}

/** What somebody has decided about an effect in doubt. */
export interface Decided extends Pick<NotedDecision, 'by'> {
  readonly decided: Value;
}

export type OnDoubt = 'retry' | 'fail' | 'ask';

export interface Success {
  readonly at: AttemptKey;
  readonly ref: EffectRef;
  /** How often what its effect had got was taken back before. */
  readonly undoneBefore: number;
  /** It was in the journal when this process took the run over, so its code may have been another. */
  readonly isOld?: boolean;
  /** Code that was accepted with `force` has not asked for it at its place, so its entry is void. It has happened. */
  isVoid?: boolean;
  readonly outcome: EffectOutcome;
  readonly facts: OutcomeFacts | undefined;
}

/** An effect that began and has no outcome. */
export interface Doubt {
  readonly at: AttemptKey;
  readonly node: string;
  readonly ref: EffectRef;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** As of a success. */
  readonly isOld?: boolean;
  /** Its policy, where this process has asked for it. */
  onDoubt?: OnDoubt | undefined;
  /** What was decided about it, and has not been followed yet. */
  decision?: Decided | undefined;
}

/** What an earlier attempt of a task has left, and this one has not asked for. `isDone`: it happened, and must not twice. */
export interface LeftBehind {
  readonly at: AttemptKey;
  readonly ref: EffectRef;
  readonly isDone: boolean;
}

/** That somebody has decided about an effect in doubt; without a decision, that it was followed. */
export function decisionNote(doubt: Doubt, decision: Decided | undefined, time: number): NoteEntry {
  const { at, node, ref } = doubt;
  const address = fullAddressText(at, ref);
  const by = decision?.by === undefined ? '' : ` by ${decision.by}`;
  const what =
    decision === undefined ? 'was followed' : decision.decided === 'retry' ? 'is to perform it again' : 'is an outcome';
  return {
    kind: 'note',
    at,
    node,
    what: 'decided',
    message: `the decision about ${address}${by} ${what}`,
    observed: { time, decides: { begin: identityOfEffect('begin', at, ref), ...decision } },
  };
}
