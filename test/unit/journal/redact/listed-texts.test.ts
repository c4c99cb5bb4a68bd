// Names from a list, however they are written.
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { redactValue } from '../../../../src/journal/redact/redact.ts';
import { RedactionMarks } from '../../../../src/journal/redact/redaction-marks.ts';
import { redactionRules } from '../../../../src/journal/redact/rule/redaction-rules.ts';
import { SecretScan } from '../../../../src/journal/redact/secret-scan.ts';

const texts = ['Maria Lindqvist', 'Zoë Müller', 'Ingeborg Straßmann', 'Νίκος'];
const listed = redactionRules({ values: [{ name: 'customer', texts }] });
const asWritten = redactionRules({ values: [{ name: 'customer', texts: ['Will'], matchCase: true }] });

const ascii = (text: string): string =>
  text.replace(/[\u007f-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);

const entities = (text: string, write: (code: number) => string): string =>
  text.replace(/[\u007f-\uffff]/g, (one) => write(one.charCodeAt(0)));

describe('a name of a list', () => {
  it.each([
    'Maria Lindqvist',
    'MARIA LINDQVIST',
    'maria lindqvist',
    'maria+LINDQVIST',
    'ZOË MÜLLER',
    'zoë müller',
    'INGEBORG STRASSMANN',
    'ΝΊΚΟΣ',
    `İİ maria LINDQVIST`,
  ])('is found as %s', (written) => {
    for (const text of [
      `Dear ${written}, hello`,
      JSON.stringify({ text: `a\n${written}\n` }),
      `?q=${encodeURIComponent(written)}`,
    ]) {
      const once = redactValue(text, new RedactionMarks(listed)) as string;
      expect(once).toMatch(/redacted(?::|%3A)customer/);
      expect(once.toLowerCase()).not.toContain(written.replace(/^İİ /, '').toLowerCase());
      expect(redactValue(once, new RedactionMarks(listed))).toBe(once);
    }
  });

  it.each(['zoë müller', 'ZOË MÜLLER'])('is found where %s is escaped', (written) => {
    const text = `{"customer":"${ascii(written)}"}`;
    expect(redactValue(text, new RedactionMarks(listed))).toBe('{"customer":"[redacted:customer#2]"}');
  });

  it.each([
    ['in composed letters', (text: string) => text.normalize('NFC')],
    ['in letters and their signs', (text: string) => text.normalize('NFD')],
    ['in letters and their signs, escaped', (text: string) => ascii(text.normalize('NFD'))],
    ['with numbers of characters', (text: string) => entities(text, (code) => `&#${code};`)],
    ['with their numbers in hexadecimal', (text: string) => entities(text, (code) => `&#x${code.toString(16)};`)],
    ['with those in capitals', (text: string) => entities(text, (code) => `&#x${code.toString(16).toUpperCase()};`)],
    ['with names of characters', (text: string) => text.replace('ë', '&euml;').replace('ü', '&uuml;')],
    ['as UTF-8 that was taken for Latin 1', (text: string) => Buffer.from(text).toString('latin1')],
    ['in Latin 1 in a link', (text: string) => text.replace('ë', '%EB').replace('ü', '%FC').replace(' ', '+')],
  ])('is found %s', (_how, write) => {
    const text = `Dear ${write('Zoë Müller')}, hello`;
    expect(redactValue(text, new RedactionMarks(listed))).toBe('Dear [redacted:customer#2], hello');
  });

  it('is found with a quote that a page holds in another way', () => {
    const quoted = redactionRules({ values: [{ name: 'customer', texts: ["Mary O'Neill"] }] });
    for (const quote of ["'", '&#39;', '&#x27;', '&apos;', '’'])
      expect(redactValue(`<p>Mary O${quote}Neill</p>`, new RedactionMarks(quoted)), quote).toBe(
        '<p>[redacted:customer#1]</p>',
      );
  });

  it('has one mark, however it is written', () => {
    expect(redactValue('Maria Lindqvist, MARIA LINDQVIST, maria lindqvist', new RedactionMarks(listed))).toBe(
      '[redacted:customer#1], [redacted:customer#1], [redacted:customer#1]',
    );
  });

  it('is refused by the scan in capitals', () => {
    const scan = new SecretScan(listed, new RedactionMarks(listed));
    const line = JSON.stringify({ at: '1.0#1', kind: 'note', message: 'MARIA LINDQVIST' });
    expect([...scan.add(line), ...scan.settle()]).toMatchObject([{ rule: 'known' }]);
  });

  it('is no part of another word', () => {
    expect(redactValue('Maria Lindqvistson', new RedactionMarks(listed))).toBe('Maria Lindqvistson');
  });

  it('stays in capitals and small letters where the list says so', () => {
    expect(redactValue('Will it be? It will, WILL said.', new RedactionMarks(asWritten))).toBe(
      '[redacted:customer#1] it be? It will, WILL said.',
    );
  });

  it('is found in what is packed', () => {
    const bytes = gzipSync('MARIA LINDQVIST').toString('base64');
    expect(redactValue(`{"data":"${bytes}"}`, new RedactionMarks(listed))).not.toContain(bytes);
  });
});
