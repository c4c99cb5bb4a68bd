import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalTextOf } from '../../../src/base/canonical-json.ts';
import { isCanonical } from '../../../src/base/value.ts';
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
      { numRuns: 1_000 },
    );
  });
});
