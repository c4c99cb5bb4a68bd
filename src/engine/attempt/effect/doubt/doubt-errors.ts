// The errors of what may have happened already, and must not twice.
import { RepriseError } from '../../../../base/error.ts';
import { oneLine } from '../../../../base/visible-text.ts';
import { fullAddressText } from '../../../../journal/address.ts';
import type { AttemptKey } from '../../../../journal/key.ts';
import type { AskedIn } from '../../../../journal/step/asked-in.ts';
import type { Doubt, LeftBehind } from '../../../../journal/step/past/effect-past.ts';
import { decideStep, leftStep } from '../../../rules/failure.ts';

export type Began = Pick<AskedIn, 'at' | 'ref'>;

/** `own` is new, and asked for in the place of what was left. `code`: of a resume that is refused before it has done it. */
export function leftError(
  { at, ref, isDone }: LeftBehind,
  own: AskedIn,
  code: 'effect-in-doubt' | 'resume-diverged' = 'effect-in-doubt',
): RepriseError {
  const address = fullAddressText(at, ref);
  const asked = fullAddressText(own.at, own.ref);
  const happened = isDone ? `${address} happened, and must not twice` : `nobody knows whether ${address} happened`;
  return new RepriseError(code, `${happened}, and ${asked} is asked for in its place`, {
    nextStep: leftStep(address, asked, isDone),
    fields: { type: ref.type, name: ref.name, address, asked, left: isDone ? 'done' : 'in doubt' },
  });
}

/** `began`: the effect, or the try of it, that is in doubt. `own`: what would be performed. `why`: how it was lost. */
export function inDoubtError(began: Began, own: Began, why?: string): RepriseError {
  const { ref } = began;
  const address = fullAddressText(began.at, ref);
  const asked = ref.occurrence === own.ref.occurrence ? {} : { asked: fullAddressText(own.at, own.ref) };
  const text = `nobody knows whether ${address} happened${why === undefined ? '' : `: ${oneLine(why)}`}`;
  return new RepriseError('effect-in-doubt', text, {
    nextStep: decideStep(address),
    // The journal holds these and comparisons read them, unlike the message.
    fields: { type: ref.type, name: ref.name, address, ...asked },
  });
}

/** The attempt `ended` came to its end while the effect was in doubt. `timeout`: what ended it, if its own code did not. */
export function endedOverError({ at, ref }: Doubt, ended: AttemptKey, timeout?: RepriseError): RepriseError {
  const address = fullAddressText(at, ref);
  const fields = { type: ref.type, name: ref.name, address, ended };
  const what = `nobody knows whether ${address} happened`;
  if (timeout !== undefined)
    return new RepriseError('effect-in-doubt', `${what}: ${oneLine(timeout.message)}`, {
      nextStep: decideStep(address),
      fields,
    });
  return new RepriseError('effect-in-doubt', `${what}, and attempt ${ended} ended without asking for it`, {
    nextStep: leftStep(address, undefined, false),
    fields: { ...fields, left: 'in doubt' },
  });
}

/** Under version 1 it is an error that the node gets and may handle. */
export function inDoubtErrorOfNode({ at }: Began, { ref }: AskedIn): RepriseError {
  return new RepriseError('effect-in-doubt', `nobody knows whether ${fullAddressText(at, ref)} happened`, {
    nextStep: "Find out whether it happened, or choose onDoubt: 'retry' or 'ask'.",
    fields: { type: ref.type, name: ref.name },
  });
}
