// The builder as a user sees it: every name and value is checked where it is written.
import type { AnyGraph, Graph, InputOf, StateOf } from './built-graph.ts';
import type { NodeContext } from './context-types.ts';
import type { Shape } from './field-types.ts';
import type { Inputs, ReceivedFor } from './input-types.ts';
import type { AnyChunk, AnyOut, NodeFunction, NodeOptions, TypedNode } from './node-types.ts';
import type { Dangling, Mentions } from './route-types.ts';
import type { Quoted, TypeMessage } from './type-message.ts';

type CheckNew<Name extends string, Names extends string> = Name extends Names
  ? TypeMessage<`"${Name}" is a node already`>
  : unknown;

// The known names stand beside the one that was given, so that editors complete them. That both are conditional types
// makes the compiler show the sentence, and not the name of the type.
/** Names that are nodes; a sentence for any other. */
type NodeName<Name extends string, Names extends string> = [Names] extends [never]
  ? TypeMessage<'this graph has no node yet: call .node(name, …) first'>
  : Names | (Name & CheckKnown<Name, Names>);
type CheckKnown<Name extends string, Names extends string> = Name extends Names
  ? unknown
  : TypeMessage<`"${Name}" is no node of this graph yet: call .node("${Name}", …) first`>;

/** Names of nodes that take no input: only those are reached by an edge, a join or a start. */
type ReachableName<Name extends string, Names extends string, I extends Inputs> = [Names] extends [never]
  ? TypeMessage<'this graph has no node yet: call .node(name, …) first'>
  : Exclude<Names, keyof I> | (Name & CheckKnown<Name, Names> & CheckReachable<Name, I>);
type CheckReachable<Name extends string, I extends Inputs> = Name extends keyof I
  ? TypeMessage<`"${Name}" needs an input, so it is reached by send("${Name}", …) only`>
  : unknown;

export interface EdgeOptions<State> {
  /** The edge is taken if this holds for the merged state. */
  readonly when?: (state: State) => boolean;
  /** Shown where the graph is drawn. */
  readonly label?: string;
}

export interface SubgraphMapping<S extends Shape, Child extends AnyGraph, Context> {
  /** What the inner run begins with. */
  readonly input: (state: S['state'], context: Context) => InputOf<Child>;
  /** The delta that the inner run's last state makes. */
  readonly output: (child: StateOf<Child>) => S['delta'];
}

/** What a subgraph's `input` is given besides the state. */
export type SubgraphContext<Input> = Pick<NodeContext<Input, Inputs>, 'input'>;

/**
 * Collects the parts of a graph. It is immutable: every method gives a new builder.
 *
 * `Mentioned` are names that routes lead to; they may be declared later, so `build` looks at them.
 */
export interface GraphBuilder<
  S extends Shape,
  I extends Inputs,
  Names extends string,
  Mentioned,
  IsStarted extends boolean,
> {
  /** Types and checks a node function in a file of its own; gives it back as it is. */
  define<const Name extends string, Chunk extends AnyChunk<S['delta']>, Out extends AnyOut<S['delta']>>(
    name: Name,
    run: NodeFunction<S, I, Name, Chunk, Out>,
  ): TypedNode<S, I, Name, Chunk, Out>;
  /** A node: state and context in, `{ delta, route }` out. An async generator yields partial deltas before that. */
  node<const Name extends string, Chunk extends AnyChunk<S['delta']>, Out extends AnyOut<S['delta']>>(
    name: Name & CheckNew<Name, Names>,
    run: NodeFunction<S, I, Name, Chunk, Out>,
    options?: NodeOptions<I, S['delta']>,
  ): GraphBuilder<S, I, Names | Name, Mentioned | Mentions<Name, Out>, IsStarted>;
  /** A built graph as a node, with steps of its own. */
  subgraph<const Name extends string, Child extends AnyGraph>(
    name: Name & CheckNew<Name, Names>,
    child: Child,
    mapping: SubgraphMapping<S, Child, SubgraphContext<ReceivedFor<Name, I>>>,
    options?: NodeOptions<I>,
  ): GraphBuilder<S, I, Names | Name, Mentioned, IsStarted>;
  /** After `from` comes `to`, unless `from` returns a route. */
  edge<const From extends string, const To extends string>(
    from: NodeName<From, Names>,
    to: ReachableName<To, Names, I>,
    options?: EdgeOptions<S['state']>,
  ): GraphBuilder<S, I, Names, Mentioned, IsStarted>;
  /** `to` comes once all of `from` have completed, in whichever steps. */
  join<const From extends string, const To extends string>(
    from: readonly NodeName<From, Names>[],
    to: ReachableName<To, Names, I>,
  ): GraphBuilder<S, I, Names, Mentioned, IsStarted>;
  /** The first node of a run. */
  start<const Name extends string>(name: ReachableName<Name, Names, I>): GraphBuilder<S, I, Names, Mentioned, true>;
  /**
   * The graph, validated and frozen.
   *
   * @throws RepriseError `graph-invalid` with every problem that was found.
   */
  readonly build: IsStarted extends false
    ? TypeMessage<'call .start(name) before .build()'>
    : [Exclude<keyof I & string, Names>] extends [never]
      ? [Dangling<Mentioned, Names>] extends [never]
        ? () => Graph<S, { readonly [Name in Names]: ReceivedFor<Name, I> }>
        : TypeMessage<Dangling<Mentioned, Names>>
      : TypeMessage<`an input is declared for ${Quoted<Exclude<keyof I & string, Names>>}, which is no node of this graph`>;
}
