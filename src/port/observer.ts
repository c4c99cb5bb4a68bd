// Observers watch journals grow. An observer sees what is written and nothing else, so it can produce traces, metrics
// or logs, and it can catch up later from the store.
import type { Entry } from '../journal/entry.ts';

/** The run that entries are about, as observers know it. */
export interface ObservedRun {
  readonly runId: string;
  /** The name of its graph. */
  readonly graph: string;
}

/** An entry of a journal, and the run that it belongs to: one observer hears of all runs of an engine. */
export interface ObservedEntry {
  readonly run: ObservedRun;
  readonly entry: Entry;
  /**
   * A forked run begins with a copy of its parent's journal. Copied entries happened in the parent, and count there.
   */
  readonly isInherited?: true;
}

/** How far a reader of the store has read one run: the number of entries that it delivered. */
export interface RunPosition {
  readonly runId: string;
  readonly count: number;
}

/** What an observer is told about the entries that it gets. */
export interface Delivery {
  /** How many entries were dropped just before these, because the observer was slower than the runs. */
  readonly dropped: number;
  /** Only from `followStore`: save it in the same transaction as your own data, so that nothing is counted twice. */
  readonly position?: RunPosition;
}

/** A run that this process released. It may continue, here or elsewhere. */
export interface RunRest {
  readonly status: 'paused' | 'interrupted';
  readonly time: number;
}

/** What became of the fixture of a run under a recording policy. Not told of a run that the policy does not ask for. */
export type RunRecording = RecordingOutcome & {
  /** When that was known, in milliseconds since 1970. */
  readonly time: number;
};

/** Whether a run that was to become a fixture did. Observers get it by `recorded`. */
export type RecordingOutcome =
  | {
      readonly status: 'recorded';
      readonly name: string;
      /** Paths of `redact` at which nothing stood in this run, so what they are about may stand elsewhere in clear. */
      readonly unmatchedPaths?: readonly string[];
    }
  /** It was asked for, and there is none: it is dropped. */
  | { readonly status: 'not-recorded'; readonly why: string }
  /** A try to write it failed. There will be another. */
  | { readonly status: 'failed'; readonly why: string };

/**
 * Receives what an engine journals, once it is written. Implement it for metrics, traces or a search index; give it to
 * an engine as one of its `observers`, or to `followStore` where another process runs the graphs.
 */
export interface RunObserver {
  /** Names it in warnings. */
  readonly name?: string;
  /** How many entries may be pending for it; 1,000 by default. Entries beyond that are dropped and counted. */
  readonly maxPending?: number;
  /**
   * Receives entries in the order of their journals, once they are written. The next call comes after it has returned,
   * or after its promise has settled. Nothing that it throws reaches a run.
   */
  observe(entries: readonly ObservedEntry[], delivery: Delivery): void | Promise<void>;
  /** Called, in order with the entries, when this process stops driving a run that has not ended. */
  rested?(run: ObservedRun, rest: RunRest): void | Promise<void>;
  /** Called after a run has ended, when its fixture is written or dropped. */
  recorded?(run: ObservedRun, recording: RunRecording): void | Promise<void>;
  /** Delivers what it has buffered. Called when the engine closes. */
  flush?(): void | Promise<void>;
}
