import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalTextOf } from '../../../src/base/canonical-json.ts';
import { sameValue } from '../../../src/base/equal.ts';
import { canonicalValue, isCanonical } from '../../../src/base/value.ts';
import type { Value } from '../../../src/base/value.ts';
import { redactRequest, redactValue } from '../../../src/journal/redact/redact.ts';
import { RedactionMarks } from '../../../src/journal/redact/redaction-marks.ts';

const secrets = [
  'sk-proj-Zq81LmN0PsT3uVwX',
  'sk-ant-api03-Zq81LmN0PsT3',
  'AKIAZQ81LMN0PST3UVWX',
  'ghp_Zq81LmN0PsT3uVwXyZ0123456789abcd',
  'xoxb-Zq81LmN0PsT3uVwX',
  'AIzaZq81LmN0PsT3uVwXyZ0123456789abcdEFG',
  'eyJZq81LmN0PsT3.Zq81LmN0PsT3uVwX.Zq81LmN0',
  `S${'G'}.Zq81LmN0PsT3uVwXyZ01.Zq81LmN0PsT3uVwXyZ0123456789`,
  `sk${'_'}live_Zq81LmN0PsT3uVwX`,
];
const secret = fc.constantFrom(...secrets);
const segment = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const name = fc.constantFrom(
  'api_key',
  'Authorization',
  'password',
  'access_token',
  'x-api-key',
  'cookie',
  'text',
  'token',
  'n',
);
const frame = fc.constantFrom(
  (text: string) => text,
  (text: string) => `the key is ${text} today`,
  (text: string) => `Bearer ${text}`,
  (text: string) => `https://example.test/?key=${text}&q=1`,
  (text: string) => JSON.stringify({ api_key: text, n: 1 }),
  (text: string) => JSON.stringify({ arguments: JSON.stringify({ password: text, text: `is "${text}"` }) }),
  (text: string) => `data: ${JSON.stringify({ text })}\n\ndata: [DONE]\n\n`,
  (text: string) => `proto://user:${text}@host/`,
  (text: string) => `Basic ${Buffer.from(`user:${text}`).toString('base64')}`,
  (text: string) => JSON.stringify({ 'set-cookie': `session=${text}; Path=/; HttpOnly` }),
  (text: string) => [{ alg: 'HS256' }, { api_key: text, sub: '1' }, text].map(segment).join('.'),
  (text: string) => `-----BEGIN PRIVATE KEY-----\n${text}\n-----END PRIVATE KEY-----\n`,
);
const secretText = fc.tuple(frame, secret).map(([wrap, text]) => wrap(text));
const leaf = fc.oneof(secretText, fc.string(), fc.integer(), fc.constant(null), fc.boolean());
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(name, tie('tree'), { maxKeys: 4 }),
    fc.array(fc.tuple(name, tie('tree')), { maxLength: 3 }).map((entries) => new Map(entries)),
    secretText.map((text) => new Error(text)),
    secretText.map((text) => new TextEncoder().encode(text)),
  ),
}));
const value = tree.map((item) => canonicalValue(item, 'a value'));
/** Of two texts, each of which ends where the other begins, or takes in what the other begins with. */
const lists: [Value][] = [
  { n: ['sk-proj-Zq81LmN0PsT3uVwX', 'sk-proj-Zq81LmN0PsT3uVwX'] },
  [['Basic dXNlcjpzay1wcm9qLVpxODFMbU4wUHNUM3VWd1g=', '%']],
  { api_key: ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', '!!!!A0'] },
  [['Basic ITo=', 'AKIAZQ81LMN0PST3UVWX'], { Authorization: ['ITo '] }],
  [['Bearer sk-proj-Zq81LmN0PsT3uVwX', 'sk-proj-Zq81LmN0PsT3uVwX']],
  new Map<string, unknown>([
    ['token', ['sk-proj-Zq81LmN0PsT3uVwX']],
    ['api_key', [['Bearer AKIAZQ81LMN0PST3UVWX', 'A'], 0]],
  ]),
].map((list) => [canonicalValue(list, 'a value')]);
const same = (left: Value, right: Value): void => expect(canonicalTextOf(left)).toBe(canonicalTextOf(right));

describe('laws of redaction', () => {
  it('lets no secret through, wherever it is', () => {
    fc.assert(
      fc.property(value, (given) => {
        for (const redacted of [redactRequest(given), redactValue(given, new RedactionMarks())]) {
          const text = plainText(redacted);
          for (const known of secrets) expect(text).not.toContain(known);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('lets none through as the first of two texts that look like a header', () => {
    const given = canonicalValue([['sk-proj-Zq81LmN0PsT3uVwX', '']], 'a value');
    for (const redacted of [redactRequest(given), redactValue(given, new RedactionMarks())])
      expect(plainText(redacted)).not.toContain('sk-proj-Zq81LmN0PsT3uVwX');
  });

  it('changes nothing the second time (R3), and returns canonical values', () => {
    fc.assert(
      fc.property(value, (given) => {
        const request = redactRequest(given);
        expect(redactRequest(request)).toBe(request);
        expect(isCanonical(request)).toBe(true);
        const redacted = redactValue(given, new RedactionMarks());
        expect(redactValue(redacted, new RedactionMarks())).toBe(redacted);
      }),
      { numRuns: 1_000, examples: lists },
    );
  });

  it('returns unchanged values by identity (R4)', () => {
    fc.assert(
      fc.property(value, (given) => {
        const redacted = redactRequest(given);
        if (sameValue(redacted, given)) expect(redacted).toBe(given);
      }),
      { numRuns: 1_000 },
    );
  });

  it('makes the same request of a value and of its redacted form (R5)', () => {
    fc.assert(
      fc.property(value, (given) => {
        const marks = new RedactionMarks();
        let isCopied = false;
        marks.onMark = (kind) => (isCopied ||= kind === 'found elsewhere');
        const redacted = redactValue(given, marks);
        // A run knows a secret wherever it stands again, also where no rule would find it; a request alone does not.
        fc.pre(!isCopied);
        same(redactRequest(redacted), redactRequest(given));
      }),
      { numRuns: 1_000, examples: lists },
    );
  });

  it('accepts any text without an error, and returns a text without credentials unchanged', () => {
    const noise = fc.stringMatching(/^[\\":{}[\],a-z=?&;/ ]{0,60}$/);
    fc.assert(
      fc.property(
        fc.array(fc.oneof(noise, fc.constantFrom('"api_key":"', '\\"password\\":\\"', 'bearer ', '://u:p@'))),
        (parts) => {
          const text = parts.join('');
          const once = redactRequest(text);
          expect(redactRequest(once)).toBe(once);
        },
      ),
    );
  });
});

function plainText(redacted: Value): string {
  return JSON.stringify(redacted, (_key, item: unknown) => {
    if (item instanceof Map) return [...item];
    if (item instanceof Uint8Array) return new TextDecoder().decode(item);
    if (item instanceof Error) return { ...item, message: item.message };
    return item;
  });
}
