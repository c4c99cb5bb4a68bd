// Addresses with a user and a password, beside the rule that finds emails: neither takes what the other marked.
import { describe, expect, it } from 'vitest';
import { redactRequest, redactValue } from '../../../../src/journal/redact/redact.ts';
import { RedactionMarks } from '../../../../src/journal/redact/redaction-marks.ts';
import { redactionRules } from '../../../../src/journal/redact/rule/redaction-rules.ts';
import { SecretScan } from '../../../../src/journal/redact/secret-scan.ts';

const password = ['tr0ub4', 'dor3'].join('');
const rules = redactionRules({ values: ['email', 'phone', 'card', 'iban'] });

function redacted(text: string): string {
  const once = redactValue(text, new RedactionMarks(rules)) as string;
  expect(redactValue(once, new RedactionMarks(rules))).toBe(once);
  const scan = new SecretScan(rules);
  const line = JSON.stringify({ at: '1.0#1', kind: 'note', message: once });
  expect([...scan.add(line), ...scan.settle()]).toEqual([]);
  return once;
}

describe('an address with a password', () => {
  it.each([
    'postgres://app:PASSWORD@db.example.com/app',
    'https://user:PASSWORD@git.example.com/r.git',
    'mongodb+srv://svc:PASSWORD@cluster0.abcde.mongodb.net/prod',
    'amqp://guest:PASSWORD@mq.example.com:5672',
    'redis://:PASSWORD@cache.example.com:6379/0',
    'mongodb://u:PASSWORD@h1.example.com,h2.example.com/db?authSource=admin',
    '{"url":"postgres://app:PASSWORD@db.example.com/app"}',
    'DATABASE_URL=postgres://app:PASSWORD@db.example.com/app',
  ])('keeps its user and its host: %s', (form) => {
    const text = form.replace('PASSWORD', password);
    const once = redacted(text);
    expect(once).toBe(form.replace('PASSWORD', 'redacted01'));
    expect(redactRequest(once)).toBe(redactRequest(text));
  });

  it('loses an email that is its user', () => {
    const text = `smtps://mailer%40example.com:${password}@smtp.example.com:465`;
    expect(redacted(text)).toBe('smtps://person-1%40redacted.invalid:redacted01@smtp.example.com:465');
    expect(redacted(text.replace('%40', '@'))).not.toMatch(/mailer|dor3/);
  });

  it('is no email without a password either', () => {
    expect(redacted('https://ann@host.example/ and ssh://git@github.example/r.git')).toBe(
      'https://ann@host.example/ and ssh://git@github.example/r.git',
    );
  });

  it.each([
    ['write to ana@example.com, or to mailto:bob@example.com', /^write to person-1@.* mailto:person-2@/],
    ['https://example.com/u?mail=ana@example.com', /^https:\/\/example\.com\/u\?mail=person-1@redacted\.invalid$/],
    ['https://example.com/u/ana@example.com', /^https:\/\/example\.com\/u\/person-1@redacted\.invalid$/],
    ['see https://example.com ana@example.com', /com person-1@redacted\.invalid$/],
  ])('is told from an email: %s', (text, expected) => {
    expect(redacted(text)).toMatch(expected);
  });
});
