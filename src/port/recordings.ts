// Which ended runs become fixtures, as a store keeps it. The store is the queue of those who write them, so nothing waits
// in memory, and what a dead process left is found by the next one.
import type { Later } from './later.ts';

/**
 * What is known about the fixture of a run. A run that is driven under a policy is `open`: nothing was decided about it.
 *   open → wanted → recorded
 *   open or wanted → not-recorded → dropped
 * A failed run that is resumed under a policy is open again.
 */
export type RecordingMark =
  /** It is to be written, in `afterMs` at the earliest; `tries` times that failed. */
  | { readonly status: 'wanted'; readonly afterMs: number; readonly tries: number }
  | { readonly status: 'recorded'; readonly name: string }
  /** `keepsMs`: for so long its chunks stay, for readers that have not come to its end; then its bodies are due to be dropped. */
  | { readonly status: 'not-recorded'; readonly why: string; readonly keepsMs?: number }
  /** It is not recorded, for the reason given before, and holds nothing more that could be dropped. */
  | { readonly status: 'dropped' };

/** A run that has ended, reserved for one process. */
export interface ReservedRun {
  readonly runId: string;
  readonly status: 'done' | 'failed' | 'cancelled';
  readonly tries: number;
  /** A resume of the run meanwhile makes the reservation void. */
  readonly token: number;
}

export interface ReserveQuery {
  readonly graph: string;
  /** `not-recorded`: the runs whose chunks were kept until now. */
  readonly stage: 'open' | 'wanted' | 'not-recorded';
  /** For so long nobody else is given these runs, in milliseconds. */
  readonly forMs: number;
  readonly limit: number;
}

/** What a store keeps of the recording of a run, for another store. */
export interface KeptRecording {
  /** `open`, or what a summary says of it. */
  readonly text: string;
  /** In how long there is something to do for it, in milliseconds; absent if nothing is left to do. */
  readonly afterMs?: number;
  readonly tries: number;
}

export interface Recordings {
  /** Reserves runs that have ended, those that have waited longest first. */
  reserve(query: ReserveQuery): Later<readonly ReservedRun[]>;
  /** Nothing happens if the run was resumed since it was reserved. */
  mark(run: ReservedRun, mark: RecordingMark): Later<void>;
  /** How many runs of a graph are wanted, counted up to `limit`. */
  wantedCount(graph: string, limit: number): Later<number>;
  /** About how large a run is in the store, in bytes; 0 where that is not known. */
  bytesOf(runId: string): Later<number>;
  /**
   * What is kept of a run; undefined where it was driven under no policy. Only needed to copy runs, as `keep` is.
   *
   * @throws RepriseError `run-unknown`
   */
  kept?(runId: string): Later<KeptRecording | undefined>;
  /** Keeps of a run what another store kept of it. @throws RepriseError `run-unknown` */
  keep?(runId: string, kept: KeptRecording): Later<void>;
  /**
   * Drops what neither a resume nor a reader of the states needs: bodies of committed steps, and their chunks unless those
   * are kept. A reader of the run meanwhile gets each entry as it was, or as it is then. Returns whether it still holds
   * chunks that would be dropped.
   */
  dropBodies(run: ReservedRun, keeps: 'chunks' | 'nothing'): Later<boolean>;
}
