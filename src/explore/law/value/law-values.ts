// The values that the laws of one field are tried with.
import type { Arbitrary } from 'fast-check';
import type { Value } from '../../../base/value.ts';
import { isRecordValue } from '../../../journal/record-value.ts';
import type { RecordValue } from '../../../journal/record-value.ts';
import type { FastCheck } from '../../fast-check.ts';
import { arbitraryOfShape } from './arbitrary-value.ts';
import type { FieldMerge } from '../field-merge.ts';
import { samplesOf, scopeOf } from './recorded-values.ts';
import type { RecordedValues } from './recorded-values.ts';
import type { LawCase } from '../reducer-law.ts';
import { partialShape, propertyShape, schemaShape } from './schema-shape.ts';
import { matches, shapeOf } from './value-shape.ts';
import type { ValueShape } from './value-shape.ts';

export interface FieldValues {
  /** Distinct recorded deltas that fit the field, small ones first. */
  readonly deltas: readonly Value[];
  /** What a run may begin with, and distinct recorded states, small ones first. */
  readonly states: readonly Value[];
  /** Where the shape of the deltas is from; undefined if nothing is known about them. */
  readonly source: 'recorded' | 'schema' | 'kind' | undefined;
  readonly shapes: readonly ValueShape[];
}

const shapedMax = 2_000;

export function fieldValues(merge: FieldMerge, recorded: RecordedValues): FieldValues {
  const scope = scopeOf(recorded, merge.nodes);
  const written = scope.deltas.flatMap(({ delta }) => partsOf(merge, delta)).filter((delta) => merge.fits(delta));
  const deltas = samplesOf(written);
  const states = samplesOf(scope.states.flatMap((state) => partsOf(merge, state)));
  // Of all of them: how often a word was written says whether it is one of a few.
  const shape = shapeOf(written.slice(0, shapedMax));
  const bySchema = deltaShape(merge);
  const isOfSchema =
    bySchema !== undefined &&
    (merge.kind !== 'reduce' || deltas.length > 0) &&
    deltas.every((delta) => matches(bySchema, delta));
  const byKind = shape === undefined && !isOfSchema && !merge.isUserCode ? shapeOfKind(merge) : undefined;
  const shapes = [shape, isOfSchema ? bySchema : undefined, byKind].filter((one) => one !== undefined);
  return {
    deltas,
    states: [merge.initial, ...states],
    source: shape !== undefined ? 'recorded' : isOfSchema ? 'schema' : byKind === undefined ? undefined : 'kind',
    shapes,
  };
}

/** What a delta or a state holds of the field: nothing, or one value. */
function partsOf({ field }: FieldMerge, whole: Value): readonly Value[] {
  if (field === undefined) return [whole];
  if (!isRecordValue(whole) || !Object.hasOwn(whole, field)) return [];
  return [(whole as RecordValue)[field]];
}

/** What the schema of the state says about the deltas of a field. Those of a `reduce` field may be something else. */
function deltaShape({ schema, field, kind }: FieldMerge): ValueShape | undefined {
  if (schema === undefined || field === undefined) return undefined;
  const shape = propertyShape(schemaShape(schema), field);
  return kind === 'merge' && shape !== undefined ? partialShape(shape) : shape;
}

const plainText: ValueShape = { kind: 'text', samples: [] };
const fraction: ValueShape = { kind: 'number', isWhole: false, least: -1e9, most: 1e9, samples: [] };
const plainItem: ValueShape = {
  kind: 'either',
  shapes: [plainText, { ...fraction, isWhole: true }, { kind: 'samples', samples: [null, true] }],
};

/** What a built-in field takes, if nothing else is known. */
function shapeOfKind({ kind, key = 'id' }: FieldMerge): ValueShape {
  switch (kind) {
    case 'sum':
    case 'min':
    case 'max':
      return fraction;
    case 'text':
      return plainText;
    case 'append':
    case 'union':
      return { kind: 'list', item: plainItem, fixed: undefined, lengthMax: 6 };
    case 'merge':
      return { kind: 'dictionary', keys: [], item: plainItem };
    case 'upsert': {
      const fields = new Map([
        [key, { shape: plainText, isOptional: false }],
        ['at', { shape: fraction, isOptional: true }],
      ]);
      return { kind: 'list', item: { kind: 'record', fields }, fixed: undefined, lengthMax: 6 };
    }
    default:
      return plainItem;
  }
}

export function arbitraryDeltaOf(fc: FastCheck, { deltas, shapes }: FieldValues): Arbitrary<Value> {
  return fc.oneof(
    ...shapes.map((shape) =>
      arbitraryOfShape(
        fc,
        shape,
        deltas.filter((delta) => matches(shape, delta)),
      ),
    ),
  );
}

export function arbitraryCase(
  fc: FastCheck,
  values: FieldValues,
  [least, most]: readonly [least: number, most: number],
): Arbitrary<LawCase> {
  const delta = arbitraryDeltaOf(fc, values);
  return fc
    .record({
      state: fc.constantFrom(...values.states),
      before: fc.array(delta, { maxLength: 3 }),
      deltas: fc.array(delta, { minLength: least, maxLength: most }),
      isRepeated: fc.constantFrom(false, false, true),
    })
    .map(({ state, before, deltas, isRepeated }) => ({
      state,
      before,
      deltas: isRepeated ? repeated(deltas, most) : deltas,
    }));
}

/** The first delta once more at the end. */
function repeated(deltas: readonly Value[], most: number): readonly Value[] {
  const [first] = deltas;
  return deltas.length > 0 && deltas.length < most ? [...deltas, first] : deltas;
}
