import { expect, it } from 'vitest';
import type { Value } from '../../../src/base/value.ts';
import { mayBeReading } from '../../../src/diff/cause/may-be-reading.ts';

const readings: readonly (readonly [Value, Value])[] = [
  [185.284, 190.284],
  ['2026-11-29T22:42:35.151Z', '2026-11-29T22:42:35.152Z'],
  ['It is 11/29/2026, 10:59:59 AM.', 'It is 11/29/2026, 11:00:00 PM.'],
  ['Sun Nov 29 2026 22:10:01', 'Mon Nov 30 2026 00:10:01'],
  ['took 185ms', 'took 9ms'],
  ['8c1f3b0a-5f1e-4d3c-9a2b-0c1d2e3f4a5b', '1d2e3f4a-0a2b-4c3d-8e9f-5b6c7d8e9f0a'],
  ['req_8f3k2j9d', 'req_p0d4m1xz'],
];

const others: readonly (readonly [Value, Value])[] = [
  ['gpt-4.1', 'gpt-5'],
  ['claude-3-5-haiku', 'claude-sonnet-4'],
  ['Answer in one sentence.', 'Answer in two sentences.'],
  ['It is 10:59 now', 'It is now 10:59 there'],
  ['auto', 'required'],
  [true, false],
  [undefined, 3],
  [['a'], ['b']],
];

it.each(readings)('may be what makes %j and %j differ', (recorded, replayed) => {
  expect(mayBeReading(recorded, replayed)).toBe(true);
});

it.each(others)('is not what makes %j and %j differ', (recorded, replayed) => {
  expect(mayBeReading(recorded, replayed)).toBe(false);
});
