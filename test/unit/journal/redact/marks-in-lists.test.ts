// A list of texts is looked at as one, since a stream may hand out a secret in pieces. A mark is found already.
import { describe, expect, it } from 'vitest';
import { canonicalValue } from '../../../../src/base/value.ts';
import { redactValue } from '../../../../src/journal/redact/redact.ts';
import { RedactionMarks } from '../../../../src/journal/redact/redaction-marks.ts';
import { redactionRules } from '../../../../src/journal/redact/rule/redaction-rules.ts';

const rules = redactionRules({ values: ['email', 'phone'] });

/** With a secret known, as in most runs: then each list is looked at. */
function redacted(value: unknown): unknown {
  const marks = new RedactionMarks(rules, 5);
  redactValue('eve@example.org', marks);
  return redactValue(canonicalValue(value, 'a value'), marks);
}

const mail = 'person-1@redacted.invalid';

describe('a list of texts', () => {
  it.each([
    [['Bob', mail]],
    [[mail, 'com']],
    [['Bob', mail, 'com']],
    [['name', 'Bob', `${mail} and more`, 'x']],
    [['Call', '+00 00 0000 0001', '234']],
    [['12', '00 00 0000 0001']],
    [['key', 'sk-proj-redacted00000001', 'and']],
    [['key', '[redacted:password#1]', 'and']],
    [
      [
        ['to', mail],
        ['Bob', mail],
      ],
    ],
  ])('keeps the texts beside a mark: %j', (list) => {
    expect(redacted(list)).toEqual(list);
    expect(redacted({ rows: list })).toEqual({ rows: list });
    expect(redacted(JSON.stringify({ rows: [list] }))).toEqual(JSON.stringify({ rows: [list] }));
  });

  it('loses nothing of an item beside an address', () => {
    expect(redacted(['ada@example.org', 'Bob'])).toEqual(['person-7@redacted.invalid', 'Bob']);
    expect(redacted(['Bob', 'ada@example.org'])).toEqual(['Bob', 'person-7@redacted.invalid']);
    const rows = [
      ['Bob', 'bob@example.org'],
      ['ann@example.org', 'Ann'],
    ];
    expect(redacted(rows)).toEqual([
      ['Bob', 'person-7@redacted.invalid'],
      ['person-8@redacted.invalid', 'Ann'],
    ]);
  });

  it('still holds a secret in pieces', () => {
    expect(redacted(['mail ', 'ada@exa', 'mple.org', ' now'])).toEqual([
      'mail ',
      'person-7@reda',
      'cted.invalid',
      ' now',
    ]);
  });
});
