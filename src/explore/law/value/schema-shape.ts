// The shape of a field by the schema of its state, where that can tell: zod and others describe themselves as JSON Schema
// (Standard JSON Schema).
import { canonicalValue } from '../../../base/value.ts';
import type { AnySchema } from '../../../graph/types/standard-schema.ts';
import type { FieldShape, ValueShape } from './value-shape.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** Undefined if the schema cannot tell, or says more than a shape can. */
export function schemaShape(schema: AnySchema, side: 'input' | 'output' = 'output'): ValueShape | undefined {
  const { jsonSchema } = schema['~standard'] as { readonly jsonSchema?: Record<string, unknown> };
  const describe = jsonSchema?.[side];
  if (typeof describe !== 'function') return undefined;
  try {
    return shapeOfJson(describe.call(jsonSchema, { target: 'draft-2020-12' }));
  } catch {
    // It describes something that JSON Schema has no words for.
    return undefined;
  }
}

/** The shape of one property of a shape. */
export function propertyShape(shape: ValueShape | undefined, name: string): ValueShape | undefined {
  return shape?.kind === 'record' ? shape.fields.get(name)?.shape : undefined;
}

function shapeOfJson(given: unknown): ValueShape | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const schema = given as JsonSchema;
  if ('const' in schema) return { kind: 'samples', samples: [canonicalValue(schema.const, 'const')] };
  if (Array.isArray(schema.enum))
    return { kind: 'samples', samples: schema.enum.map((one) => canonicalValue(one, 'enum')) };
  const several = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(several)) return eitherOf(several.map(shapeOfJson));
  if (Array.isArray(schema.type)) return eitherOf(schema.type.map((type) => shapeOfJson({ ...schema, type })));
  switch (schema.type) {
    case 'null':
      return { kind: 'samples', samples: [null] };
    case 'boolean':
      return { kind: 'boolean' };
    case 'integer':
    case 'number':
      return numberOfJson(schema);
    case 'string':
      return restrictsTexts(schema) ? undefined : { kind: 'text', samples: [] };
    case 'array':
      return listOfJson(schema);
    case 'object':
      return recordOfJson(schema);
    default:
      return undefined;
  }
}

function eitherOf(shapes: readonly (ValueShape | undefined)[]): ValueShape | undefined {
  const known = shapes.filter((shape) => shape !== undefined);
  return known.length < shapes.length || known.length === 0 ? undefined : { kind: 'either', shapes: known };
}

function restrictsTexts({ pattern, format, minLength, maxLength }: JsonSchema): boolean {
  return [pattern, format, minLength, maxLength].some((rule) => rule !== undefined);
}

function numberOfJson(schema: JsonSchema): ValueShape | undefined {
  if (schema.multipleOf !== undefined) return undefined;
  const isWhole = schema.type === 'integer';
  const nearest = isWhole ? 1 : 1e-6;
  const least = numberIn(schema.minimum) ?? after(schema.exclusiveMinimum, nearest) ?? -(2 ** 31);
  const most = numberIn(schema.maximum) ?? after(schema.exclusiveMaximum, -nearest) ?? 2 ** 31;
  return { kind: 'number', isWhole, least: Math.max(least, -(2 ** 31)), most: Math.min(most, 2 ** 31), samples: [] };
}

function numberIn(given: unknown): number | undefined {
  return typeof given === 'number' ? given : undefined;
}

function after(given: unknown, distance: number): number | undefined {
  return typeof given === 'number' ? given + distance : undefined;
}

function listOfJson({ items, prefixItems, minItems, maxItems, uniqueItems }: JsonSchema): ValueShape | undefined {
  if (Array.isArray(prefixItems)) {
    const shapes = prefixItems.map(shapeOfJson).filter((shape) => shape !== undefined);
    return shapes.length === prefixItems.length ? { kind: 'tuple', items: shapes } : undefined;
  }
  if ([minItems, maxItems, uniqueItems].some((rule) => rule !== undefined)) return undefined;
  const item = shapeOfJson(items);
  return item === undefined ? undefined : { kind: 'list', item, fixed: undefined, lengthMax: 6 };
}

function recordOfJson({ properties, required, additionalProperties }: JsonSchema): ValueShape | undefined {
  if (properties === undefined) {
    const item = shapeOfJson(additionalProperties);
    return item === undefined ? undefined : { kind: 'dictionary', keys: [], item };
  }
  const names = Array.isArray(required) ? required : [];
  const fields = new Map<string, FieldShape>();
  for (const [name, property] of Object.entries(properties as object)) {
    const shape = shapeOfJson(property);
    const isOptional = !names.includes(name);
    if (shape !== undefined) fields.set(name, { shape, isOptional });
    // Left out where it may be: what it takes is not known.
    else if (!isOptional) return undefined;
  }
  return { kind: 'record', fields };
}

/** The same with every property optional, as the delta of a `merge` field is. */
export function partialShape(shape: ValueShape): ValueShape {
  if (shape.kind !== 'record') return shape;
  return {
    kind: 'record',
    fields: new Map([...shape.fields].map(([name, field]) => [name, { ...field, isOptional: true }])),
  };
}
