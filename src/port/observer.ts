// Who is told of journals as they grow. An observer sees what is written and nothing else, so it can be a trace, a metric
// or a log, and it can be caught up later from the store.
import type { Entry } from '../journal/entry.ts';

export interface ObservedRun {
  readonly runId: string;
  /** The name of its graph. */
  readonly graph: string;
}

export interface ObservedEntry {
  readonly run: ObservedRun;
  readonly entry: Entry;
  /** A forked run begins with a copy of its parent's journal: what that holds happened there, and counts there. */
  readonly isInherited?: true;
}

/** How far a reader of stores has come in one run: the number of its entries that were delivered. */
export interface RunPosition {
  readonly runId: string;
  readonly count: number;
}

export interface Delivery {
  /** How many entries were lost just before these, since the observer was slower than the runs. */
  readonly dropped: number;
  /** From `followStore` only: what to keep in the same transaction, so that nothing is ever counted twice. */
  readonly position?: RunPosition;
}

/** A run that this process let go of: it may go on, here or elsewhere. */
export interface RunRest {
  readonly status: 'paused' | 'interrupted';
  readonly time: number;
}

export interface RunObserver {
  /** Names it in warnings. */
  readonly name?: string;
  /** How many entries wait for it at most; 1,000 by default. What comes beyond that is dropped and counted. */
  readonly maxPending?: number;
  /**
   * Told of entries in the order of their journals, once they are written. The next ones come when it has returned, or
   * when its promise has settled. Nothing that it throws reaches a run.
   */
  observe(entries: readonly ObservedEntry[], delivery: Delivery): void | Promise<void>;
  /** Told, in its place among the entries, that a run is under way no more without having ended. */
  rested?(run: ObservedRun, rest: RunRest): void | Promise<void>;
  /** Hands on what it has gathered; called when the engine closes. */
  flush?(): void | Promise<void>;
}
