// Which workers there are, as a store knows it, so that a run is given to those that have code for it.
import type { Later } from './later.ts';

/** A graph as the code of a worker has it. */
export interface DrivenGraph {
  readonly name: string;
  readonly fingerprint: string;
}

/** What a worker says of itself. */
export interface WorkerNote {
  /** As in its claims. */
  readonly owner: string;
  /** Which release of the user's code it runs. */
  readonly build?: string;
  readonly graphs: readonly DrivenGraph[];
  /** For how long it counts as live unless it says so again, in milliseconds. */
  readonly leaseMs: number;
}

/** A node whose tasks a worker makes (`on: 'workers'`). */
export interface DrivenTask {
  readonly graph: string;
  readonly node: string;
  /** Of the graph. */
  readonly fingerprint: string;
}

/** A worker that counts as live. */
export interface LiveWorker {
  readonly owner: string;
  readonly build?: string;
  /** What it drives runs of; nothing for a worker of tasks. */
  readonly graphs: readonly DrivenGraph[];
  /** The tasks that it makes. Only for a worker of tasks, and not from a store itself, where they are among `graphs`. */
  readonly tasks?: readonly DrivenTask[];
  /** When it first announced itself, by the clock of the store, in milliseconds since 1970. */
  readonly since: number;
  /** How many runs are its own now, or tasks. */
  readonly runCount: number;
}

/** A run that is due, and that no live worker has code for: neither its graph, nor what it was about to do. */
export interface StrandedRun {
  readonly runId: string;
  readonly graph: string;
  /** Of the graph with which it was begun, or last continued. */
  readonly fingerprint?: string;
  /** Live workers have its graph, and leave it alone: with their code it cannot continue where it stands. */
  readonly isLeftAlone?: true;
}

/**
 * The workers of a store. A run is given (`claimDue`) to a worker that has its graph with the fingerprint of the run. If no
 * live worker has that, any with a graph of this name may try; once it has refused the run (`Release`), the run is given to
 * none with its fingerprint any more.
 */
export interface Workers {
  /** A worker lives. It says so again well before `leaseMs` have passed. */
  announce(worker: WorkerNote): Later<void>;
  /** A worker takes no runs any more. */
  withdraw(owner: string): Later<void>;
  /** Those that live, in the order in which they announced themselves, but for those whose process `isGone`. */
  live(isGone?: (owner: string) => boolean | undefined): Later<readonly LiveWorker[]>;
  /** Oldest first. */
  stranded(limit: number, isGone?: (owner: string) => boolean | undefined): Later<readonly StrandedRun[]>;
}
