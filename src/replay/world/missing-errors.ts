import { RepriseError } from '../../base/error.ts';
import { effectIdentity } from '../../journal/effect-identity.ts';
import type { EffectEntry, EffectRef } from '../../journal/entry.ts';
import { isLeftOpen } from '../../journal/step/exchange-finder.ts';

export function missingError(address: string, { type, name }: EffectRef): RepriseError {
  return new RepriseError('effect-missing', `effect ${address} was not recorded`, {
    nextStep: 'If the new request is intended, record the run again. If not, see the report for what changed.',
    fields: { type, name },
  });
}

/** `recorded`: the effects of its attempt. */
export function readPastError(address: string, ref: EffectRef, recorded: readonly EffectEntry[]): RepriseError {
  const { type, name } = ref;
  const isOpen = recorded.some((known) => isLeftOpen(known) && sameEffect(known, ref));
  const because = isOpen ? 'its node had returned' : 'its client had stopped';
  return new RepriseError('effect-missing', `no more of the answer to ${address} was recorded: ${because}`, {
    nextStep: 'If it should read on, record the run again. If not, see the report for what changed.',
    fields: { type, name },
  });
}

function sameEffect(one: EffectRef, other: EffectRef): boolean {
  return one.occurrence === other.occurrence && effectIdentity(one) === effectIdentity(other);
}
