import { expect, it } from 'vitest';
import { recordedHeaders } from '../../../../src/live/http/recorded-headers.ts';

it('records the headers that code acts on, and those that the options name', () => {
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
  expect(recordedHeaders(headers, ['x-MINE'])).toEqual({
    'content-type': 'text/plain',
    'retry-after': '1',
    'x-ratelimit-remaining': '2',
    'anthropic-ratelimit-tokens-limit': '3',
    'ratelimit-reset': '4',
    'x-mine': '6',
  });
});

it('joins those of one name', () => {
  expect(
    recordedHeaders(
      [
        ['Link', '<a>'],
        ['link', '<b>'],
      ],
      [],
    ),
  ).toEqual({ link: '<a>, <b>' });
});
