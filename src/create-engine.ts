// Joins the engine with the live world and a store. It stands above the rooms that it joins.
import { RunHost } from './engine/host/run-host.ts';
import { liveWorld } from './engine/world/live-world.ts';
import { checkedWork } from './engine/options/work-options.ts';
import { engineSettings } from './engine/options/engine-options.ts';
import type { EngineOptions } from './engine/options/engine-options.ts';
import type { ResumeOptions, RunOptions } from './engine/options/run-options.ts';
import { history, labelStep, stateAt } from './engine/stored/history.ts';
import type { ListedCommit as Checkpoint } from './engine/stored/history.ts';
import type { ForkOptions } from './engine/options/fork-options.ts';
import { openQuestionsOf } from './stored-run.ts';
import type { Question } from './journal/question.ts';
import type { ReadOptions } from './stream/read-options.ts';
import type { StreamOptions } from './engine/options/stream-options.ts';
import type { StreamItem } from './stream/stream-item.ts';
import { Worker } from './engine/host/worker.ts';
import type { WorkOptions } from './engine/options/work-options.ts';
import { liveClock } from './live/clock.ts';
import { liveEntropy } from './live/entropy.ts';
import { liveRejections } from './live/rejections.ts';
import type { AnyGraph, DeltaOf, InputOf, NodeNameOf, StateOf } from './graph/built-graph.ts';
import type { Run } from './graph/run-types.ts';
import { RepriseError } from './base/error.ts';
import { noOptions } from './base/options/option-shape.ts';
import { arrivalOrder } from './port/oracle.ts';
import { ObservedStore } from './observe/observed-store.ts';
import { ObserverDelivery } from './observe/observer-delivery.ts';
import { memoryStore } from './store/memory.ts';

const attachPollMs = 100;

/** A run that is under way; await it for its end. */
export interface RunPromise<State> extends Promise<Run<State>> {
  /**
   * The last state of a run that is done.
   *
   * @throws RepriseError the error of a failed run with its causes, `run-cancelled` for a cancelled one,
   *   `run-not-resumable` for a paused one, `engine-closed` for an interrupted one.
   */
  orThrow(): Promise<State>;
}

type Typed<Item, Delta, Node> = Item extends { readonly node: string }
  ? Omit<Item, 'node' | 'chunk' | 'delta'> & { readonly node: Node } & (Item extends { readonly chunk: unknown }
        ? { readonly chunk: Delta; readonly delta: Delta }
        : Item extends { readonly delta: unknown }
          ? { readonly delta: Delta }
          : unknown)
  : Item;

/** What a reader is given, by `kind`: `chunk`, `reset`, `snapshot`, `node-done`, `detached`, and `done` at the end. */
export type StreamItemOf<State, Delta, Node extends string> = Typed<StreamItem<Run<State>>, Delta, Node>;

/** A reader of a run: `for await`, or `subscribe`. */
export interface RunStreamOf<State, Delta, Node extends string>
  extends AsyncIterable<StreamItemOf<State, Delta, Node>> {
  readonly runId: string;
  /** It begins behind the end of the run: nothing is left to read. */
  readonly hasEnded: boolean;
  /** How the run ended; never rejects because of a reader. */
  readonly result: Promise<Run<State>>;
  /**
   * Cancels the run. Tells whether there was anything left to cancel; that need not be waited for.
   *
   * @throws RepriseError `run-unknown`, and what the store throws
   */
  cancel(reason?: unknown): Promise<boolean>;
  /** Calls back with each item, as it comes; the returned function ends that. */
  subscribe(listener: (item: StreamItemOf<State, Delta, Node>) => void, onError: (error: unknown) => void): () => void;
}

export interface ForkOptionsOf<State> extends Omit<ForkOptions, 'patch'> {
  /** Fields of the state to set before the new run goes on. */
  readonly patch?: Partial<State>;
}

/** Runs one graph. It keeps HTTP hooks while it lives: close it, or declare it with `await using`. */
export interface Engine<State, Input, Delta = unknown, Node extends string = string> extends AsyncDisposable {
  /**
   * Runs the graph from an input to its end.
   *
   * A run that fails is no rejection: its result says `failed` and holds the error. The promise rejects where there is
   * no run to tell of: wrong options or input, a taken id, a store that fails.
   *
   * @throws RepriseError `option-invalid`, `input-invalid`, `unstorable`, `run-exists`, `engine-closed`, and what the
   *   store throws
   */
  run(input: Input, options?: RunOptions): RunPromise<State>;
  /**
   * Goes on with a run that is paused (give it the answers), was interrupted, has failed (its failed tasks get further
   * attempts), or whose process died. It ends with the journal of a run that was never interrupted: nothing that was
   * journaled is done again.
   *
   * @throws RepriseError `run-unknown`, `run-not-resumable`, `run-owned` while another process drives it,
   *   `question-unknown`, `answer-invalid`, `resume-diverged`, `lease-lost`
   */
  resume(runId: string, options?: ResumeOptions): RunPromise<State>;
  /**
   * Cancels a run, whichever process drives it: it takes hold with the next entry that is written. Tells whether there
   * was anything left to cancel.
   *
   * @throws RepriseError `run-unknown`
   */
  cancel(runId: string, reason?: unknown): Promise<boolean>;
  /** Takes over the runs that others left behind, and wakes those that are due, until it is stopped. */
  work(options?: WorkOptions): Worker;
  /**
   * Runs the graph and gives what its nodes yield while they do. The run goes on whether or not somebody reads; `break`
   * ends the reader alone, `.cancel()` the run.
   *
   * @throws RepriseError `option-invalid`; while it is read `cursor-invalid`, and what `run` throws
   */
  stream(input: Input, options?: StreamOptions): RunStreamOf<State, Delta, Node>;
  /**
   * A reader of any run of the store: under way here or in another process, paused, or ended. As many as you like. Of a run
   * that was interrupted it waits until somebody goes on with it.
   */
  read(runId: string, options?: ReadOptions): RunStreamOf<State, Delta, Node>;
  /** The questions that a run waits for. @throws RepriseError `run-unknown` */
  questions(runId: string): Promise<readonly Question[]>;
  /** The commits of a run, from step 0 on, with their labels. @throws RepriseError `run-unknown` */
  history(runId: string): Promise<readonly Checkpoint[]>;
  /** The state behind a step, named by its number or by a label. @throws RepriseError `run-unknown`, `step-unknown` */
  stateAt(runId: string, step: number | string): Promise<State>;
  /** Names a commit from outside; the same name again moves it. @throws RepriseError `run-unknown`, `step-unknown` */
  label(runId: string, step: number, label: string): Promise<void>;
  /**
   * Begins a new run from a commit of another one, with fields of the state changed if `patch` says so, and goes on with
   * it. The new run names its parent, and shares its seed and its journal up to there.
   *
   * @throws RepriseError `run-unknown`, `step-unknown`, `input-invalid`, `run-exists`, and what `resume` throws
   */
  fork(runId: string, options: ForkOptionsOf<State>, resumeOptions?: ResumeOptions): RunPromise<State>;
  /** Interrupts what is under way (it can be resumed), gives HTTP back, and closes the store. */
  close(): Promise<void>;
}

