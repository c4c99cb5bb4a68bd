import { describe, expect, it } from 'vitest';
import { comparedHeaders, hasDigest } from '../../../../../src/live/http/answer/recorded-headers.ts';

describe('the headers that are compared', () => {
  it('are those that code acts on, and those that the options name', () => {
    const headers = [
      ['Content-Type', 'text/plain'],
      ['Date', 'today'],
      ['Retry-After', '1'],
      ['X-RateLimit-Remaining', '2'],
      ['anthropic-ratelimit-tokens-limit', '3'],
      ['ratelimit-reset', '4'],
      ['x-request-id', '5'],
      ['X-Mine', '6'],
    ] as const;
    expect(comparedHeaders(headers, ['x-MINE'])).toEqual({
      'content-type': 'text/plain',
      'retry-after': '1',
      'x-ratelimit-remaining': '2',
      'anthropic-ratelimit-tokens-limit': '3',
      'ratelimit-reset': '4',
      'x-mine': '6',
    });
  });

  it('are joined where they have one name', () => {
    const links = [
      ['Link', '<a>'],
      ['link', '<b>'],
    ] as const;
    expect(comparedHeaders(links)).toEqual({ link: '<a>, <b>' });
  });
});

it('a digest is told by its name', () => {
  expect(hasDigest([['Content-Digest', 'sha-256=:x:']])).toBe(true);
  expect(hasDigest([['ETag', '"x"']])).toBe(false);
});
