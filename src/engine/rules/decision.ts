// What somebody decides about an effect in doubt.
import { RepriseError } from '../../base/error.ts';
import type { Value } from '../../base/value.ts';
import type { EffectOutcome, EffectType } from '../../journal/entry.ts';
import { decidedAnswer } from './decided-answer.ts';
import { errorValue } from './failure.ts';

/** `retry`: perform it again, with the idempotency key it had. Otherwise it is taken to have had this outcome. */
export type Decision = { readonly kind: 'retry' } | EffectOutcome;

/** `type`: that of the effect in doubt. @throws RepriseError `answer-invalid` */
export function decisionOf(answer: Value, type: EffectType | undefined): Decision {
  if (answer === 'retry') return { kind: 'retry' };
  const [name, ...others] = typeof answer === 'object' && answer !== null ? Object.keys(answer) : [];
  const given = answer as { readonly value: Value; readonly error: Value };
  if (name === 'value' && others.length === 0)
    return { kind: 'value', value: type === 'http' ? decidedAnswer(given.value) : given.value };
  if (name === 'error' && others.length === 0) {
    const { error } = given;
    if (error instanceof Error) return { kind: 'error', error: errorValue(error, undefined) };
    if (typeof error === 'string') return { kind: 'error', error: errorValue(new Error(error), undefined) };
  }
  throw new RepriseError('answer-invalid', 'this does not say what to do about the effect in doubt', {
    nextStep: 'Say "retry", { "value": … } or { "error": "…" }.',
  });
}
