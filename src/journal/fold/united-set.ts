// `union()`: sets whose items are the same when their values are, in the order in which they came first.

import type { Value } from '../../base/value.ts';
import { frozenSet } from '../../base/value.ts';
import type { Identity } from './value-identity.ts';
import { identityOf } from './value-identity.ts';

/**
 * The identities of the items in a set. They are handed on to the set that grows out of it, so that a merge costs only
 * what it adds.
 */
const identitiesOf = new WeakMap<ReadonlySet<Value>, Set<Identity>>();

/** The set with the items that are new to it; the same set if there are none. */
export function unite(set: ReadonlySet<Value>, itemLists: readonly Iterable<Value>[]): ReadonlySet<Value> {
  const known = identitiesOf.get(set) ?? new Set([...set].map(identityOf));
  const added: Value[] = [];
  for (const items of itemLists) {
    for (const item of items) {
      const identity = identityOf(item);
      if (known.has(identity)) continue;
      known.add(identity);
      added.push(item);
    }
  }
  if (added.length === 0) {
    identitiesOf.set(set, known);
    return set;
  }
  const united = frozenSet([...set, ...added]);
  identitiesOf.delete(set);
  identitiesOf.set(united, known);
  return united;
}
