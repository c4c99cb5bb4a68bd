import { expect, it } from 'vitest';
import { checkOptions } from '../../../../src/live/http/http-options.ts';

it('takes every option', () => {
  expect(() =>
    checkOptions({
      origins: { openai: ['https://api.openai.com', 'http://127.0.0.1:4000/'] },
      match: { headers: ['x-feature'] },
      onDoubt: () => 'ask',
      idempotencyHeader: () => 'idempotency-key',
      responseHeaders: ['x-cost'],
    }),
  ).not.toThrow();
});

it.each([
  [{ onDuobt: () => 'fail' }, 'onDuobt'],
  [{ match: { header: [] } }, 'header'],
  [{ onDoubt: 'fail' }, 'onDoubt'],
  [{ idempotencyHeader: 'key' }, 'idempotencyHeader'],
  [{ match: { headers: 'x-feature' } }, 'match.headers'],
  [{ responseHeaders: ['x cost'] }, 'responseHeaders'],
  [{ origins: { '': [] } }, 'origins.'],
  [{ origins: { 'https://a.test': [] } }, 'origins.https://a.test'],
  [{ origins: { a: 'https://a.test' } }, 'origins.a'],
  [{ origins: { a: ['https://a.test/v1'] } }, 'origins.a'],
  [{ origins: { a: ['https://a.test/?q=1'] } }, 'origins.a'],
  [{ origins: { a: ['ftp://a.test'] } }, 'origins.a'],
  [{ origins: { a: ['a.test'] } }, 'origins.a'],
])('refuses %j', (options, option) => {
  expect(() => checkOptions(options as object)).toThrow(
    expect.objectContaining({ code: 'option-invalid', fields: { option } }),
  );
});
