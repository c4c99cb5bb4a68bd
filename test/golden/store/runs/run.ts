// How a run of a store file comes to be in the state it is stored in, and how a later release must finish it.
import type { createEngine } from '../../../../src/index.ts';
import type { AnyGraph, EngineOptions, ResumeOptions, RunOptions, RunStatus } from '../../../../src/index.ts';
import type { GraphName } from '../format-store-graphs.ts';

type AnyEngine = ReturnType<typeof createEngine<AnyGraph>>;

export type Act = (engine: AnyEngine, runId: string) => Promise<unknown>;

/** One process that drives the run. */
export interface Life {
  readonly act: Act;
  /** Defaults to the run's own graph. */
  readonly graph?: GraphName;
  readonly options?: EngineOptions;
  /** Calls that get no answer, as `name` or `name request`. */
  readonly silent?: readonly string[];
  /** Calls whose answer waits until the journal holds these marks. */
  readonly late?: { readonly [call: string]: readonly string[] };
  /** How the process ends. By default it exits once its run has ended or paused. */
  readonly exit?: Exit;
}

export interface Exit {
  /** `cancel`: the process sees the request and ends the run. `cancel-kill`: it dies without having seen it. */
  readonly by: 'kill' | 'close' | 'cancel' | 'cancel-kill';
  /** The exact tail of the journal, in marks, at which the process ends. */
  readonly at: readonly string[];
}

/** How a later release finishes the run. */
export interface Finish {
  /** Calls to the engine, in order. All but the last leave the run paused. */
  readonly acts: readonly Act[];
  readonly graph?: GraphName;
  readonly options?: EngineOptions;
  /** How it ends. */
  readonly status: 'done' | 'cancelled';
  /** Fields of the final state. */
  readonly state: object;
  /** The uninterrupted run whose canonical journal this one must equal. */
  readonly twin?: string;
  /** Restarts of resumable nodes, as `attempt chunks`. The twin has none. */
  readonly restarts?: readonly string[];
  /** Calls of the twin that this run does not make. */
  readonly skipped?: readonly string[];
  /** The calls that finishing makes, for a run without a twin. */
  readonly calls?: readonly string[];
  /** The status a worker leaves it in; undefined if the run is not due. */
  readonly afterWorker?: 'done' | 'cancelled' | 'paused' | 'failed';
}

export interface FormatRun {
  readonly runId: string;
  /** The version of the first file that holds it; 1 by default. */
  readonly since?: number;
  /** What is different in files of version 2 and later. */
  readonly under2?: Partial<Pick<FormatRun, 'lives' | 'finish'>>;
  readonly graph: GraphName;
  readonly options?: EngineOptions;
  /** Passed to the store, so that the file gets checkpoints. */
  readonly checkpointLength?: number;
  readonly lives: readonly Life[];
  /** Its status in the file. */
  readonly left: RunStatus;
  /** Undefined for a run that has ended. */
  readonly finish?: Finish;
  /** Its processes are read while they run, and the readers' cursors are kept. */
  readonly hasReaders?: true;
}

export const begin =
  (input: object, options: RunOptions = {}): Act =>
  (engine, runId) =>
    engine.run(input, { seed: 'format', ...options, runId });

export const resume =
  (options: ResumeOptions = {}): Act =>
  (engine, runId) =>
    engine.resume(runId, options);

export const cancelReason = { at: new Date(0), by: 'somebody else' };

export const kill = (...at: readonly string[]): Exit => ({ by: 'kill', at: [...at].sort() });
