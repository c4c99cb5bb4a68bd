import { RepriseError } from '../../../../base/error.ts';
import { shortText } from '../../../../base/short-text.ts';
import type { Value } from '../../../../base/value.ts';
import { oneLine } from '../../../../base/visible-text.ts';
import { firstDifference } from '../../../../diff/value/value-difference.ts';
import { addressText } from '../../../../journal/address.ts';
import type { AskedIn } from '../../../../journal/step/asked-in.ts';

/** `recorded`: what it was asked for before. `became`: what is known of that. Both requests are redacted already. */
export function onceChanged(own: AskedIn, recorded: Value, became: string): RepriseError {
  const { request: asked } = own.ref;
  const difference = firstDifference(recorded, asked, 'request');
  const { path = 'request' } = difference ?? {};
  const was = difference === undefined ? recorded : difference.recorded;
  const is = difference === undefined ? asked : difference.replayed;
  const address = addressText(own.at, own.ref, []);
  const message = `${address} ${became}, with another request: ${path} was ${valueText(was)}, and is ${valueText(is)}`;
  return new RepriseError('once-changed', message, {
    nextStep:
      'Ask for an effect marked `once` with the same request in every attempt: put no new draws into it. If its code was changed since, resume the run with the code that asked for it.',
    fields: { path, recorded, asked },
  });
}

function valueText(value: Value): string {
  return value === undefined ? 'absent' : oneLine(shortText(value));
}
