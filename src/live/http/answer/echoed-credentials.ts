// An answer without the credentials of its own request. The node gets them, and the journal does not: what a store holds of a
// request has none, and its answer would give them away. A resumed node gets the mark.
import type { Value } from '../../../base/value.ts';
import type { SentCredential } from '../../../journal/http/sent-credentials.ts';
import { redactedParts } from '../../../journal/redact/redacted-parts.ts';
import { mapBytesAsText, TextMap } from '../../../journal/value-map.ts';
import type { EndedAnswer } from './answer-record.ts';

export function withoutEchoes(ended: EndedAnswer, credentials: readonly SentCredential[]): EndedAnswer {
  if (credentials.length === 0) return ended;
  const marked = (text: string): string => withMarks(text, credentials);
  // Something may count binary data, so it stays as it is.
  const echoes = new TextMap(marked, (bytes) => (bytes.includes(0) ? bytes : mapBytesAsText(bytes, marked)));
  const { outcome, facts } = ended;
  const answer = facts.answer === undefined ? undefined : echoes.value(facts.answer as unknown as Value);
  const kept =
    answer === undefined ? facts : { ...facts, answer: answer as unknown as NonNullable<typeof facts.answer> };
  if (outcome.kind === 'error') return { outcome: { kind: 'error', error: echoes.value(outcome.error) }, facts: kept };
  const value = echoes.value(outcome.value);
  if (value === outcome.value) return { outcome, facts: kept };
  const [before, after] = [bodyOf(outcome.value), bodyOf(value)];
  const parts = facts.parts === undefined || before === after ? facts.parts : redactedParts(before, after, facts.parts);
  return { outcome: { kind: 'value', value }, facts: parts === undefined ? kept : { ...kept, parts } };
}

const nothing = new Uint8Array();

function bodyOf(answer: Value): Uint8Array {
  const { body } = (answer ?? {}) as { readonly body?: Value };
  return typeof body === 'string' ? Buffer.from(body) : body instanceof Uint8Array ? body : nothing;
}

function withMarks(text: string, credentials: readonly SentCredential[]): string {
  let changed = text;
  for (const { kind, secret } of credentials)
    if (changed.includes(secret)) changed = changed.replaceAll(secret, () => `[redacted:${kind}]`);
  return changed;
}
