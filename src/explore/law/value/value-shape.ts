// The shape of recorded values: what can be changed about them so that code which takes them still has to take the
// result. It invents no key that was not recorded, and leaves texts that have a form as they are.
import { sameValue } from '../../../base/equal.ts';
import type { Value } from '../../../base/value.ts';
import { isRecordValue } from '../../../journal/record-value.ts';
import type { RecordValue } from '../../../journal/record-value.ts';
import { samplesOf } from './recorded-values.ts';

export type ValueShape =
  /** Only these. */
  | { readonly kind: 'samples'; readonly samples: readonly Value[] }
  | { readonly kind: 'boolean' }
  | {
      readonly kind: 'number';
      readonly isWhole: boolean;
      readonly least: number;
      readonly most: number;
      readonly samples: readonly number[];
    }
  | { readonly kind: 'text'; readonly samples: readonly string[] }
  /** `fixed`: how many items it has, if that may not change. */
  | {
      readonly kind: 'list';
      readonly item: ValueShape | undefined;
      readonly fixed: number | undefined;
      readonly lengthMax: number;
    }
  | { readonly kind: 'tuple'; readonly items: readonly ValueShape[] }
  | { readonly kind: 'record'; readonly fields: ReadonlyMap<string, FieldShape> }
  /** A record whose keys are data. */
  | { readonly kind: 'dictionary'; readonly keys: readonly string[]; readonly item: ValueShape }
  | { readonly kind: 'set'; readonly item: ValueShape | undefined }
  | { readonly kind: 'map'; readonly key: ValueShape | undefined; readonly item: ValueShape | undefined }
  | { readonly kind: 'either'; readonly shapes: readonly ValueShape[] };

export interface FieldShape {
  readonly shape: ValueShape;
  readonly isOptional: boolean;
}

/** Undefined if there are no values. */
export function shapeOf(values: readonly Value[]): ValueShape | undefined {
  const groups = new Map<string, Value[]>();
  for (const value of values) {
    const kind = kindOf(value);
    const group = groups.get(kind);
    if (group === undefined) groups.set(kind, [value]);
    else group.push(value);
  }
  return eitherOf([...groups].map(([kind, group]) => shapeOfKind(kind, group)));
}

function eitherOf(shapes: readonly ValueShape[]): ValueShape | undefined {
  return shapes.length < 2 ? shapes[0] : { kind: 'either', shapes };
}

type Kind = 'boolean' | 'number' | 'string' | 'list' | 'set' | 'map' | 'record' | 'other';

function kindOf(value: Value): Kind {
  if (typeof value === 'boolean' || typeof value === 'string') return typeof value as 'boolean' | 'string';
  if (typeof value === 'number') return Number.isFinite(value) ? 'number' : 'other';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Set) return 'set';
  if (value instanceof Map) return 'map';
  return isRecordValue(value) ? 'record' : 'other';
}

function shapeOfKind(kind: string, values: readonly Value[]): ValueShape {
  switch (kind as Kind) {
    case 'boolean':
      return { kind: 'boolean' };
    case 'number':
      return numberShape(values as readonly number[]);
    case 'string':
      return textShape(values as readonly string[]);
    case 'list':
      return listShape(values as readonly (readonly Value[])[]);
    case 'set':
      return { kind: 'set', item: shapeOf((values as readonly ReadonlySet<Value>[]).flatMap((set) => [...set])) };
    case 'map': {
      const maps = values as readonly ReadonlyMap<Value, Value>[];
      const keys = shapeOf(maps.flatMap((map) => [...map.keys()]));
      return { kind: 'map', key: keys, item: shapeOf(maps.flatMap((map) => [...map.values()])) };
    }
    case 'record':
      return recordShape(values as readonly RecordValue[]);
    case 'other':
      return { kind: 'samples', samples: samplesOf(values) };
  }
}

const wholeMost = 2 ** 31;

/** Whole numbers stay whole and small enough to be added; what is never negative stays so, and so does a share of 1. */
function numberShape(values: readonly number[]): ValueShape {
  const isWhole = values.every(Number.isSafeInteger);
  const isPositive = values.every((value) => value >= 0);
  const isShare = isPositive && !isWhole && values.every((value) => value <= 1);
  const most = isShare ? 1 : isWhole ? Math.max(wholeMost, ...values) : Number.MAX_VALUE;
  return {
    kind: 'number',
    isWhole,
    least: isPositive ? 0 : -most,
    most,
    samples: samplesOf(values) as readonly number[],
  };
}

