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

/**
 * `Received` maps the name of each node to the input that it receives: `undefined` if an edge or `goto` may reach it.
 */
export interface Graph<S extends Shape, Received> extends BuiltGraph {
  readonly nodeNames: readonly (keyof Received & string)[];
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
