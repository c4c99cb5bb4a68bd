import type { Value } from '../base/value.ts';
import { canonicalList, canonicalRecord } from '../base/value.ts';
import { isRecordValue, ownField } from '../journal/record-value.ts';
import { sameBesideMarks } from './redacted-text.ts';

/** What was replayed, and is redacted, with the marks of the recording wherever it says the same. */
export function withRecordedMarks(recorded: Value, replayed: Value): Value {
  if (typeof recorded === 'string' && typeof replayed === 'string')
    return sameBesideMarks(recorded, replayed) ? recorded : replayed;
  if (Array.isArray(recorded) && Array.isArray(replayed))
    return canonicalList(replayed.map((item, index) => withRecordedMarks(recorded[index], item)));
  if (!isRecordValue(recorded) || !isRecordValue(replayed)) return replayed;
  return canonicalRecord(
    Object.entries(replayed).map(([key, item]) => [key, withRecordedMarks(ownField(recorded, key), item)]),
  );
}
