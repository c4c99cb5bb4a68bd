// A built graph: immutable, validated, ready for an engine.
import type { Shape } from './field-types.ts';
import type { GraphSpec } from './spec.ts';

/** A graph whose types are erased. */
export interface BuiltGraph {
  readonly kind: 'graph';
  readonly name: string;
  readonly nodeNames: readonly string[];
  /** @internal */
  readonly spec: GraphSpec;
}

/** `Received` maps each node's name to the input that it receives: `undefined` if an edge or `goto` may reach it. */
export interface Graph<S extends Shape, Received> extends BuiltGraph {
  readonly nodeNames: readonly (keyof Received & string)[];
  readonly '~types'?: { readonly shape: S; readonly received: Received } | undefined;
}

/** Any graph, its types still there to be asked for. */
export interface AnyGraph extends BuiltGraph {
  readonly '~types'?: { readonly shape: Shape; readonly received: unknown } | undefined;
}
type ShapeOf<G extends AnyGraph> = NonNullable<G['~types']>['shape'];

/** The names of a graph's nodes. */
export type NodeNameOf<G extends AnyGraph> = keyof NonNullable<G['~types']>['received'] & string;
/** The state of a graph's runs. */
export type StateOf<G extends AnyGraph> = ShapeOf<G>['state'];
/** What a node of the graph returns as its delta. */
export type DeltaOf<G extends AnyGraph> = ShapeOf<G>['delta'];
/** What a run of the graph begins with. */
export type InputOf<G extends AnyGraph> = ShapeOf<G>['input'];
