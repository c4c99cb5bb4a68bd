// Where a node sends the run next, and what the compiler says about routes that lead nowhere.
import type { Inputs, GivenFor, ReceivedFor } from './input-types.ts';
import type { TypeMessage } from './type-message.ts';

/** Continues the run at a node that takes no input of its own. Made by `goto` of the context. */
export interface Goto<Name extends string> {
  readonly kind: 'goto';
  readonly node: Name;
}
/** Starts a task of a node with an input of its own. Made by `send` of the context, once for each item of a fan-out. */
export interface Send<Name extends string, Input> {
  readonly kind: 'send';
  readonly node: Name;
  readonly input: Input;
}
/** Ends a branch of the run, although the node has edges. Made by `stop` of the context. */
export interface Stop {
  readonly kind: 'stop';
}
/**
 * Where a node sends the run next. Make routes by `goto`, `send` and `stop` of the context, which check names and
 * inputs.
 */
export type AnyRoute = Goto<string> | Send<string, unknown> | Stop;

/** The name of a node that `send` can reach. Any other name yields a sentence. */
type SendTarget<Name extends string, I extends Inputs> = [keyof I] extends [never]
  ? TypeMessage<'no node takes an input: declare it with graph(name, { state, inputs: { … } })'>
  : (keyof I & string) | (Name & CheckSend<Name, I>);
type CheckSend<Name extends string, I extends Inputs> = Name extends keyof I
  ? unknown
  : TypeMessage<`"${Name}" takes no input: declare it in inputs, or use goto("${Name}")`>;

type CheckGoto<Name extends string, I extends Inputs> =
  undefined extends ReceivedFor<Name, I> ? unknown : TypeMessage<`"${Name}" needs an input: use send("${Name}", …)`>;

/** Part of a node's context, so that names and inputs are completed and checked where they are written. */
export interface Routes<I extends Inputs> {
  /** Starts a task of its own for the node, with this input. */
  send<const Name extends string>(
    this: void,
    node: SendTarget<Name, I>,
    input: GivenFor<Name, I>,
  ): Send<Name, GivenFor<Name, I>>;
  /**
   * Continues at the node. Several edges and `goto`s that lead to it in one step share one task. It may be declared
   * later.
   */
  goto<const Name extends string>(this: void, node: Name & CheckGoto<Name, I>): Goto<Name>;
  /** Ends this branch. */
  stop(this: void): Stop;
}

/** The routes that a result of a node may take. */
export type RoutesIn<Out> = Out extends { readonly route: infer Route }
  ? Route extends readonly (infer Item)[]
    ? Item
    : Route
  : never;

/**
 * The names that the routes of a node mention, each as `[by, to]`. They may be declared later, so `build` checks them.
 */
export type Mentions<From extends string, Out> =
  RoutesIn<Out> extends infer Route
    ? Route extends { readonly node: infer To extends string }
      ? string extends To
        ? never
        : readonly [From, To]
      : never
    : never;

/** A sentence for each mention of a name that is not a node. */
export type Dangling<Mention, Names extends string> = Mention extends readonly [
  infer From extends string,
  infer To extends string,
]
  ? To extends Names
    ? never
    : `"${From}" routes to "${To}", which is not a node of this graph`
  : never;
