import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalTextOf } from '../../../src/base/canonical-json.ts';
import { encodeValue } from '../../../src/base/encode.ts';
import type { RepriseError } from '../../../src/base/error.ts';
import { adoptJson } from '../../../src/base/json-value.ts';
import { canonicalValue, isCanonical } from '../../../src/base/value.ts';
import type { Value } from '../../../src/base/value.ts';
import { httpRequestIdentity } from '../../../src/journal/http/http-request.ts';
import { requestRules } from '../../../src/journal/http/request-rules.ts';
import { redactRequest } from '../../../src/journal/redact/redact.ts';

const secrets = ['sk-proj-Zq81LmN0PsT3uVwX', 'AKIAZQ81LMN0PST3UVWX', 'ghp_Zq81LmN0PsT3uVwXyZ0123456789abcd'];
const name = fc.constantFrom('api_key', 'password', 'token', 'key', 'assertion', 'cookie', 'text', 'a', ...secrets);
const content = fc.oneof(
  fc.constantFrom(...secrets),
  fc.constantFrom(...secrets).map((secret) => `the key is ${secret} today`),
  fc.string(),
);
const pairs = fc.array(fc.tuple(name, content), { maxLength: 5 });

const form = pairs.map((fields) => ({
  contentType: 'application/x-www-form-urlencoded',
  text: new URLSearchParams(fields).toString(),
}));
const json = pairs.map((fields) => ({
  contentType: 'application/json',
  text: JSON.stringify({ ...Object.fromEntries(fields), inner: [Object.fromEntries(fields)] }),
}));
const multipart = pairs.map((fields) => ({
  contentType: 'multipart/form-data; boundary=x',
  text: `${fields.map(([field, text]) => partText(field, text)).join('')}--x--`,
}));
const plain = content.map((text) => ({ contentType: 'text/plain', text }));
const request = fc.record({
  path: fc.constantFrom('v1', ...secrets),
  query: pairs,
  header: content,
  body: fc.oneof(form, json, multipart, plain),
});

function partText(field: string, text: string): string {
  return `--x\r\ncontent-disposition: form-data; name="${field}"\r\n\r\n${text}\r\n`;
}

describe('laws of the identity of an HTTP request', () => {
  it('is redacted: redacting it again changes nothing, and no secret is left in it', () => {
    fc.assert(
      fc.property(request, ({ path, query, header, body }) => {
        const identity = httpRequestIdentity(
          {
            method: 'POST',
            url: `https://api.test/${path}?${new URLSearchParams(query)}`,
            headers: [
              ['x-feature', header],
              ['content-type', body.contentType],
            ],
            body: new TextEncoder().encode(body.text),
          },
          requestRules({ match: { headers: ['x-feature'] } }),
        );
        expect(redactRequest(identity)).toBe(identity);
        expect(isCanonical(identity)).toBe(true);
        for (const secret of secrets) expect(canonicalTextOf(identity)).not.toContain(secret);
      }),
      {
        numRuns: 1_000,
        // A secret as a name becomes a mark, which names nothing.
        examples: [
          [
            {
              path: 'v1',
              query: [['ghp_Zq81LmN0PsT3uVwXyZ0123456789abcd', 'sk-proj-Zq81LmN0PsT3uVwX']],
              header: '',
              body: { contentType: 'text/plain', text: '' },
            },
          ],
        ],
      },
    );
  });

  it('is the same for a text as for its bytes, in whatever form the body is, broken texts included', () => {
    const broken = fc
      .string({ unit: 'binary' })
      .map((text) => ({ contentType: 'application/json', text: `"${text}\ud800` }));
    fc.assert(
      fc.property(fc.oneof(form, json, multipart, plain, broken), ({ contentType, text }) => {
        const identityOf = (body: string | Uint8Array): string =>
          canonicalTextOf(
            httpRequestIdentity(
              { method: 'POST', url: 'https://api.test/', headers: [['content-type', contentType]], body },
              requestRules({}),
            ),
          );
        expect(identityOf(text)).toBe(identityOf(new TextEncoder().encode(text)));
      }),
      { numRuns: 500 },
    );
  });

  it('holds JSON as the canonical copy of it, and refuses what that refuses', () => {
    const deep = fc.nat(1_010).map((depth) => '['.repeat(depth) + ']'.repeat(depth));
    const texts = fc.oneof(
      fc.json(),
      deep,
      fc.constantFrom('{"__proto__":{"b":1},"a":2}', '{"b":1,"10":2,"9":3}', '-0'),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const made = (make: (parsed: unknown) => Value): unknown => {
          try {
            const value = make(JSON.parse(text));
            expect(isCanonical(value)).toBe(true);
            return encodeValue(value);
          } catch (thrown) {
            return (thrown as RepriseError).code;
          }
        };
        const copied = made((parsed) => canonicalValue(parsed, 'it', { maxBytes: Number.POSITIVE_INFINITY }));
        expect(JSON.stringify(made((parsed) => adoptJson(parsed, 'it')))).toBe(JSON.stringify(copied));
      }),
      { numRuns: 1_000 },
    );
  });
});
