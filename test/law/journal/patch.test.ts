import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameValue } from '../../../src/base/equal.ts';
import { canonicalValue, isCanonical } from '../../../src/base/value.ts';
import type { Value } from '../../../src/base/value.ts';
import { applyPatch, makePatch } from '../../../src/journal/fold/patch.ts';
import { values } from '../../support/values.ts';

/** Two values that share much, like a state and its successor. */
const neighbours = fc
  .tuple(fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'd'), values), values, fc.constantFrom('a', 'b', 'c'))
  .chain(([record, value, key]) => {
    const before = canonicalValue({ ...record, list: [value] }, 'before');
    const { [key]: _removed, ...rest } = before as { readonly [key: string]: Value };
    const list = (before as { readonly list: readonly Value[] }).list;
    return fc.constantFrom<[Value, Value]>(
      [before, canonicalValue({ ...(before as object), [key]: value }, 'after')],
      [before, canonicalValue(rest, 'after')],
      [before, canonicalValue({ ...(before as object), list: [...list, value, value] }, 'after')],
      [before, canonicalValue({ ...(before as object), list: [value, ...list] }, 'after')],
      [before, canonicalValue({ ...(before as object), list: [] }, 'after')],
    );
  });
const pairs = fc.oneof(fc.tuple(values, values), neighbours);

describe('a patch', () => {
  it('turns the old value into the new one', () => {
    fc.assert(
      fc.property(pairs, ([before, after]) => {
        const patch = makePatch(before, after);
        const made = patch === undefined ? before : applyPatch(before, patch);
        expect(sameValue(made, after)).toBe(true);
        expect(isCanonical(made)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('exists exactly if something changed', () => {
    fc.assert(
      fc.property(pairs, ([before, after]) => {
        expect(makePatch(before, after) === undefined).toBe(sameValue(before, after));
      }),
      { numRuns: 1000 },
    );
  });

  it('can be written and read back', () => {
    fc.assert(
      fc.property(pairs, ([before, after]) => {
        const patch = makePatch(before, after);
        fc.pre(patch !== undefined);
        const copied = canonicalValue(patch, 'patch') as unknown as typeof patch;
        expect(sameValue(applyPatch(before, copied), after)).toBe(true);
      }),
    );
  });
});
