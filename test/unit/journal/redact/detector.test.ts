import { describe, expect, it } from 'vitest';
import { detectorNames, isDetected, replaceDetected } from '../../../../src/journal/redact/find/detector.ts';
import type { DetectorName } from '../../../../src/journal/redact/find/detector.ts';

function found(text: string): readonly string[] {
  return detectorNames.flatMap((name) => {
    const one: string[] = [];
    replaceDetected(text, name, (what) => {
      one.push(`${name} ${what}`);
      return what;
    });
    return one;
  });
}

describe('personal data', () => {
  it.each<readonly [DetectorName, string]>([
    ['email', 'ana+test@mail.example.co.uk'],
    ['email', 'zoë@exämple.org'],
    ['phone', '+46 70 123 45 67'],
    ['phone', '0046701234567'],
    ['phone', '0044 20 7946 0018'],
    ['phone', '070-123 45 67'],
    ['iban', 'GB29 NWBK 6016 1331 9268 19'],
    ['iban', 'gb29nwbk60161331926819'],
  ])('is found by its form: %s %s', (name, text) => {
    expect(isDetected(text, name)).toBe(true);
    expect(found(`ask ${text}, now`)).toContain(`${name} ${text}`);
  });

  it('is found in the links of messengers', () => {
    expect(found('https://wa.me/46701234567')).toEqual(['phone 46701234567']);
    expect(found('https://api.whatsapp.com/send?phone=46701234567&text=hi')).toEqual(['phone 46701234567']);
  });

  it.each([
    'DHL 00340434161094042557',
    'order 4500123456',
    '2026-11-29T16:08:22.123Z',
    '00012345678905',
    'user@host',
    'git@github.com:org/repo.git',
    'mailto ada@example.com联系',
    'ab12cdef34567890abcdef12',
    '0000000000001',
  ])('is not taken for what is none: %s', (text) => {
    expect(found(text).filter((one) => one !== 'email ada@example.com')).toEqual([]);
  });
});
