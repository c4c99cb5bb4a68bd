// The request of an effect leaves, or would leave if the outside were not simulated.
//   V1. Output commit: what the outside is about to see may depend on anything that was journaled before.
//   V2. An effect that is simulated differs from one that is performed in nothing but where its answer comes from.
import type { AskedIn } from '../../../journal/step/asked-in.ts';
import type { BeginEntry } from '../../../journal/entry.ts';
import type { AnsweredBefore, Simulate } from '../../../port/world.ts';
import { thrownValue } from '../../rules/failure.ts';
import { arriveNow } from '../../run/run-parts.ts';
import type { About, RunParts } from '../../run/run-parts.ts';
import type { EffectPolicy } from './effect-policy.ts';

/** An effect that is about to happen. */
export interface Leaving extends About {
  readonly own: AskedIn;
  readonly begun: BeginEntry | undefined;
  readonly isOpen: boolean;
  journalBegin(): BeginEntry;
  fail(error: Error): void;
}

export function letLeave(
  parts: RunParts,
  effect: Leaving,
  { isOnce, onDoubt = 'retry' }: EffectPolicy,
  go: () => void,
): void {
  if (effect.begun === undefined && (isOnce === true || onDoubt !== 'retry')) effect.journalBegin();
  const depart = (): void => {
    if (parts.oracle.isControlled === true) arriveNow(parts, 'request', effect.own.at, go, effect);
    else go();
  };
  const durable = parts.journal.ready();
  if (durable === undefined) depart();
  else durable.then(depart, (thrown: Error) => effect.fail(thrown));
}

export interface Simulated {
  readonly policy: EffectPolicy;
  readonly simulate: Simulate;
  readonly idempotencyKey: () => string;
  answer(answer: AnsweredBefore): void;
}

export function letSimulate(parts: RunParts, effect: Leaving, simulated: Simulated): void {
  const { policy, simulate, idempotencyKey, answer } = simulated;
  letLeave(parts, effect, policy, () => {
    if (!effect.isOpen) return;
    const failed = (thrown: unknown): void =>
      answer({ kind: 'answered', outcome: { kind: 'error', error: thrownValue(thrown, undefined, parts) } });
    try {
      const answered = simulate(idempotencyKey);
      if (answered instanceof Promise) answered.then(answer, failed);
      else answer(answered);
    } catch (thrown) {
      failed(thrown);
    }
  });
}
