// What to do about an effect where it would be performed, if it may have happened already.
import { messageOf } from '../../../../base/error.ts';
import type { Value } from '../../../../base/value.ts';
import type { AskedIn } from '../../../../journal/step/asked-in.ts';
import { mayBeLeft } from '../../../../journal/step/effect-history.ts';
import type { LeftBehind } from '../../../../journal/step/past/effect-past.ts';
import type { BeginEntry, EffectOutcome, NoteEntry } from '../../../../journal/entry.ts';
import { decisionOf } from '../../../rules/decision.ts';
import type { Decision } from '../../../rules/decision.ts';
import { errorValue } from '../../../rules/failure.ts';
import type { AttemptSetup } from '../../attempt-setup.ts';
import type { EffectPolicy } from '../effect-policy.ts';
import { inDoubtError, inDoubtErrorOfNode } from './doubt-errors.ts';
import type { Began } from './doubt-errors.ts';

/** What somebody has decided. */
export interface Made {
  readonly decision: Decision;
  readonly by: string | undefined;
  /** Says that it was followed. Durable before the effect is performed again, so that it does not count for a later doubt. */
  readonly note?: NoteEntry;
}

export type NextStep =
  | { readonly kind: 'perform' }
  /** Not before this has been asked for. */
  | { readonly kind: 'wait'; readonly left: LeftBehind }
  | { readonly kind: 'ask' }
  /** When the run was resumed, somebody said what became of it. */
  | ({ readonly kind: 'decided' } & Made)
  /** It has this outcome. */
  | { readonly kind: 'settle'; readonly outcome: EffectOutcome }
  /** Its attempt fails, and with it the run. */
  | { readonly kind: 'fail'; readonly error: Value };

export interface AskedNow {
  readonly own: AskedIn;
  /** What the journal held of it when this attempt was entered again. */
  readonly begun: BeginEntry | undefined;
  readonly mayHavePast: boolean;
  readonly policy: EffectPolicy;
  /** It was performed in this process, and its connection was lost with this. */
  readonly lost?: EffectOutcome | undefined;
}

const perform: NextStep = { kind: 'perform' };
const ask: NextStep = { kind: 'ask' };

export function nextStep({ parts, node, key }: AttemptSetup, asked: AskedNow): NextStep {
  const { own, lost } = asked;
  const { onDoubt = 'retry', isOnce } = asked.policy;
  const since = asked.mayHavePast ? parts.history.doubtOf(own) : begunHere(asked);
  if (since === undefined) {
    const isFree = onDoubt === 'retry' && isOnce !== true;
    const left = isFree || !mayBeLeft(own.at, parts.history) ? undefined : parts.history.leftBehind(own);
    return left === undefined ? perform : { kind: 'wait', left };
  }
  parts.history.askedInDoubt(own, onDoubt);
  const decided = parts.history.followDecision(own, parts.clock.now());
  if (decided !== undefined) {
    const question = parts.questions.takeDoubt(key, own.ref)?.key;
    const note = question === undefined ? decided.note : withQuestion(decided.note, question);
    return { kind: 'decided', decision: decisionOf(decided.decided, own.ref.type), by: decided.by, note };
  }
  if (onDoubt === 'retry') return perform;
  // What runs on workers asks nobody: the run fails, and a decision is made when it is resumed.
  // A request of other code is sent again only by that code: the run fails, and asks when it is resumed.
  const isSent = lost !== undefined && own.ref.type === 'http';
  if (onDoubt === 'ask' && node.policy.on === undefined && !isSent) return ask;
  const why = lost?.kind === 'error' ? messageOf(lost.error) : undefined;
  if (parts.run.semantics > 1) return { kind: 'fail', error: errorValue(inDoubtError(since, own, why), undefined) };
  return { kind: 'settle', outcome: { kind: 'error', error: errorValue(inDoubtErrorOfNode(since, own), undefined) } };
}

/** Nobody is asked any more what has been decided. */
function withQuestion(note: NoteEntry, question: string): NoteEntry {
  return { ...note, observed: { ...note.observed, question } };
}

/** Nobody needs to know whether something that waits has begun. */
function begunHere({ own, begun }: AskedNow): Began | undefined {
  return begun !== undefined && (own.ref.type === 'call' || own.ref.type === 'http') ? own : undefined;
}
