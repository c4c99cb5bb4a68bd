// Errands: attempts of a run that other processes make. Each is a run of its own in the store, which its worker claims,
// journals, continues and ends like any run (`journal/errand.ts` says how it is called). It is a run to nobody else: a store
// neither lists nor prunes it, and deletes it with the run that it belongs to.
import type { Entry, RunEntry } from '../journal/entry.ts';
import type { Later } from './later.ts';

/** An errand that has ended. */
export interface EndedErrand {
  /** Its own id. */
  readonly errandId: string;
  /** `done`: its attempt has ended, or was stopped. `cancelled`: it was stopped. `failed`: it could not be made. */
  readonly status: 'done' | 'cancelled' | 'failed';
}

/** An errand that no worker has. */
export interface WaitingErrand {
  readonly errandId: string;
  /** The run and the attempt that it is of. */
  readonly runId: string;
  readonly at: string;
  readonly graph: string;
  readonly node: string;
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
}

/**
 * The part of a store that lets other processes make the tasks of a run. Implement it, and `claimDue`, if your store is
 * to be used for nodes with `on: 'workers'`.
 */
export interface Errands {
  /**
   * Begins errands, each with its first entry: they wait for workers. Returns the ids of those that were there before, which
   * stay as they are.
   */
  handOut(errands: readonly RunEntry[]): Later<readonly string[]>;
  /** The journals of these, in the order of their ids; an empty one for an errand that is unknown. */
  journals(errandIds: readonly string[]): Later<readonly (readonly Entry[])[]>;
  /** The ids of all errands of this run, in any order: those that have ended, and those that have not. None for one that is unknown. */
  of(runId: string): Later<readonly string[]>;
  /** Those of this run that have ended, in any order. None for a run that is unknown. */
  ended(runId: string): Later<readonly EndedErrand[]>;
  /**
   * Deletes errands of this run, whether or not anybody has them: their leases are void. Those with these ids; without ids all
   * of them, if the run is done, cancelled or unknown, and none otherwise: another process may have handed them out since.
   */
  drop(runId: string, errandIds?: readonly string[]): Later<void>;
  /** Those that no worker has at present, oldest first, of all runs: at most `limit`. */
  waiting(limit: number): Later<readonly WaitingErrand[]>;
}