/**
 * Makes an engine for a graph.
 *
 * ```ts
 * import { createEngine, fields, graph, sum } from 'reprise';
 *
 * const counter = graph('counter', { state: fields({ count: sum() }) })
 *   .node('increase', (state) => ({ delta: { count: 1 } }))
 *   .edge('increase', 'increase', { when: (state) => state.count < 3 })
 *   .start('increase')
 *   .build();
 *
 * const engine = createEngine(counter);
 * const state = await engine.run({}).orThrow();
 * console.log(state.count); // 3
 * await engine.close();
 * ```
 *
 * @throws RepriseError `option-invalid`
 */
export function createEngine<G extends AnyGraph>(
  graph: G,
  options: EngineOptions = noOptions,
): Engine<StateOf<G>, InputOf<G>, DeltaOf<G>, NodeNameOf<G>> {
  const settings = engineSettings(options);
  const store = options.store ?? memoryStore();
  const { observers = [] } = options;
  const delivery = observers.length === 0 ? undefined : new ObserverDelivery(observers, liveClock);
  const host = new RunHost(
    graph,
    {
      clock: liveClock,
      entropy: liveEntropy,
      oracle: arrivalOrder,
      world: liveWorld(liveClock),
      store: delivery === undefined ? store : new ObservedStore(store, delivery),
      rejections: liveRejections,
      sources: options.effects ?? [],
      sinks: options.events ?? [],
      attachPollMs,
    },
    settings,
  );
  const close = async (): Promise<void> => {
    try {
      await host.close();
    } finally {
      await delivery?.close(settings.graceMs);
    }
  };
  return {
    run: (input, runOptions = noOptions) => runPromise(host.run(input, runOptions) as Promise<Run<StateOf<G>>>),
    resume: (runId, resumeOptions = noOptions) =>
      runPromise(host.resume(runId, resumeOptions) as Promise<Run<StateOf<G>>>),
    cancel: (runId, reason) => host.cancel(runId, reason),
    stream: (input, streamOptions = noOptions) =>
      host.stream(input, streamOptions) as unknown as RunStreamOf<StateOf<G>, DeltaOf<G>, NodeNameOf<G>>,
    read: (runId, readOptions = noOptions) =>
      host.read(runId, readOptions) as unknown as RunStreamOf<StateOf<G>, DeltaOf<G>, NodeNameOf<G>>,
    questions: (runId) => openQuestionsOf(store, runId),
    history: (runId) => history(store, runId),
    stateAt: (runId, step) => stateAt(store, runId, step) as Promise<StateOf<G>>,
    label: (runId, step, label) => labelStep(store, runId, step, label),
    fork: (runId, forkOptions, resumeOptions = noOptions) =>
      runPromise(host.fork(runId, forkOptions, resumeOptions) as Promise<Run<StateOf<G>>>),
    work: (workOptions = noOptions) => new Worker(host, liveClock, checkedWork(workOptions)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function runPromise<State>(run: Promise<Run<State>>): RunPromise<State> {
  return Object.assign(run, { orThrow: async () => stateOf(await run) });
}

function stateOf<State>(run: Run<State>): State {
  switch (run.status) {
    case 'done':
      return run.state;
    case 'failed':
      throw run.error;
    case 'cancelled':
      throw new RepriseError('run-cancelled', `run "${run.id}" was cancelled`, {
        nextStep: 'Its `reason` tells why.',
        cause: run.reason,
        fields: { runId: run.id },
      });
    case 'paused':
      throw new RepriseError('run-not-resumable', `run "${run.id}" is paused and has no result yet`, {
        nextStep: `Go on with it: engine.resume("${run.id}", { answer }).`,
        fields: { runId: run.id, questions: run.questions },
      });
    case 'interrupted':
      throw new RepriseError('engine-closed', `run "${run.id}" was interrupted, since its engine was closed`, {
        nextStep: `Go on with it: engine.resume("${run.id}").`,
        fields: { runId: run.id },
      });
  }
}
