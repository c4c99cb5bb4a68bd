// What updates of fixtures changed, as data: for one fixture, and by kind over all of them.
import type { DivergenceKind } from '../../diff/divergence.ts';
import type { Value } from '../../base/value.ts';

/**
 * `renamed`: a node, or the graph, has another name. `performed`: an effect that was not recorded was asked for live. `end`:
 * the run ends with another status. `once`: an effect is marked so, or no longer.
 */
export type ChangeKind =
  | Exclude<DivergenceKind, 'request' | 'missing effect' | 'answer'>
  | 'renamed'
  | 'performed'
  | 'once'
  | 'end';

/** One thing that is another in the fixture now. */
export interface FixtureChange {
  readonly kind: ChangeKind;
  /** What it is about, the same in all fixtures: `"triage" delta.priority`, `POST /v1/messages`. */
  readonly about: string;
  /** Where it is in the run: a key, or the address of an effect. Empty for what concerns the whole run. */
  readonly at: string;
  readonly recorded: Value;
  readonly replayed: Value;
  /** Of an effect that was performed: how it failed, or the status of its answer from 400 on. It is recorded like that. */
  readonly failure?: string;
  /** It follows from another change. */
  readonly follows?: true;
}

/** What the code asks for and a fixture does not hold. */
export interface MissingEffect {
  /** `POST /v1/messages`, `effect "pay"`. */
  readonly about: string;
  readonly request: Value;
}

/** What became of one fixture when it was updated, as plain data. `updateText` makes text of it. */
export interface UpdatedFixture {
  readonly fixture: string;
  /** `unchanged`: the file is as today's code would have it. `refused`: it stays byte for byte as it was. */
  readonly verdict: 'unchanged' | 'updated' | 'refused';
  /**
   * Why it was refused: what the code asks for was not recorded, it would ask the outside with marks of what is redacted and
   * may not (`sendMarks`), it asks people or waits for a signal where nothing was recorded, the run failed by what was
   * performed for real, it waits for something else that the fixture does not hold, the new file would not replay, the run has
   * no end, or a rule by which the fixture was redacted is not known here, so that what is new could not be redacted by it.
   */
  readonly why?:
    | 'not recorded'
    | 'redacted'
    | 'nobody is asked'
    | 'failed live'
    | 'stalled'
    | 'does not replay'
    | 'limit reached'
    | 'rule unknown';
  /** For `not recorded` and `redacted`: what the code asks for and the fixture does not hold, as far as it came. */
  readonly missing?: readonly MissingEffect[];
  /** For `updated`: how often the code read a clock or a random value that the fixture does not hold. The replay made one up. */
  readonly unrecordedReads?: number;
  /** The first of them, and where. */
  readonly unrecordedRead?: string;
  /** For `failed live`: what failed, and how. */
  readonly failure?: string;
  readonly changes: readonly FixtureChange[];
}

/** The same change in one or more fixtures. */
export interface ChangeGroup {
  readonly kind: ChangeKind;
  readonly about: string;
  readonly fixtureCount: number;
  /** How often, over all fixtures. */
  readonly count: number;
  /** The values, if they are the same everywhere. */
  readonly values?: { readonly recorded: Value; readonly replayed: Value };
  /** The first fixture that has it. */
  readonly example: string;
  readonly failure?: string;
  readonly follows?: true;
}

/**
 * What `updateSummary` makes of many updated fixtures: how many there are of each verdict, and their changes in groups.
 */
export interface UpdateSummary {
  readonly version: 1;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: number;
  /** What somebody has to look at: changes that follow from no other one first, and those in many fixtures before others. */
  readonly groups: readonly ChangeGroup[];
}
