import { expect, it } from 'vitest';
import { redactEntry } from '../../../src/journal/redact/redact-entry.ts';
import { RedactionMarks } from '../../../src/journal/redact/redaction-marks.ts';
import { markCount } from '../../../src/journal/redact/redaction-mark.ts';
import { eventEntry } from '../../support/journals.ts';

it('counts the values of an entry that a redaction took', () => {
  const entry = eventEntry('1.0#1', {
    data: { authorization: 'Bearer abcdefghijklmnop1234567890', note: 'nothing', api_key: 'sk-live-1234567890abcdef' },
  });
  expect(markCount(entry)).toBe(0);
  expect(markCount(redactEntry(entry, new RedactionMarks()))).toBe(2);
});
