// The inputs of nodes that are sent to.
import type { StandardSchema } from './standard-schema.ts';
import type { CheckStorable } from './storable.ts';

// These two are aliases, not interfaces: a declaration file can then write them out where it cannot name them.
/** An input declared for the types alone: `input<{ topic: string }>()`. */
export type InputType<Value> = {
  readonly kind: 'input';
  readonly '~types'?: { readonly input: Value } | undefined;
};
/** The input of a node that takes failures: `failure()`. */
export type FailureType = { readonly kind: 'failure' };

/** What a node named by `onError` is given. */
export interface Failure {
  /** The node that failed. */
  readonly node: string;
  /** The code of its error, or the error's name where it has none. */
  readonly code: string;
  readonly message: string;
  readonly attempts: number;
}

export type InputSpec = InputType<unknown> | FailureType | StandardSchema<unknown, unknown>;
export type InputSpecs = Readonly<Record<string, InputSpec>>;

/** By node: what `send` is given, and what the node receives; a schema may fill in defaults between the two. */
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
