import { expect, it } from 'vitest';
import { KeptReads } from '../../../../src/journal/ambient/kept-reads.ts';
import type { AmbientEntry, AmbientRead } from '../../../../src/journal/entry.ts';
import { attemptKey, stepKey, taskKey } from '../../../../src/journal/key.ts';

const at = attemptKey(taskKey(stepKey('', 1), 0), 1);
const entry = (ordinal: number, ...reads: readonly AmbientRead[]): AmbientEntry => ({
  kind: 'ambient',
  at,
  node: 'node',
  ordinal,
  observed: { time: 1, reads },
});
const read = (segment: number, from: number, ...values: readonly number[]): AmbientRead => ({
  segment,
  source: 'Date.now',
  from,
  values,
});
const valuesOf = (kept: KeptReads, segment: number, count: number): readonly unknown[] =>
  Array.from({ length: count }, (_unused, place) => kept.at({ segment, source: 'Date.now' }, place)?.value);

it('are found by segment and place, over several entries', () => {
  const kept = new KeptReads([entry(0, read(0, 0, 1, 2), read(1, 0, 5)), entry(1, read(1, 1, 6, 7), read(3, 0, 9))]);
  expect(valuesOf(kept, 0, 3)).toEqual([1, 2, undefined]);
  expect(valuesOf(kept, 1, 4)).toEqual([5, 6, 7, undefined]);
  expect(valuesOf(kept, 2, 1)).toEqual([undefined]);
  expect([kept.lastSegment(undefined), kept.lastSegment('left#0')]).toEqual([3, -1]);
  expect(kept.at({ segment: 0, source: 'performance.now' }, 0)).toBeUndefined();
  expect(kept.at({ segment: 0, source: 'Date.now', task: 'left#0' }, 0)).toBeUndefined();
});

it('of which only the first and the last are there give the last one between', () => {
  expect(valuesOf(new KeptReads([entry(0, read(0, 0, 1), read(0, 4, 9))]), 0, 6)).toEqual([1, 9, 9, 9, 9, undefined]);
});

it('begin again where the attempt was restarted', () => {
  expect(valuesOf(new KeptReads([entry(0, read(0, 0, 1, 2)), entry(1, read(0, 0, 5))]), 0, 2)).toEqual([5, undefined]);
});
