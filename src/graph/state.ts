// The state of a graph: named fields with a merge each, or one function for all of it.
import { checkOptionObject, optionInvalid } from '../base/option-check.ts';
import { canonicalValue } from '../base/value.ts';
import type {
  AnyField,
  CheckFields,
  FieldMap,
  InputOfFields,
  DeltaOfFields,
  State,
  StateOfFields,
} from './field-types.ts';
import type { FieldSpec } from './spec.ts';
import type { CheckStorable } from './storable.ts';

// The three types stand here one by one, not under a name: messages then show them, and not the name.
/** A state of named fields: `fields({ question: last<string>(), findings: append<Finding>() })`. */
export function fields<Map extends FieldMap>(
  map: Map & NoInfer<CheckFields<Map>>,
): State<{ state: StateOfFields<Map>; delta: DeltaOfFields<Map>; input: InputOfFields<Map> }> {
  checkOptionObject(map, 'fields()');
  const specs: [string, FieldSpec][] = [];
  for (const [name, field] of Object.entries(map)) {
    if (name === '') throw optionInvalid('the name of a field', 'a text that is not empty', name);
    const parts: unknown = (field as Partial<AnyField> | null | undefined)?.['~field'];
    if (parts === undefined)
      throw optionInvalid(`the field "${name}"`, 'a field such as last(), append() or sum()', field);
    specs.push([name, Object.freeze({ name, ...(parts as AnyField['~field']) })]);
  }
  return Object.freeze({ '~state': Object.freeze({ kind: 'fields', fields: new Map(specs) }) });
}

/**
 * A state that one pure function merges: it is called for each task's delta, in rank order, and gets frozen values. Two
 * tasks of one step never conflict; the run's input is the first delta.
 */
export function reducer<Value, Delta>(
  reduce: (state: Readonly<Value>, delta: Delta) => Value,
  initial: Value & CheckStorable<NoInfer<Value>, 'state'>,
): State<{ state: Readonly<Value>; delta: Delta; input: Delta }> {
  if (typeof reduce !== 'function') throw optionInvalid('the first argument of reducer()', 'a function', reduce);
  const state = canonicalValue(initial, 'the initial value of reducer()');
  return Object.freeze({ '~state': Object.freeze({ kind: 'function', initial: state, reduce }) });
}
