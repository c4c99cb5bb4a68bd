import type { AnyGraph } from '../../src/graph/built-graph.ts';

/** A graph whose recording came out as it did by an accident of order. */
export interface Explained {
  readonly title: string;
  /** How many holds say which order at most. */
  readonly depth: number;
  /** The variable that carries the order into the result. */
  readonly variable: string;
  /** `asked`: how long the outside takes to answer. */
  readonly make: (asked: (what: string) => Promise<string>) => AnyGraph;
}
