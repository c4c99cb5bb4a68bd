// A fixture of an older release may hold what today's rules find: code that still writes it does the same.
import { describe, expect, it } from 'vitest';
import { RecordedRedaction } from '../../../src/replay/redaction/recorded-redaction.ts';
import type { TravellingRules } from '../../../src/journal/redact/rule/redaction-rules.ts';
import { outcomeEntry } from '../../support/journals.ts';

const rules: TravellingRules = { rules: 2, values: ['phone'] };
const saying = (...said: readonly string[]) => outcomeEntry('1.0#1', { result: { status: 'done', delta: { said } } });

describe('what an older release left in a fixture', () => {
  // It replaced the number with its signs, and left the digits alone.
  const recorded = saying('call +00 000 0000001', 'or 491701234567');

  it('is the same where the code still writes it', () => {
    const today = saying('call +49 170 1234567', 'or 491701234567');
    expect(new RecordedRedaction(rules).compared(recorded, today)).toBe(recorded);
  });

  it('is another value where the code writes another one', () => {
    const redaction = new RecordedRedaction(rules);
    expect(redaction.compared(recorded, saying('call +49 170 1234568', 'or 491701234568'))).not.toBe(recorded);
    expect(redaction.compared(recorded, saying('call +49 170 1234567', 'or 491701234568'))).not.toBe(recorded);
    expect(redaction.compared(recorded, saying('ring +49 170 1234567', 'or 491701234567'))).not.toBe(recorded);
  });
});
