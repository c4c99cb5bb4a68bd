// `upsert()`: a list of records, each identified by a key. A record replaces the earlier one with the same key.
import type { Value } from '../../base/value.ts';
import { canonicalList } from '../../base/value.ts';
import type { Identity } from './value-identity.ts';
import { identityOf } from './value-identity.ts';

/** The property that identifies a record, or a function that computes the identity. */
export type RecordKey = string | ((record: Value) => Value);

/**
 * The index of each record, by list. An index never changes, so the map is handed on to the list that an upsert makes
 * of this one.
 */
const indexesOf = new WeakMap<readonly Value[], { readonly key: RecordKey; readonly indexes: Map<Identity, number> }>();

export function upsert(
  list: readonly Value[],
  recordLists: readonly (readonly Value[])[],
  key: RecordKey,
): readonly Value[] {
  if (recordLists.every((records) => records.length === 0)) return list;
  const keyed = recordLists.flatMap((records) =>
    records.map((record) => ({ record, identity: recordIdentity(record, key) })),
  );
  const indexes = knownIndexes(list, key);
  const next = [...list];
  for (const { record, identity } of keyed) {
    const index = indexes.get(identity);
    if (index === undefined) {
      indexes.set(identity, next.length);
      next.push(record);
    } else next[index] = record;
  }
  const upserted = canonicalList(next);
  indexesOf.delete(list);
  indexesOf.set(upserted, { key, indexes });
  return upserted;
}

function knownIndexes(list: readonly Value[], key: RecordKey): Map<Identity, number> {
  const known = indexesOf.get(list);
  if (known?.key === key) return known.indexes;
  return new Map(list.map((record, index) => [recordIdentity(record, key), index]));
}

function recordIdentity(record: Value, key: RecordKey): Identity {
  return identityOf(typeof key === 'string' ? (record as { readonly [name: string]: Value })[key] : key(record));
}
