// Answers whose bodies were read when the run was recorded, while the code reads nothing of them now. Live such an exchange is
// still open when its attempt ends, with the head of its answer, or the code has stopped it. So it is in the journal of a
// replay, which had its whole answer from the recording.
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import type { EffectEntry, EffectOutcome, EffectRef, PooledEntry } from '../../journal/entry.ts';
import type { AttemptKey } from '../../journal/key.ts';
import { isRecordValue } from '../../journal/record-value.ts';
import { isSameEffect } from '../../journal/step/attempt-index.ts';
import type { Observations } from './observations.ts';

/** Whether something was read of the body of an answer, as far as that is known. */
export function hasReadBody({ outcome, observed }: Pick<EffectEntry, 'outcome' | 'observed'>): boolean {
  if (observed.answer?.kept === true) return false;
  const body = bodyOf(outcome);
  return typeof body === 'string' ? body !== '' : body instanceof Uint8Array && body.byteLength > 0;
}

/** The step as it is live. An attempt that fails or is stopped may have left a body for that reason alone. */
export function withUnread(step: CanonicalStep, { open, stopped }: Observations['unread']): CanonicalStep {
  if (open.size === 0 && stopped.size === 0) return step;
  const done = new Set(
    step.entries.flatMap((entry) => (entry.kind === 'outcome' && entry.result.status === 'done' ? [entry.at] : [])),
  );
  const pooled: PooledEntry[] = [];
  const entries = step.entries.map((entry) => {
    if (entry.kind !== 'effect' || !done.has(entry.at)) return entry;
    if (isAmong(stopped, entry)) return unread(entry, 'cancelled');
    if (!isAmong(open, entry)) return entry;
    const { once: _once, ...exchange } = entry;
    pooled.push({ ...exchange, kind: 'pooled' });
    return unread(entry, 'open');
  });
  return { ...step, entries, beside: [...step.beside, ...pooled] };
}

function isAmong(exchanges: ReadonlyMap<AttemptKey, readonly EffectRef[]>, entry: EffectEntry): boolean {
  return exchanges.get(entry.at)?.some((ref) => isSameEffect(entry, ref)) === true;
}

function unread(entry: EffectEntry, ended: 'open' | 'cancelled'): EffectEntry {
  const { parts: _parts, ...observed } = entry.observed;
  const { value } = entry.outcome as EffectOutcome & { readonly kind: 'value' };
  return {
    ...entry,
    outcome: { kind: 'value', value: Object.freeze({ ...(value as object), body: '', ended }) },
    observed,
  };
}

function bodyOf(outcome: EffectOutcome): unknown {
  return outcome.kind === 'value' && isRecordValue(outcome.value) ? outcome.value.body : undefined;
}
