// A change between two descriptions of a graph, as data: names stay separate, so code can act on them. Only
// `graph-divergence.ts` turns it into text.
import type { Value } from '../../base/value.ts';

/** A part that is compared on its own, so that adding one does not shift the others. */
export interface GraphPart {
  /** `state`: one function for the whole state. `field`: one of the fields of a state. */
  readonly kind: 'name' | 'version' | 'schemas' | 'start' | 'state' | 'field' | 'node' | 'edge' | 'join';
  /** The field or node; for an edge or join, its sources and then its target. Empty for everything else. */
  readonly names: readonly string[];
  /** Counts edges between the same nodes: 0, 1, … in declared order. 0 for everything else. */
  readonly ordinal: number;
  /** The nodes whose subgraphs hold the part, from the outside in. Empty for the graph itself. */
  readonly subgraph: readonly string[];
}

export interface PartChange extends GraphPart {
  readonly change: 'added' | 'removed' | 'changed';
  /** The first difference inside a changed part (`.attempts`); empty if the whole part differs. */
  readonly path: string;
  readonly recorded: Value;
  readonly replayed: Value;
}

/** The nodes or the edges of one graph are declared in a different order. Only parts in both graphs are compared. */
export interface OrderChange {
  readonly kind: 'order';
  readonly change: 'reordered';
  /**
   * The nodes whose outgoing edges changed order, which decides the ranks of the tasks they lead to. Empty if the order
   * makes no difference to a run.
   */
  readonly names: readonly string[];
  readonly subgraph: readonly string[];
  /** The first parts that differ. */
  readonly recorded: GraphPart;
  readonly replayed: GraphPart;
}

export type GraphChange = PartChange | OrderChange;
