// What a caller gets of a run.
import type { RepriseError } from '../base/error.ts';
import type { Question } from '../journal/question.ts';

/** Something that was noticed beside the journal: it is shown, and never compared. */
export interface RunNote {
  readonly kind: 'detached' | 'left-open' | 'unrecorded' | 'unhandled-rejection';
  /** The key of the attempt that it is about. */
  readonly at: string;
  readonly node: string;
  readonly message: string;
}

export interface RunBase<State> {
  readonly id: string;
  /** The last committed state. */
  readonly state: State;
  /** How many steps were committed, those of subgraphs not counted. */
  readonly steps: number;
  /** Tasks whose code still ran when the run had ended: it ignored its signal for longer than `graceMs`. */
  readonly detached: readonly string[];
  readonly notes: readonly RunNote[];
}

export type Run<State> =
  | (RunBase<State> & { readonly status: 'done' })
  | (RunBase<State> & { readonly status: 'failed'; readonly error: RepriseError })
  | (RunBase<State> & { readonly status: 'cancelled'; readonly reason: unknown })
  /**
   * It waits for answers of people, or at a breakpoint: go on with `engine.resume`. Where it waits for a time (`wakeAt`, in
   * milliseconds since 1970) a worker goes on with it then.
   */
  | (RunBase<State> & { readonly status: 'paused'; readonly questions: readonly Question[]; readonly wakeAt?: number })
  /** This process let go of it; it can be resumed. */
  | (RunBase<State> & { readonly status: 'interrupted' });

/** A run whose graph's types are erased. */
export type AnyRun = Run<unknown>;
