// The inputs of nodes.
import type { StandardSchema } from './standard-schema.ts';
import type { CheckStorable } from './storable.ts';

// These two are aliases, not interfaces, so that a declaration file can write them out if it cannot name them.
/** An input that only the types know: `input<{ topic: string }>()`. */
export type InputType<Value> = {
  readonly kind: 'input';
  readonly '~types'?: { readonly input: Value } | undefined;
};
/** The input of a node that takes failures: `failure()`. */
export type FailureType = { readonly kind: 'failure' };

/** The input of a node that `onError` names. */
export interface Failure {
  /** The node that failed. */
  readonly node: string;
  /** The code of its error, or the name of the error if it has no code. */
  readonly code: string;
  readonly message: string;
  readonly attempts: number;
}

export type InputSpec = InputType<unknown> | FailureType | StandardSchema<unknown, unknown>;
export type InputSpecs = Readonly<Record<string, InputSpec>>;

/** By node: what `send` takes, and what the node receives. A schema may fill in defaults in between. */
export type Inputs = Readonly<Record<string, { readonly given: unknown; readonly received: unknown }>>;

export type InputsOf<Specs extends InputSpecs> = { readonly [Key in keyof Specs]: InputOfSpec<Specs[Key]> };
type InputOfSpec<Spec> =
  Spec extends StandardSchema<infer Given, infer Received>
    ? { readonly given: Given; readonly received: Received }
    : Spec extends InputType<infer Value>
      ? { readonly given: Value; readonly received: Value }
      : { readonly given: Failure; readonly received: Failure; readonly isFailure: true };

export type CheckInputs<Specs extends InputSpecs> = {
  readonly [Key in keyof Specs]: CheckStorable<InputOfSpec<Specs[Key]>['received'], Key & string>;
};

export type ReceivedFor<Name, I extends Inputs> = Name extends keyof I ? I[Name]['received'] : undefined;
export type GivenFor<Name, I extends Inputs> = Name extends keyof I ? I[Name]['given'] : undefined;

/** The nodes that `onError` may name. */
export type FailureNodes<I extends Inputs> = {
  [Key in keyof I & string]: I[Key] extends { readonly isFailure: true } ? Key : never;
}[keyof I & string];
