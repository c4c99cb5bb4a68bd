// The types of a graph's schemas, and what the compiler can see of a schema that does not belong to its graph.
import type { Shape } from './field-types.ts';
import type { StandardSchema } from './standard-schema.ts';
import type { IsAny, KeysOfUnion, Quoted, TypeMessage } from './type-message.ts';

/**
 * Standard Schemas (zod, valibot, arktype and others), checked at run time, in live runs and in replays. They must be
 * pure and synchronous.
 */
export interface GraphSchemas<S extends Shape, Given, Checked> {
  /**
   * A task fails if its delta leaves a state that does not fit; the error holds the path. The schema only checks, and
   * changes nothing.
   */
  readonly state?: StandardSchema<Checked, unknown> & NoInfer<CheckStateSchema<Checked, S['state']>>;
  /** An input that does not fit is refused before the run begins. The run begins with what the schema returns. */
  readonly input?: StandardSchema<Given, LooseInput<S['input']>>;
}

/** Schemas give `undefined` for what may be left out, even if the state distinguishes the two. */
type LooseInput<Input> = {
  [Key in keyof Input]: Input[Key] | (object extends Pick<Input, Key> ? undefined : never);
};

// An alias, not an interface, so that a declaration file can write it out if it cannot name it.
/** The input of a run is then what the schema of the input takes. */
export type WithInput<S extends Shape, Given> = {
  readonly state: S['state'];
  readonly delta: S['delta'];
  readonly input: Given;
};

/** `unknown` if the schema may be about the state: each field it names exists, and could have a value that fits. */
type CheckStateSchema<Checked, State> =
  IsAny<Checked> extends true
    ? unknown
    : unknown extends Checked
      ? unknown
      : [Exclude<KeysOfUnion<Checked>, KeysOfUnion<State>>] extends [never]
        ? [ForeignFields<Checked, State>] extends [never]
          ? unknown
          : TypeMessage<`the schema of the state can never fit ${Quoted<ForeignFields<Checked, State>>}`>
        : TypeMessage<`the schema of the state names ${Quoted<Exclude<KeysOfUnion<Checked>, KeysOfUnion<State>>>}, which is not a field of this graph's state`>;

/** The fields whose types in the schema and in the state have nothing in common. */
type ForeignFields<Checked, State> = {
  [Key in keyof Checked & keyof State & string]-?: [Checked[Key]] extends [State[Key]]
    ? never
    : [State[Key]] extends [Checked[Key]]
      ? never
      : [Checked[Key] & State[Key]] extends [never]
        ? Key
        : never;
}[keyof Checked & keyof State & string];
