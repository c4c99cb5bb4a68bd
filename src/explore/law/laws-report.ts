// What `reducerLaws` reports, as data.
import type { ReducerPromise } from '../../graph/reducer-promise.ts';
import type { FieldKind } from '../../journal/description.ts';
import type { Broken, LawCase, LawName } from './reducer-law.ts';

/** A smallest case that breaks a law. */
export interface LawCounterexample extends LawCase, Broken {
  /** Whether nodes have written each of its deltas in a recorded run. */
  readonly isRecorded: boolean;
}

/** What became of one law for one field. Only a broken law that was asked for makes the report `broken`. */
export interface LawResult {
  readonly law: LawName;
  /** `always`: every merge must keep it. `unpromised`: breaking it is no fault. */
  readonly asked: 'always' | 'promised' | 'unpromised';
  /** `unchecked`: a law that comes first is broken, so this one would show nothing. */
  readonly outcome: 'kept' | 'broken' | 'unchecked';
  /** How many cases were tried. */
  readonly cases: number;
  readonly counterexample?: LawCounterexample;
}

/**
 * What was found out about the reducer of one field: which laws it promises, what it was tried with, and which it kept.
 */
export interface FieldLaws {
  /** `findings`; `research/findings` for a field of the graph of node "research"; `state` if one function merges all. */
  readonly field: string;
  readonly kind: FieldKind | 'state';
  readonly promises: readonly ReducerPromise[];
  /** What the tried values are made from. Absent if nothing is known about its deltas: nothing was checked. */
  readonly source?: 'recorded' | 'schema' | 'kind';
  /** How many different ones were recorded. */
  readonly recorded: { readonly deltas: number; readonly states: number };
  readonly laws: readonly LawResult[];
}

/**
 * The result of `reducerLaws`. It is plain data; `lawsText` of `reprise/report` makes text of it. The same seed and
 * runs give the same report.
 */
export interface LawsReport {
  readonly graph: string;
  /** `unchecked`: nothing could be checked of the reducers that the graph has. */
  readonly verdict: 'kept' | 'broken' | 'unchecked';
  readonly seed: number;
  readonly numRuns: number;
  /** How many recorded runs the values are from. */
  readonly runs: number;
  readonly fields: readonly FieldLaws[];
}
