// The types of fields and of the state that they make up.
import type { FieldDescription } from '../../journal/description.ts';
import type { FieldSpec, StateSpec } from '../spec.ts';
import type { CheckStorable } from './storable.ts';
import type { Flat } from './type-message.ts';

/** A field of the state. Made by `last()`, `append()`, `sum()` and the like. */
export interface Field<Value, Delta, IsRequired extends boolean> {
  /** @internal */
  readonly '~field': Omit<FieldSpec, 'name'> & { readonly description: FieldDescription };
  /** For the types only: it never has a value. */
  readonly '~types'?: { readonly value: Value; readonly delta: Delta; readonly isRequired: IsRequired } | undefined;
}

export type AnyField = Field<unknown, unknown, boolean>;
export type FieldMap = Readonly<Record<string, AnyField>>;

/** What the types need to know about a state: its value, the delta that a node may return, and the input of a run. */
export interface Shape {
  readonly state: unknown;
  readonly delta: unknown;
  readonly input: unknown;
}

/** A state, and how deltas are merged into it. Made by `fields()` or `reducer()`. */
export interface State<S extends Shape> {
  /** @internal */
  readonly '~state': StateSpec;
  readonly '~types'?: S | undefined;
}

type TypesOf<F extends AnyField> = NonNullable<F['~types']>;
type RequiredKeys<Map extends FieldMap> = {
  [Key in keyof Map]: TypesOf<Map[Key]>['isRequired'] extends true ? Key : never;
}[keyof Map];

export type StateOfFields<Map extends FieldMap> = Flat<{ readonly [Key in keyof Map]: TypesOf<Map[Key]>['value'] }>;
export type DeltaOfFields<Map extends FieldMap> = Flat<{ readonly [Key in keyof Map]?: TypesOf<Map[Key]>['delta'] }>;
/** The input is a first delta, in which fields without an initial value are required. */
export type InputOfFields<Map extends FieldMap> = Flat<
  { readonly [Key in RequiredKeys<Map>]: TypesOf<Map[Key]>['delta'] } & {
    readonly [Key in Exclude<keyof Map, RequiredKeys<Map>>]?: TypesOf<Map[Key]>['delta'];
  }
>;

export type CheckFields<Map extends FieldMap> = {
  readonly [Key in keyof Map]: CheckStorable<TypesOf<Map[Key]>['value'], Key & string>;
};
