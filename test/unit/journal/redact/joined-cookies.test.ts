// `node-fetch` and others join all the cookies that an answer sets. Code that keeps them can be recorded.
import { expect, it } from 'vitest';
import { redactCookie } from '../../../../src/journal/redact/find/credential-parts.ts';

const mark = (found: string): string => `<${found.length}>`;

it.each([
  ['session=8c1f0b7e55d24d1f9a3c; Path=/, theme=b2d4f6a8c0e2', 'session=<20>; Path=/, theme=<12>'],
  ['a=secret1, b=secret2,c=secret3', 'a=<7>, b=<7>,c=<7>'],
  [
    'sid=abcdef12; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Secure, id=abcdefg3',
    'sid=<8>; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Secure, id=<8>',
  ],
  ['sid="abcdef12,34"; lang=en', 'sid="<11>"; lang=en'],
  ['sid=abcdef12', 'sid=<8>'],
])('%s', (text, redacted) => {
  expect(redactCookie(text, mark)).toBe(redacted);
});
