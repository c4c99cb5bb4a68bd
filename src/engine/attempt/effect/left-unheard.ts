// In a replay, an exchange that the recorded attempt had an answer to, and that nobody waits for now. Live it would be left
// open, so it is here: the attempt has nothing of it, and the pool has its answer.
import { canonicalValue } from '../../../base/value.ts';
import type { EffectOutcome, EffectRef } from '../../../journal/entry.ts';
import type { AnsweredBefore } from '../../../port/world.ts';
import type { AttemptSetup } from '../attempt-setup.ts';

const open: EffectOutcome = Object.freeze({ kind: 'value', value: canonicalValue({ ended: 'open' }, 'an exchange') });

/** `known` as the attempt leaves it. Version 1 has no pool. */
export function leftUnheard(
  { parts, key, world }: AttemptSetup,
  ref: EffectRef,
  known: AnsweredBefore,
): AnsweredBefore {
  const isReplayed = world.keepsExchanges === true && world.recorded?.isEnded === true;
  if (ref.type !== 'http' || !isReplayed || parts.run.semantics === 1) return known;
  if (known.outlived !== undefined || known.isMoved === true || known.isKept === true) return known;
  const { outcome, facts = {} } = known;
  const now = parts.clock.now();
  parts.journal.add({ kind: 'pooled', at: key, ...ref, outcome, observed: { began: now, ended: now, ...facts } });
  return { ...known, outcome: open, facts: {}, given: known.given ?? { outcome, facts } };
}
