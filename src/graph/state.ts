// The state of a graph: named fields that are merged one by one, or one function that merges all of it.
import { optionError } from '../base/options/option-fault.ts';
import { anything, filledText, functionOf, required } from '../base/options/option-kind.ts';
import { faultOf, objectWith, recordOf } from '../base/options/option-parts.ts';
import { checkArgument } from '../base/options/option-shape.ts';
import { canonicalValue } from '../base/value.ts';
import type {
  AnyField,
  CheckFields,
  FieldMap,
  InputOfFields,
  DeltaOfFields,
  State,
  StateOfFields,
} from './types/field-types.ts';
import type { FieldSpec } from './spec.ts';
import type { CheckStorable } from './types/storable.ts';

const fieldMap = recordOf(
  objectWith('a field such as last(), append() or sum()', { '~field': required(anything) }),
  'an object of fields',
  { ...filledText, wanted: 'each field a name' },
);

// The three types are spelled out, since messages then show them instead of a name.
/** A state of named fields: `fields({ question: last<string>(), findings: append<Finding>() })`. */
export function fields<Map extends FieldMap>(
  map: Map & NoInfer<CheckFields<Map>>,
): State<{ state: StateOfFields<Map>; delta: DeltaOfFields<Map>; input: InputOfFields<Map> }> {
  checkFields(map);
  const specs: [string, FieldSpec][] = [];
  for (const [name, field] of Object.entries(map)) {
    specs.push([name, Object.freeze({ name, ...(field as AnyField)['~field'] })]);
  }
  return Object.freeze({ '~state': Object.freeze({ kind: 'fields', fields: new Map(specs) }) });
}

/**
 * A state that one pure function merges. It is called for the delta of each task, in rank order, and gets frozen
 * values. Two tasks of one step never conflict. The input of the run is the first delta.
 */
export function reducer<Value, Delta>(
  reduce: (state: Readonly<Value>, delta: Delta) => Value,
  initial: Value & CheckStorable<NoInfer<Value>, 'state'>,
): State<{ state: Readonly<Value>; delta: Delta; input: Delta }> {
  checkArgument('reducer', 'reduce', functionOf('a function of the state and a delta'), reduce);
  const state = canonicalValue(initial, 'the initial value of reducer()');
  return Object.freeze({ '~state': Object.freeze({ kind: 'function', initial: state, reduce }) });
}

/** @throws RepriseError `option-invalid` */
function checkFields(map: unknown): void {
  const fault = faultOf(fieldMap, map);
  if (fault !== undefined) throw optionError('fields', { ...fault, option: fault.at }, 'field');
}
