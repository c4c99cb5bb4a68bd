import type { Value } from '../../base/value.ts';
import { canonicalList, canonicalRecord } from '../../base/value.ts';
import { isRecordValue, ownField } from '../../journal/record-value.ts';
import { sameBesideMarks } from './redacted-text.ts';
import type { MarkJudge } from './redacted-text.ts';
import { firstDifference } from './value-difference.ts';

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

/** What was asked, with what was recorded wherever a judge takes it for the same. `shown` is what was asked, as it is shown. */
export function withJudgedMarks(recorded: Value, asked: Value, shown: Value, judge: MarkJudge): Value {
  if (Object.is(recorded, asked)) return recorded;
  if (Array.isArray(asked) && Array.isArray(shown) && Array.isArray(recorded))
    return canonicalList(
      asked.map((item: Value, index) => withJudgedMarks(recorded[index] as Value, item, shown[index] as Value, judge)),
    );
  if (isRecordValue(asked) && isRecordValue(shown) && isRecordValue(recorded)) {
    const keys = Object.keys(shown);
    return canonicalRecord(
      Object.entries(asked).map(([key, item], index) => {
        const name = keys[index] ?? key;
        return [name, withJudgedMarks(ownField(recorded, name), item, ownField(shown, name), judge)];
      }),
    );
  }
  return firstDifference(recorded, asked, '', judge) === undefined ? recorded : shown;
}
