// The builder as users see it: every name and value is checked at the place where it is written.
import type { AnyGraph, Graph, InputOf, StateOf } from '../built-graph.ts';
import type { NodeContext } from './context-types.ts';
import type { Shape } from './field-types.ts';
import type { Inputs, ReceivedFor } from './input-types.ts';
import type { AnyChunk, AnyOut, NodeFunction, NodeOptions, TypedNode } from './node-types.ts';
import type { Dangling, Mentions } from './route-types.ts';
import type { Quoted, TypeMessage } from './type-message.ts';

type CheckNew<Name extends string, Names extends string> = Name extends Names
  ? TypeMessage<`"${Name}" is already a node`>
  : unknown;

// The known names are part of the union, so that editors complete them. Both types are conditional, which makes the
// compiler show the sentence instead of the name of the type.
/** The name of a node. Any other name yields a sentence. */
type NodeName<Name extends string, Names extends string> = [Names] extends [never]
  ? TypeMessage<'this graph has no node yet: call .node(name, …) first'>
  : Names | (Name & CheckKnown<Name, Names>);
type CheckKnown<Name extends string, Names extends string> = Name extends Names
  ? unknown
  : TypeMessage<`"${Name}" is not a node of this graph yet: call .node("${Name}", …) first`>;

/** The name of a node that takes no input. Edges, joins and the start can reach only those. */
type ReachableName<Name extends string, Names extends string, I extends Inputs> = [Names] extends [never]
  ? TypeMessage<'this graph has no node yet: call .node(name, …) first'>
  : Exclude<Names, keyof I> | (Name & CheckKnown<Name, Names> & CheckReachable<Name, I>);
type CheckReachable<Name extends string, I extends Inputs> = Name extends keyof I
  ? TypeMessage<`"${Name}" needs an input, so only send("${Name}", …) can reach it`>
  : unknown;

export interface EdgeOptions<State> {
  /** The edge is taken only if this returns true for the merged state. */
  readonly when?: (state: State) => boolean;
  /** Shown in drawings of the graph. */
  readonly label?: string;
}

export interface SubgraphMapping<S extends Shape, Child extends AnyGraph, Context> {
  /** Returns the input of the inner run. */
  readonly input: (state: S['state'], context: Context) => InputOf<Child>;
  /** Returns this node's delta from the last state of the inner run. */
  readonly output: (child: StateOf<Child>) => S['delta'];
}

/** What the `input` function of a subgraph gets besides the state. */
export type SubgraphContext<Input> = Pick<NodeContext<Input, Inputs>, 'input'>;

/**
 * Collects the parts of a graph. A builder is immutable: every method returns a new one.
 *
 * `Mentioned` holds the names that routes lead to. They may be declared later, so `build` checks them.
 */
export interface GraphBuilder<
  S extends Shape,
  I extends Inputs,
  Names extends string,
  Mentioned,
  IsStarted extends boolean,
> {
  /** Types and checks a node function in a file of its own, and returns it unchanged. */
  define<const Name extends string, Chunk extends AnyChunk<S['delta']>, Out extends AnyOut<S['delta']>>(
    name: Name,
    run: NodeFunction<S, I, Name, Chunk, Out>,
  ): TypedNode<S, I, Name, Chunk, Out>;
  /**
   * Adds a node: a function from state and context to `{ delta, route }`. An async generator yields partial deltas
   * first.
   */
  node<const Name extends string, Chunk extends AnyChunk<S['delta']>, Out extends AnyOut<S['delta']>>(
    name: Name & CheckNew<Name, Names>,
    run: NodeFunction<S, I, Name, Chunk, Out>,
    options?: NodeOptions<I, S['delta']>,
  ): GraphBuilder<S, I, Names | Name, Mentioned | Mentions<Name, Out>, IsStarted>;
  /** Adds a built graph as a node, with steps of its own. */
  subgraph<const Name extends string, Child extends AnyGraph>(
    name: Name & CheckNew<Name, Names>,
    child: Child,
    mapping: SubgraphMapping<S, Child, SubgraphContext<ReceivedFor<Name, I>>>,
    options?: Omit<NodeOptions<I>, 'accumulate' | 'resumable' | 'emptyRoute' | 'maxConcurrent' | 'on'>,
  ): GraphBuilder<S, I, Names | Name, Mentioned, IsStarted>;
  /** Runs `to` after `from`, unless `from` returns a route. */
  edge<const From extends string, const To extends string>(
    from: NodeName<From, Names>,
    to: ReachableName<To, Names, I>,
    options?: EdgeOptions<S['state']>,
  ): GraphBuilder<S, I, Names, Mentioned, IsStarted>;
  /** Runs `to` once all of `from` have completed, in whatever steps. */
  join<const From extends string, const To extends string>(
    from: readonly NodeName<From, Names>[],
    to: ReachableName<To, Names, I>,
  ): GraphBuilder<S, I, Names, Mentioned, IsStarted>;
  /** Sets the first node of a run. */
  start<const Name extends string>(name: ReachableName<Name, Names, I>): GraphBuilder<S, I, Names, Mentioned, true>;
  /**
   * Validates the graph and freezes it.
   *
   * @throws RepriseError `graph-invalid`, with every problem that was found
   */
  readonly build: IsStarted extends false
    ? TypeMessage<'call .start(name) before .build()'>
    : [Exclude<keyof I & string, Names>] extends [never]
      ? [Dangling<Mentioned, Names>] extends [never]
        ? () => Graph<S, { readonly [Name in Names]: ReceivedFor<Name, I> }>
        : TypeMessage<Dangling<Mentioned, Names>>
      : TypeMessage<`an input is declared for ${Quoted<Exclude<keyof I & string, Names>>}, which is not a node of this graph`>;
}
