// Values that contain themselves, and those that only look as if they did.
import { describe, expect, it } from 'vitest';
import { canonicalValue } from '../../../src/base/value.ts';
import { valueDepthMax } from '../../../src/base/value-fault.ts';

type Nested = { inner?: unknown };

/** So many objects one inside the other, the innermost of which holds what `last` gives of the others. */
function nested(levels: number, last: (chain: readonly Nested[]) => unknown): Nested {
  const chain: Nested[] = Array.from({ length: levels }, () => ({}));
  for (const [level, object] of chain.entries()) object.inner = level === levels - 1 ? last(chain) : chain[level + 1];
  return chain[0] as Nested;
}

const fault = /contains itself/;

describe('a value that contains itself', () => {
  it.each([1, 2, 15, 16, 17, 18, 40, valueDepthMax - 1])('is refused, wherever it does (%i levels)', (levels) => {
    for (const level of new Set([0, 1, 15, 16, 17, levels - 1].filter((one) => one < levels)))
      expect(() =>
        canonicalValue(
          nested(levels, (chain) => chain[level]),
          'the value',
        ),
      ).toThrow(fault);
  });

  it('is refused in lists, maps and sets', () => {
    const list: unknown[] = [];
    list.push([list]);
    const map = new Map<string, unknown>();
    map.set('self', [map]);
    const set = new Set<unknown>();
    set.add({ set });
    for (const value of [list, map, set]) expect(() => canonicalValue(value, 'the value')).toThrow(fault);
  });

  it('is told from one that holds the same object twice', () => {
    const twice = { answer: 42 };
    const value = { left: twice, right: [twice, twice], deep: nested(30, () => [twice, twice]) };
    expect(canonicalValue(value, 'the value')).toEqual(value);
  });

  it('is refused again by the next copy, and leaves no trace in it', () => {
    const shared = { answer: 42 };
    const self: Nested = { inner: shared };
    expect(canonicalValue(self, 'the value')).toEqual(self);
    self.inner = [self, shared];
    expect(() => canonicalValue(self, 'the value')).toThrow(fault);
    expect(canonicalValue({ shared, again: shared }, 'the value')).toEqual({ shared, again: shared });
  });

  it('is left out of an error, whose other fields stay', () => {
    const shared = nested(20, () => 'end');
    const self: Nested = {};
    self.inner = nested(20, () => [shared, self]);
    const error = Object.assign(new Error('failed'), { a: self, b: shared, c: nested(20, () => shared) });
    const copy = canonicalValue(error, 'the error') as Error & Record<string, unknown>;
    expect(Object.keys(copy)).not.toContain('a');
    expect(copy.b).toEqual(shared);
    expect(copy.c).toEqual(error.c);
  });
});
