import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairTasks } from '../../../../src/diff/compare/pair-tasks.ts';
import type { TaskSpec } from '../../../../src/journal/entry.ts';

function tasks(text: string): readonly TaskSpec[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const [node = '', input] = word.split(':');
      return input === undefined ? { node } : { node, input };
    });
}

function paired(recorded: string, replayed: string): string {
  return pairTasks(tasks(recorded), tasks(replayed))
    .map((pair) => `${pair.recorded ?? ''}-${pair.replayed ?? ''}`)
    .join(' ');
}

describe('the tasks of two steps', () => {
  it.each([
    ['the same', 'a b s:1 s:2', 'a b s:1 s:2', '0-0 1-1 2-2 3-3'],
    ['one more in front', 'a b', 'x a b', '0-1 1-2 -0'],
    ['one less', 'a x b', 'a b', '0-0 1- 2-1'],
    ['in another order', 'a b', 'b a', '0-1 1-0'],
    ['sent to, by payload first', 's:1 s:2 s:3', 's:0 s:1 s:2 s:3', '0-1 1-2 2-3 -0'],
    ['sent something else, by place', 's:1 s:2', 's:8 s:9', '0-0 1-1'],
    ['sent the same twice, in order', 's:1 s:1', 's:2 s:1 s:1', '0-2 1-1 -0'],
    ['none', '', 'a', '-0'],
  ])('%s', (_name, recorded, replayed, expected) => {
    expect(paired(recorded, replayed)).toBe(expected);
  });

  it('are each in one pair, of one node', () => {
    const list = fc.array(
      fc.record(
        { node: fc.constantFrom('a', 'b', 's'), input: fc.integer({ min: 0, max: 3 }) },
        { requiredKeys: ['node'] },
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(list, list, (recorded, replayed) => {
        const pairs = pairTasks(recorded, replayed);
        const ranks = (side: 'recorded' | 'replayed'): readonly number[] =>
          pairs.flatMap((pair) => pair[side] ?? []).sort((one, other) => one - other);
        expect(ranks('recorded')).toEqual([...recorded.keys()]);
        expect(ranks('replayed')).toEqual([...replayed.keys()]);
        for (const pair of pairs) {
          if (pair.recorded === undefined || pair.replayed === undefined) continue;
          expect(replayed[pair.replayed]?.node).toBe(recorded[pair.recorded]?.node);
        }
        // No two of one node are left over on both sides.
        const left = new Set(
          pairs.filter((pair) => pair.replayed === undefined).map((pair) => recorded[pair.recorded as number]?.node),
        );
        for (const pair of pairs)
          if (pair.recorded === undefined) expect(left.has(replayed[pair.replayed as number]?.node)).toBe(false);
      }),
    );
  });

  it('are paired in time that grows with their number alone', () => {
    const wide = (offset: number): readonly TaskSpec[] =>
      Array.from({ length: 20_000 }, (_unused, index) => ({ node: 's', input: index + offset }));
    expect(pairTasks(wide(0), wide(1))).toHaveLength(20_000);
    expect(pairTasks(wide(0), wide(100_000))).toHaveLength(20_000);
  }, 5_000);
});
