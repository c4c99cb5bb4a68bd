// What each kind of field takes as a delta, checked without merging it.
import { RepriseError } from '../../base/error.ts';
import type { Value } from '../../base/value.ts';
import type { FieldDescription } from '../description.ts';
import { isRecordValue } from '../record-value.ts';

/** @throws RepriseError `node-output-invalid` with the path of what does not fit. */
export function checkFieldDelta(description: FieldDescription, delta: Value, path: string): void {
  switch (description.kind) {
    case 'last':
    case 'reduce':
      return;
    case 'sum':
    case 'min':
    case 'max':
      expectNumber(delta, path, description.kind);
      return;
    case 'text':
      if (typeof delta !== 'string') throw deltaInvalid(path, delta, 'a text', 'text()');
      return;
    case 'append':
      expectItems(delta, path, 'append()');
      return;
    case 'union':
      if (!(delta instanceof Set)) expectItems(delta, path, 'union()');
      return;
    case 'merge':
      if (!isRecordValue(delta)) throw deltaInvalid(path, delta, 'an object with the keys to write', 'merge()');
      return;
    case 'upsert':
      checkRecords(expectItems(delta, path, 'upsert()'), description.key, path);
  }
}

export function expectNumber(value: Value, path: string, kind: string): number {
  if (typeof value !== 'number') throw deltaInvalid(path, value, 'a number', `${kind}()`);
  return value;
}

export function expectItems(value: Value, path: string, field: string): readonly Value[] {
  if (!Array.isArray(value)) throw deltaInvalid(path, value, 'a list', field);
  return value;
}

function checkRecords(records: readonly Value[], key: string | undefined, path: string): void {
  for (const [index, record] of records.entries()) {
    if (!isRecordValue(record)) throw deltaInvalid(`${path}[${index}]`, record, 'a record', 'upsert()');
    if (key !== undefined && (!Object.hasOwn(record, key) || record[key] === undefined)) {
      throw new RepriseError(
        'node-output-invalid',
        `${path}[${index}] has no "${key}", which identifies a record of this field`,
        {
          nextStep: `Give each record its "${key}", or name another property in upsert().`,
          fields: { path: `${path}[${index}].${key}` },
        },
      );
    }
  }
}

export function deltaInvalid(path: string, given: Value, wanted: string, field: string): RepriseError {
  return new RepriseError(
    'node-output-invalid',
    `${path} is ${describeKind(given)}, and a field made by ${field} takes ${wanted}`,
    {
      nextStep: `Give ${wanted}, or leave the field out of the delta to keep it as it is.`,
      fields: { path },
    },
  );
}

export function describeKind(value: Value): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Error) return 'an error';
  for (const [kind, name] of objectKinds) if (value instanceof kind) return name;
  return 'an object';
}

const objectKinds = [
  [Date, 'a date'],
  [Map, 'a map'],
  [Set, 'a set'],
  [Uint8Array, 'a byte array'],
] as const;
