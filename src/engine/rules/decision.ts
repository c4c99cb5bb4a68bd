// What somebody decides about an effect in doubt.
import { RepriseError } from '../../base/error.ts';
import type { Value } from '../../base/value.ts';
import type { EffectOutcome } from '../../journal/entry.ts';
import { errorValue } from './failure.ts';

/** `retry`: perform it again, with the idempotency key it had. Otherwise it is taken to have had this outcome. */
export type Decision = { readonly kind: 'retry' } | EffectOutcome;

/** @throws RepriseError `answer-invalid` */
export function decisionOf(answer: Value): Decision {
  if (answer === 'retry') return { kind: 'retry' };
  if (typeof answer === 'object' && answer !== null && Object.hasOwn(answer, 'value'))
    return { kind: 'value', value: (answer as { readonly value: Value }).value };
  if (typeof answer === 'object' && answer !== null && Object.hasOwn(answer, 'error')) {
    const { error } = answer as { readonly error: Value };
    return {
      kind: 'error',
      error: errorValue(error instanceof Error ? error : new Error(String(error)), undefined),
    };
  }
  throw new RepriseError('answer-invalid', 'this does not say what to do about the effect in doubt', {
    nextStep: 'Say "retry", { "value": … } or { "error": "…" }.',
  });
}
