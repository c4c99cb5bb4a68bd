import { RepriseError } from '../base/error.ts';
import type { EffectRef } from '../journal/entry.ts';

export function missingError(address: string, { type, name }: EffectRef): RepriseError {
  return new RepriseError('effect-missing', `effect ${address} was not recorded`, {
    nextStep: 'If the new request is intended, record the run again. If not, see the report for what changed.',
    fields: { type, name },
  });
}

export function readPastError(address: string, { type, name }: EffectRef): RepriseError {
  return new RepriseError(
    'effect-missing',
    `no more of the answer to ${address} was recorded: its client had stopped`,
    {
      nextStep: 'If it should read on, record the run again. If not, see the report for what changed.',
      fields: { type, name },
    },
  );
}
