import { expect, it } from 'vitest';
import { causesBelow } from '../../../../src/report/divergence/causes-below.ts';

const causes = (message: string, cause: unknown) => causesBelow(new Error(message, { cause }));

it('says what is below a message that leaves it out', () => {
  const refused = Object.assign(new Error(''), { code: 'ECONNREFUSED' });
  const fetching = new TypeError('fetch failed', { cause: refused });
  expect(causes('node "ask" failed: fetch failed', fetching)).toEqual(['ECONNREFUSED']);
  const both = new AggregateError([new Error('connect ECONNREFUSED ::1:80')], '');
  expect(causes('fetch failed', new TypeError('fetch failed', { cause: both }))).toEqual([
    'connect ECONNREFUSED ::1:80',
  ]);
  expect(causes('it failed: no', new Error('no'))).toEqual([]);
  expect(causes('it failed', 'text')).toEqual([]);
});
