import { RepriseError } from '../../../base/error.ts';
import { fullAddressText } from '../../../journal/address.ts';
import type { EffectRef } from '../../../journal/entry.ts';
import type { AttemptKey } from '../../../journal/key.ts';

export function inDoubtError(at: AttemptKey, ref: EffectRef): RepriseError {
  return new RepriseError('effect-in-doubt', `nobody knows whether ${fullAddressText(at, ref)} happened`, {
    nextStep:
      "It began, and then the process died or the attempt was stopped. Find out whether it happened, or choose onDoubt: 'retry' or 'ask'.",
    // The journal holds these and comparisons read them, unlike the message.
    fields: { type: ref.type, name: ref.name },
  });
}
