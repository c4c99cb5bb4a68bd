// Arbitrary fields with deltas that fit them.
import fc from 'fast-check';
import { canonicalValue } from '../../src/base/value.ts';
import type { Value } from '../../src/base/value.ts';
import type { FieldDescription } from '../../src/journal/description.ts';
import { smallValues, values } from './values.ts';

export interface FieldCase {
  readonly description: FieldDescription;
  readonly initial: Value;
  readonly deltas: readonly Value[];
}

const canonical = (value: unknown): Value => canonicalValue(value, 'value');
const lists = fc.array(smallValues, { maxLength: 4 }).map(canonical);
const numbers = fc.oneof(fc.integer(), fc.double());
const records = fc
  .array(fc.record({ id: smallValues.filter((id) => id !== undefined), at: fc.integer() }), { maxLength: 4 })
  .map(canonical);
const partials = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', '__proto__', 'constructor'), smallValues), { maxLength: 3 })
  .map((entries) => canonical(Object.fromEntries(entries)));

function fieldCase(
  kind: FieldDescription['kind'],
  initial: fc.Arbitrary<Value>,
  delta: fc.Arbitrary<Value>,
  more: Partial<FieldDescription> = {},
): fc.Arbitrary<FieldCase> {
  return fc.record({
    description: fc.constant({ kind, required: false, ...more }),
    initial,
    deltas: fc.array(delta, { maxLength: 5 }),
  });
}

/** Fields that merge without user code. */
export const builtInCases: fc.Arbitrary<FieldCase> = fc.oneof(
  fieldCase('last', values, values),
  fieldCase('text', fc.string(), fc.string()),
  fieldCase('append', lists, lists),
  fieldCase('sum', numbers, numbers),
  fieldCase('min', numbers, numbers),
  fieldCase('max', numbers, numbers),
  fieldCase(
    'union',
    fc.constant(canonical(new Set())),
    fc.oneof(
      lists,
      lists.map((list) => canonical(new Set(list as []))),
    ),
  ),
  fieldCase('merge', partials, partials),
  fieldCase('upsert', fc.constant(canonical([])), records, { key: 'id' }),
);
