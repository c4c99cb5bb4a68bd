// Arbitrary values that a journal can hold.
import fc from 'fast-check';
import { canonicalValue } from '../../src/base/value.ts';
import type { Value } from '../../src/base/value.ts';

/** Keys that go wrong where an object is taken for a dictionary. */
const keys = fc.oneof(
  fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', 'toString', '$date', '$$', '1', '10', ''),
  fc.string({ maxLength: 4 }),
);

/** Errors of each kind of class: one that its name says, one that it does not, one that holds others. */
const errors: readonly ((message: string) => Error)[] = [
  (message) => Object.assign(new TypeError(message), { code: 'E_ANY' }),
  (message) => new DOMException(message, 'AbortError'),
  (message) => new AggregateError([new Error('one'), 2], message, { cause: message }),
];

const leaves = fc.oneof(
  fc.constantFrom(undefined, null, true, false, 0, -0, Number.NaN, Number.POSITIVE_INFINITY, ''),
  fc.integer(),
  fc.double(),
  fc.string(),
  fc.bigInt(),
  fc.date({ noInvalidDate: false }),
  fc.uint8Array({ maxLength: 4 }),
  fc.tuple(fc.constantFrom(...errors), fc.string()).map(([make, message]) => make(message)),
);

const trees = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    leaves,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.array(fc.tuple(keys, tie('tree')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    fc.array(fc.tuple(tie('tree'), tie('tree')), { maxLength: 3 }).map((entries) => new Map(entries)),
    fc.array(tie('tree'), { maxLength: 3 }).map((items) => new Set(items)),
  ),
})).tree;

/** Canonical values: plain data of every kind, deeply frozen. */
export const values: fc.Arbitrary<Value> = trees.map((tree) => canonicalValue(tree, 'value'));

/** Few different values, so that equal ones meet. */
export const smallValues: fc.Arbitrary<Value> = fc
  .oneof(fc.constantFrom(0, -0, 1, 'a', '1', null, undefined), fc.record({ id: fc.integer({ min: 0, max: 3 }) }))
  .map((value) => canonicalValue(value, 'value'));
