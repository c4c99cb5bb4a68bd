// `upsert()`: a list of records, each identified by a key; a record that comes again takes the place of the earlier one.

import type { Value } from '../../base/value.ts';
import { canonicalList } from '../../base/value.ts';
import type { Identity } from './value-identity.ts';
import { identityOf } from './value-identity.ts';

/** The property that identifies a record, or what finds it. */
export type RecordKey = string | ((record: Value) => Value);

/** Where each record stands. It moves on to the list that grew out of it: positions never change. */
const positionsOf = new WeakMap<
  readonly Value[],
  { readonly key: RecordKey; readonly positions: Map<Identity, number> }
>();

export function upsert(
  list: readonly Value[],
  recordLists: readonly (readonly Value[])[],
  key: RecordKey,
): readonly Value[] {
  if (recordLists.every((records) => records.length === 0)) return list;
  const keyed = recordLists.flatMap((records) =>
    records.map((record) => ({ record, identity: recordIdentity(record, key) })),
  );
  const positions = knownPositions(list, key);
  const next = [...list];
  for (const { record, identity } of keyed) {
    const position = positions.get(identity);
    if (position === undefined) {
      positions.set(identity, next.length);
      next.push(record);
    } else next[position] = record;
  }
  const upserted = canonicalList(next);
  positionsOf.delete(list);
  positionsOf.set(upserted, { key, positions });
  return upserted;
}

function knownPositions(list: readonly Value[], key: RecordKey): Map<Identity, number> {
  const known = positionsOf.get(list);
  if (known?.key === key) return known.positions;
  return new Map(list.map((record, position) => [recordIdentity(record, key), position]));
}

function recordIdentity(record: Value, key: RecordKey): Identity {
  return identityOf(typeof key === 'string' ? (record as { readonly [name: string]: Value })[key] : key(record));
}