/** Dates, addresses, ids, JSON, numbers: code that parses them may refuse anything else. */
const forms: readonly RegExp[] = [
  /^\d{4}-\d\d-\d\d/,
  /^[a-z][a-z\d+.-]*:\S/i,
  /^[\da-f]{8}-[\da-f]{4}-/i,
  /^[\d.+-]+$/,
  /^\s*[[{"]/,
  /^\S+@\S+\.\S+$/,
];

function textShape(values: readonly string[]): ValueShape {
  const filled = values.filter((value) => value !== '');
  const samples = samplesOf(values) as readonly string[];
  const hasForm = forms.some((form) => filled.length > 0 && filled.every((value) => form.test(value)));
  // Few words, each of them several times: code may know them all.
  const isWord = samples.length * 3 <= values.length && samples.every((value) => /^[\w-]{1,24}$/.test(value));
  return hasForm || isWord ? { kind: 'samples', samples } : { kind: 'text', samples };
}

function listShape(lists: readonly (readonly Value[])[]): ValueShape {
  const lengths = new Set(lists.map(({ length }) => length));
  const lengthMax = Math.max(...lengths);
  const isSteady = lists.length > 1 && lengths.size === 1 && lengthMax > 1;
  if (isSteady) {
    const columns = lists[0]?.map((_, place) => lists.map((list) => list[place])) ?? [];
    const kinds = columns.map((column) => new Set(column.map(kindOf)));
    const [first] = kinds;
    const isMixed =
      kinds.every(({ size }) => size === 1) && kinds.some((kind) => [...kind][0] !== [...(first ?? [])][0]);
    if (isMixed) return { kind: 'tuple', items: columns.map((column) => shapeOf(column) as ValueShape) };
  }
  const isVector = isSteady && lists.every((list) => list.every((item) => typeof item === 'number'));
  return { kind: 'list', item: shapeOf(lists.flat()), fixed: isVector ? lengthMax : undefined, lengthMax };
}

const keySetsMax = 8;
/** A property that says which kind of record it is. */
const tagNames = new Set(['kind', 'type', 'op', 'action', 'tag', 'role', 'event', 'status']);

/** Records with other keys are other kinds of records, and so are those with another tag. */
function recordShape(records: readonly RecordValue[]): ValueShape {
  const groups = new Map<string, RecordValue[]>();
  for (const record of records) {
    const keys = Object.keys(record);
    const tags = keys.filter((key) => tagNames.has(key) && typeof record[key] === 'string').map((key) => record[key]);
    const name = JSON.stringify([keys, tags]);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [record]);
    else group.push(record);
  }
  const dictionary = dictionaryOf(
    [...groups.values()].map(([first]) => first as RecordValue),
    records,
  );
  if (dictionary !== undefined) return dictionary;
  return eitherOf([...groups.values()].map(sameKeys)) as ValueShape;
}

function sameKeys(records: readonly RecordValue[]): ValueShape {
  const fields = Object.keys(records[0] as RecordValue).map((key) => {
    const values = records.map((record) => record[key]);
    const isTag = tagNames.has(key) && values.every((value) => typeof value === 'string');
    const shape = isTag ? ({ kind: 'samples', samples: samplesOf(values) } as const) : (shapeOf(values) as ValueShape);
    return [key, { shape, isOptional: false }] as const;
  });
  return { kind: 'record', fields: new Map(fields) };
}

/** Keys are data if no key is in all records, or there are too many sets of them, and all values are of one kind. */
function dictionaryOf(kinds: readonly RecordValue[], records: readonly RecordValue[]): ValueShape | undefined {
  const [first] = kinds;
  if (first === undefined || kinds.length < 2) return undefined;
  const isShared = Object.keys(first).some((key) => kinds.every((record) => Object.hasOwn(record, key)));
  if (isShared && kinds.length <= keySetsMax) return undefined;
  const values = records.flatMap((record) => Object.values(record));
  if (new Set(values.map(kindOf)).size > 1) return undefined;
  // Two kinds of records may have a property each. Counts are rarely kept like that.
  if (kinds.length < 3 && typeof values[0] !== 'number') return undefined;
  const item = shapeOf(values);
  if (item === undefined) return undefined;
  return { kind: 'dictionary', keys: [...new Set(records.flatMap((record) => Object.keys(record)))].sort(), item };
}

/** Whether a value is of the shape, as far as it takes to choose between several. */
export function matches(shape: ValueShape, value: Value): boolean {
  switch (shape.kind) {
    case 'samples':
      return shape.samples.some((sample) => sameValue(sample, value));
    case 'boolean':
      return typeof value === 'boolean';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) && (!shape.isWhole || Number.isInteger(value));
    case 'text':
      return typeof value === 'string';
    case 'list':
      return (
        Array.isArray(value) &&
        (shape.fixed === undefined || value.length === shape.fixed) &&
        value.every((item) => shape.item !== undefined && matches(shape.item, item))
      );
    case 'tuple':
      return (
        Array.isArray(value) &&
        value.length === shape.items.length &&
        shape.items.every((item, place) => matches(item, value[place]))
      );
    case 'record': {
      if (!isRecordValue(value)) return false;
      if (!Object.keys(value).every((key) => shape.fields.has(key))) return false;
      return [...shape.fields].every(([key, field]) =>
        Object.hasOwn(value, key) ? matches(field.shape, value[key]) : field.isOptional,
      );
    }
    case 'dictionary':
      return isRecordValue(value) && Object.values(value).every((item) => matches(shape.item, item));
    case 'set':
      return value instanceof Set;
    case 'map':
      return value instanceof Map;
    case 'either':
      return shape.shapes.some((one) => matches(one, value));
  }
}
