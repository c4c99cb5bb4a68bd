// A built graph: immutable, validated, ready for an engine.
import type { NodeContext } from './types/context-types.ts';
import type { Shape } from './types/field-types.ts';
import type { Inputs } from './types/input-types.ts';
import type { NodeResult, NodeReturn } from './types/node-types.ts';
import type { GraphSpec } from './spec.ts';

/** A graph whose types are erased. */
export interface BuiltGraph {
  readonly kind: 'graph';
  readonly name: string;
  readonly nodeNames: readonly string[];
  /** @internal */
  readonly spec: GraphSpec;
}

// biome-ignore lint/suspicious/noConfusingVoidType: a node function that ends without a return gives void
type Nothing = void;

/**
 * A function in the place of a node, given to `graph.with`: it gets what the node gets, and returns what that may return.
 *
 * ```ts
 * import { createEngine, fields, graph, last } from 'reprise';
 *
 * const desk = graph('desk', { state: fields({ question: last<string>(), answer: last('') }) })
 *   .node('ask', async (state) => ({ delta: { answer: await (await fetch(`https://model.test/${state.question}`)).text() } }))
 *   .start('ask')
 *   .build();
 *
 * const engine = createEngine(desk.with({ ask: (state) => ({ delta: { answer: `${state.question}!` } }) }));
 * console.log((await engine.run({ question: 'Why' }).orThrow()).answer); // Why!
 * await engine.close();
 * ```
 */
export type FakeNode<S extends Shape, Input> = (
  state: S['state'],
  context: NodeContext<Input, Inputs, S['delta']>,
) => NodeReturn<S['delta'], NodeResult<S['delta']> | Nothing>;

/**
 * `Received` maps the name of each node to the input that it receives: `undefined` if an edge or `goto` may reach it.
 */
export interface Graph<S extends Shape, Received> extends BuiltGraph {
  readonly nodeNames: readonly (keyof Received & string)[];
  /**
   * The same graph with other functions in the place of nodes, for tests. Names, edges and policies stay.
   *
   * @throws RepriseError `option-invalid`
   */
  with(fakes: { readonly [Name in keyof Received & string]?: FakeNode<S, Received[Name]> }): Graph<S, Received>;
  readonly '~types'?: { readonly shape: S; readonly received: Received } | undefined;
}

/** Any graph. Types such as `StateOf` still find its types. */
export interface AnyGraph extends BuiltGraph {
  readonly '~types'?: { readonly shape: Shape; readonly received: unknown } | undefined;
}
type ShapeOf<G extends AnyGraph> = NonNullable<G['~types']>['shape'];

/** The names of the nodes of a graph. */
export type NodeNameOf<G extends AnyGraph> = keyof NonNullable<G['~types']>['received'] & string;
/** The state of the runs of a graph. */
export type StateOf<G extends AnyGraph> = ShapeOf<G>['state'];
/** The delta that the nodes of a graph return. */
export type DeltaOf<G extends AnyGraph> = ShapeOf<G>['delta'];
/** The input of the runs of a graph. */
export type InputOf<G extends AnyGraph> = ShapeOf<G>['input'];
