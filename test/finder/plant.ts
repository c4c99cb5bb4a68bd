import type { AnyGraph } from '../../src/graph/built-graph.ts';
import type { Compare } from '../../src/explore/run/comparison.ts';
import type { PlannedFaults } from '../../src/explore/fault/fault-plan.ts';
import type { Outside } from '../../src/fake/outside.ts';
import type { Finding, RungName } from '../../src/report/explore/explore-facts.ts';

/** A graph whose result depends on the order, on purpose. */
export interface Plant {
  readonly title: string;
  /** The rung that finds it at the latest. */
  readonly rung: RungName;
  /** How many holds are needed to show it. */
  readonly depth: number;
  /** The variable that carries the order into the result, which the finding names. */
  readonly variable?: string;
  /** Others are written beside it, and are no cause: it is named before them. */
  readonly isNamedFirst?: true;
  /** What the finding is, where it could be told as another thing. */
  readonly kind?: Finding['kind'];
  /** Makes the graph, and the variables that its nodes share. */
  readonly make: () => AnyGraph;
  /** How long its recording waits for answers that the graph has left behind. */
  readonly lateAnswersMs?: number;
  /** Explored with fakes, in place of a recording. */
  readonly outside?: () => Outside;
  /** Of one of faults: what fails; `all` by default. */
  readonly faults?: PlannedFaults | 'none';
  /** Of one of several causes: whether something dies; by default it does. */
  readonly crashes?: false;
  /** What must be the same; what `explore` takes by default. */
  readonly compare?: Compare;
  /** What must hold. */
  readonly invariant?: (run: { readonly state: unknown }, outside: never) => unknown;
}

/** A graph whose result depends on no order. */
export interface Correct {
  readonly title: string;
  readonly make: () => AnyGraph;
}
