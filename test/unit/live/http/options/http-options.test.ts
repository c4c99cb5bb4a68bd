import { expect, it } from 'vitest';
import { checkOptions } from '../../../../../src/base/options/option-shape.ts';
import { httpOptions } from '../../../../../src/live/http/options/http-options.ts';

it('takes every option', () => {
  expect(() =>
    checkOptions(httpOptions, {
      origins: { openai: ['https://api.openai.com', 'http://127.0.0.1:4000/'] },
      match: { headers: ['x-feature'] },
      outside: [
        'https://telemetry.internal/*',
        { url: 'POST http://localhost/token', kind: 'credential', why: 'ours', answer: { token: 'x' } },
        '!sentry',
        '!*',
        '!https://o12.ingest.sentry.io/*',
      ],
      onDoubt: () => 'ask',
      idempotencyHeader: () => 'idempotency-key',
      responseHeaders: ['x-cost'],
    }),
  ).not.toThrow();
});

it.each([
  [{ onDuobt: () => 'fail' }, 'onDuobt'],
  [{ match: { header: [] } }, 'match.header'],
  [{ onDoubt: 'fail' }, 'onDoubt'],
  [{ idempotencyHeader: 'key' }, 'idempotencyHeader'],
  [{ match: { headers: 'x-feature' } }, 'match.headers'],
  [{ responseHeaders: ['x cost'] }, 'responseHeaders'],
  [{ origins: { '': [] } }, 'origins'],
  [{ origins: { 'https://a.test': [] } }, 'origins'],
  [{ origins: { a: 'https://a.test' } }, 'origins'],
  [{ origins: { a: ['https://a.test/v1'] } }, 'origins'],
  [{ origins: { a: ['https://a.test/?q=1'] } }, 'origins'],
  [{ origins: { a: ['ftp://a.test'] } }, 'origins'],
  [{ origins: { a: ['a.test'] } }, 'origins'],
  [{ outside: 'https://a.test/*' }, 'outside'],
  [{ outside: ['https://a.test'] }, 'outside'],
  [{ outside: ['a.test/*'] }, 'outside'],
  [{ outside: ['https://a.test/x?y=1'] }, 'outside'],
  [{ outside: ['!sentri'] }, 'outside'],
  [{ outside: [{ url: 'https://a.test/' }] }, 'outside'],
  [{ outside: [{ url: 'https://a.test/', kind: 'token' }] }, 'outside'],
  [{ outside: [{ url: 'https://a.test/', kind: 'credential', answer: () => 1 }] }, 'outside'],
  [{ outside: [{ url: 'https://a.test/', kind: 'credential', because: 'x' }] }, 'outside'],
])('refuses %j', (options, option) => {
  expect(() => checkOptions(httpOptions, options)).toThrow(
    expect.objectContaining({ code: 'option-invalid', fields: { option } }),
  );
});
