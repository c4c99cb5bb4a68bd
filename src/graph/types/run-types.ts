// The result of a run, as a caller gets it.
import type { RepriseError } from '../../base/error.ts';
import type { Question } from '../../journal/step/question.ts';

/** An observation that is not part of the journal. It is shown, and never compared. */
export interface RunNote {
  readonly kind:
    | 'detached'
    | 'left-open'
    | 'late-request'
    | 'unrecorded'
    | 'unhandled-rejection'
    | 'other-rules'
    | 'sent-again'
    | 'no-workers'
    | 'clean-up-failed'
    | 'clean-up-timeout';
  /** The key of the attempt that it is about; empty, as `node` is, if it is about the whole run. */
  readonly at: string;
  readonly node: string;
  readonly message: string;
}

export interface RunBase<State> {
  readonly id: string;
  /** The last committed state. */
  readonly state: State;
  /** How many steps were committed, not counting those of subgraphs. */
  readonly steps: number;
  /** Tasks whose code was still running when the run ended, because it ignored its signal for longer than `graceMs`. */
  readonly detached: readonly string[];
  readonly notes: readonly RunNote[];
}

/**
 * What became of a run, by `status`: what `engine.run` and `engine.resume` resolve to. A run that failed is not thrown:
 * its `error` stands here.
 */
export type Run<State> =
  | (RunBase<State> & { readonly status: 'done' })
  | (RunBase<State> & { readonly status: 'failed'; readonly error: RepriseError })
  | (RunBase<State> & { readonly status: 'cancelled'; readonly reason: unknown })
  /**
   * Waits for answers from people or for signals (`signals`, by name), or has stopped at a breakpoint: continue it with
   * `engine.resume`. A worker resumes it when an answer or a signal comes, and at the time that it waits for (`wakeAt`,
   * in milliseconds since 1970).
   */
  | (RunBase<State> & {
      readonly status: 'paused';
      readonly questions: readonly Question[];
      readonly signals?: readonly string[];
      readonly wakeAt?: number;
    })
  /** This process released the run, which can be resumed. */
  | (RunBase<State> & { readonly status: 'interrupted' });

/** A run whose types are erased. */
export type AnyRun = Run<unknown>;
