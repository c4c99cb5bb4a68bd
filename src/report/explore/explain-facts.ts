// Which order makes today's code come out as the recording did, as data. It never says that the code has changed: that no
// such order was found is all that a search can tell.
import type { Divergence } from '../../diff/divergence.ts';
import type { ExploredRun, NamedHold, Uncontrolled, WrittenVariable } from './explore-facts.ts';

/** What `explain` has found, as plain data, and `explainText` prints. Branch on `verdict`. */
export interface ExplainFacts {
  readonly version: 1;
  readonly graph: string;
  readonly fixture: string;
  readonly seed: string;
  readonly verdict: /** One order comes out as recorded, and another one does not. */
    | 'race'
    /** No such order was found, or every order that was tried comes out as recorded. */
    | 'no race found'
    /** The run waits for something that nobody controls, or the same order came out differently the second time. */
    | 'uncontrolled';
  /** How each order comes out that is not searched for. */
  readonly fifo: ComesOut;
  /** `not kept`: the fixture does not say in which order things came. */
  readonly recordedOrder: ComesOut | 'not kept';
  /** The run in the order that comes nearest to the recording. */
  readonly run: ExploredRun;
  /** The steps that are as recorded in that order, of those that the recording has. */
  readonly steps: { readonly right: number; readonly of: number };
  /** All runs that were made, those for shrinking included. */
  readonly schedules: number;
  /** For `race`: the order that comes out as recorded. */
  readonly race?: ExplainedRace;
  /**
   * What differs from the recording: for `race` in the order that does not come out as recorded, otherwise in the one that
   * comes nearest.
   */
  readonly divergences: readonly Divergence[];
  readonly uncontrolled: readonly Uncontrolled[];
}

/** Whether a run in one order ends in the recorded way. */
export type ComesOut = 'as recorded' | 'differently';

/**
 * The smallest order that was found to come out as recorded, where another does not. Give `schedule` to `only` to see
 * it again.
 */
export interface ExplainedRace {
  /** As text, to be given back. */
  readonly schedule: string;
  readonly holds: readonly NamedHold[];
  /** Where it was found, and how many orders had been tried. */
  readonly from: 'first in, first out' | 'the recorded order' | 'search' | 'given';
  readonly after: number;
  /** How many holds it had, and how many runs it took to take the rest away. */
  readonly shrunk: { readonly from: number; readonly runs: number };
  /** Variables that the attempts of the order wrote: how it gets into the result. */
  readonly variables?: readonly WrittenVariable[];
}
