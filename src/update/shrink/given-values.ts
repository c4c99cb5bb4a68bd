// What a run was given from outside: its input, and the answers of its effects. All else follows from it.
import type { Value } from '../../base/value.ts';
import type { CommitEntry, EffectEntry, Entry } from '../../journal/entry.ts';
import { isRecordValue } from '../../journal/record-value.ts';

export interface Given {
  /** The place of its entry in the list. */
  readonly place: number;
  readonly value: Value;
}

/** In canonical order, so that what comes first decides what comes later. */
export function givenValues(entries: readonly Entry[]): readonly Given[] {
  return entries.flatMap((entry, place): readonly Given[] => {
    if (isInput(entry)) return [{ place, value: entry.input }];
    const value = answerOf(entry);
    return value === undefined ? [] : [{ place, value }];
  });
}

export function withGiven(entries: readonly Entry[], place: number, value: Value): readonly Entry[] {
  const entry = entries[place] as CommitEntry | EffectEntry;
  if (entry.kind === 'commit') return entries.with(place, { ...entry, input: value });
  if (entry.outcome.kind !== 'value') return entries;
  if (entry.type !== 'http') return entries.with(place, { ...entry, outcome: { kind: 'value', value } });
  // A body of another length did not arrive in these parts.
  const { parts: _parts, ...observed } = entry.observed;
  const answer = { ...(entry.outcome.value as object), body: value } as unknown as Value;
  return entries.with(place, { ...entry, outcome: { kind: 'value', value: answer }, observed });
}

function isInput(entry: Entry): entry is CommitEntry {
  return entry.kind === 'commit' && entry.at === '0';
}

/** Of an exchange the body: its status and its headers are short. */
function answerOf(entry: Entry): Value | undefined {
  if (entry.kind !== 'effect' || entry.outcome.kind !== 'value') return undefined;
  const { value } = entry.outcome;
  switch (entry.type) {
    case 'call':
    case 'ask':
    case 'receive':
      return value;
    case 'http':
      return isRecordValue(value) && typeof value.body === 'string' ? value.body : undefined;
    default:
      return undefined;
  }
}
