import { expect, it } from 'vitest';
import { checkOptions } from '../../../../src/base/options/option-shape.ts';
import { httpOptions } from '../../../../src/live/http/http-options.ts';

it('takes every option', () => {
  expect(() =>
    checkOptions(httpOptions, {
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
])('refuses %j', (options, option) => {
  expect(() => checkOptions(httpOptions, options)).toThrow(
    expect.objectContaining({ code: 'option-invalid', fields: { option } }),
  );
});
