// The types of a graph's schemas: what of a schema that does not belong to its graph the compiler can see.
import type { Shape } from './field-types.ts';
import type { StandardSchema } from './standard-schema.ts';
import type { IsAny, KeysOfUnion, Quoted, TypeMessage } from './type-message.ts';

/**
 * Standard Schemas (zod, valibot, arktype and others), asked at run time, live and in each replay. They have to be pure and
 * answer at once.
 */
export interface GraphSchemas<S extends Shape, Given, Checked> {
  /** A task whose delta leaves a state that does not fit fails, with the path; the schema looks, and changes nothing. */
  readonly state?: StandardSchema<Checked, unknown> & NoInfer<CheckStateSchema<Checked, S['state']>>;
  /** An input that does not fit is refused before the run begins; the run begins with what the schema makes of it. */
  readonly input?: StandardSchema<Given, LooseInput<S['input']>>;
}

/** Schemas give `undefined` for what may be left out, also where that is told apart from leaving it out. */
type LooseInput<Input> = {
  [Key in keyof Input]: Input[Key] | (object extends Pick<Input, Key> ? undefined : never);
};

// An alias, not an interface: a declaration file can then write it out where it cannot name it.
/** What runs begin with is what the schema of the input takes. */
export type WithInput<S extends Shape, Given> = {
  readonly state: S['state'];
  readonly delta: S['delta'];
  readonly input: Given;
};

/** `unknown` if a schema may be about the state: every field that it names is there, and could have a value that fits. */
type CheckStateSchema<Checked, State> =
  IsAny<Checked> extends true
    ? unknown
    : unknown extends Checked
      ? unknown
      : [Exclude<KeysOfUnion<Checked>, KeysOfUnion<State>>] extends [never]
        ? [ForeignFields<Checked, State>] extends [never]
          ? unknown
          : TypeMessage<`the schema of the state can never fit ${Quoted<ForeignFields<Checked, State>>}`>
        : TypeMessage<`the schema of the state names ${Quoted<Exclude<KeysOfUnion<Checked>, KeysOfUnion<State>>>}, which is no field of this graph's state`>;

/** The fields of which the schema and the state have types that have nothing in common. */
type ForeignFields<Checked, State> = {
  [Key in keyof Checked & keyof State & string]-?: [Checked[Key]] extends [State[Key]]
    ? never
    : [State[Key]] extends [Checked[Key]]
      ? never
      : [Checked[Key] & State[Key]] extends [never]
        ? Key
        : never;
}[keyof Checked & keyof State & string];
