// Values whose names stand a step away: in values, in JSON, and in texts that people read.
import { describe, expect, it } from 'vitest';
import { canonicalValue } from '../../../../src/base/value.ts';
import type { Value } from '../../../../src/base/value.ts';
import { redactRequest, redactValue } from '../../../../src/journal/redact/redact.ts';
import { RedactionMarks } from '../../../../src/journal/redact/redaction-marks.ts';

const secret = ['Kp3Zx9Lq7Wm2Rt5', 'Yb8Nc1Hd4Jf6Sg0Ev'].join('');

function redacted(value: unknown): Value {
  return redactValue(canonicalValue(value, 'a value'), new RedactionMarks());
}

const basic = Buffer.from(`u:${secret}`).toString('base64');

describe('a credential whose name stands a step away', () => {
  it.each<readonly [string, unknown]>([
    ['a list of headers', { headers: { 'X-Api-Key': [secret] } }],
    ['a list under the name of many', { passwords: [secret, 'x'] }],
    ['a record with a value', { token: { value: secret } }],
    ['a secret of a cloud', { SecretString: secret }],
    ['a login to a registry', { auths: { 'ghcr.io': { auth: basic } } }],
    ['cookies', { cookies: [{ name: 'session', value: secret }] }],
    ['a field of a safe', { fields: [{ id: 'password', type: 'CONCEALED', value: secret }] }],
    ['a field of a safe, by its label', { fields: [{ id: 'x1', label: 'password', value: secret }] }],
  ])('is found in %s', (_name, value) => {
    const packed = { body: JSON.stringify(value) };
    const twice = { body: JSON.stringify({ arguments: JSON.stringify(value) }) };
    for (const given of [value, packed, twice]) {
      const text = JSON.stringify(redacted(given));
      expect(text).not.toContain(secret);
      expect(text).not.toContain(basic);
      expect(text).not.toBe(JSON.stringify(given));
      expect(JSON.stringify(redactRequest(canonicalValue(given, 'a request')))).not.toContain(secret);
      expect(redactRequest(redacted(given))).toEqual(redactRequest(canonicalValue(given, 'a request')));
      expect(redacted(redacted(given))).toEqual(redacted(given));
    }
  });

  it.each([
    `API key: ${secret}`,
    `Hi,\n\n**API key:** \`${secret}\`\n`,
    `- **Client secret**: ${secret}`,
    `Here it is. Your access token: ${secret}`,
    `| name | password |\n| --- | --- |\n| a | ${secret} |\n`,
    `Logins:\n\n| user | API key | note |\n|:---|---:|---|\n| ada | \`${secret}\` | ok |\n\nBye`,
    `https://app.example/cb?state=x&code=${secret}`,
  ])('is found in a text: %s', (text) => {
    const hidden = redacted(text) as string;
    expect(hidden).not.toContain(secret);
    expect(hidden.replace(/redacted0\d+/, secret)).toBe(text);
    expect(JSON.stringify(redacted({ body: JSON.stringify({ mail: { text } }) }))).not.toContain(secret);
    expect(redacted(hidden)).toBe(hidden);
    expect(redactRequest(hidden)).toBe(redactRequest(text));
  });

  it.each<unknown>([
    'The key: value pairs are sorted. Primary key: id_of_row2',
    'Next key: page2 of the list',
    'const login = {\n  password: auth[1],\n  token: load(22),\n}',
    '| name | age |\n| --- | --- |\n| a | 41 |\n',
    'https://shop.example/?code=SUMMER20',
    { properties: { password: { type: 'string', value: '' } }, required: ['password', 'user'] },
    { keys: ['alpha1', 'beta22'], tokens: [12, 34], cookies: [{ name: 'a', value: 'b' }] },
    { fields: [{ id: 'title', type: 'STRING', value: 'Release 2026-11' }] },
    { usage: { tokens: { value: 128 } } },
  ])('is not seen where there is none: %j', (value) => {
    expect(redacted(value)).toEqual(canonicalValue(value, 'a value'));
    expect(redacted(JSON.stringify(value))).toBe(JSON.stringify(value));
  });
});
