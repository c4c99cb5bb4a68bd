// Wires the engine to the live world and a store. It sits above the rooms it joins.
import { ErrandDesk } from './engine/host/errand/errand-desk.ts';
import { ErrandHost } from './engine/host/errand/errand-host.ts';
import { RunHost } from './engine/host/run-host.ts';
import { StoreClock } from './engine/host/store-clock.ts';
import { liveWorld } from './engine/world/live-world.ts';
import { errandStoreOf, nodesOnWorkers } from './engine/options/errand-store.ts';
import { checkTasks, checkedWork } from './engine/options/work-options.ts';
import { engineSettings, graceMsDefault } from './engine/options/engine-options.ts';
import type { EngineOptions } from './engine/options/engine-options.ts';
import type { ResumeOptions, RunOptions } from './engine/options/run-options.ts';
import { history, labelStep, stateAt } from './engine/stored/history.ts';
import type { ListedCommit as Checkpoint } from './engine/stored/history.ts';
import type { EnqueueOptions } from './engine/options/enqueue-options.ts';
import type { HistoryOptions } from './engine/options/history-options.ts';
import type { ForkOptions, InnerStep } from './engine/options/fork-options.ts';
import { openQuestionsOf } from './stored-run.ts';
import type { Question } from './journal/step/question.ts';
import type { ReadOptions } from './stream/read-options.ts';
import type { StreamOptions } from './engine/options/stream-options.ts';
import type { StreamItem } from './stream/stream-item.ts';
import { Presence } from './engine/host/worker/presence.ts';
import { Worker, watchDue } from './engine/host/worker/worker.ts';
import type { WorkOptions } from './engine/options/work-options.ts';
import { ambientReads } from './live/ambient/ambient-reads.ts';
import { liveClock } from './live/clock.ts';
import { liveEntropy } from './live/entropy.ts';
import { liveEventLoop } from './live/event-loop/event-loop.ts';
import { liveRejections } from './live/rejections.ts';
import { liveSourcePaths } from './live/source-paths.ts';
import { liveSurroundings } from './live/surroundings.ts';
import { nodeTimers } from './live/timers/node-timers.ts';
import type { AnyGraph, DeltaOf, InputOf, NodeNameOf, StateOf } from './graph/built-graph.ts';
import type { Run } from './graph/types/run-types.ts';
import { RepriseError } from './base/error.ts';
import { noOptions } from './base/options/option-shape.ts';
import { arrivalOrder } from './port/oracle.ts';
import { ObservedStore } from './observe/observed-store.ts';
import { ObserverDelivery } from './observe/observer-delivery.ts';
import { enterStore } from './port/store-users.ts';
import type { Claim, RunStore } from './port/store.ts';
import type { WorkerNote } from './port/workers.ts';
import { RecordedStore } from './record/policy/recorded-store.ts';
import { Recorder } from './record/policy/recorder.ts';
import type { RecorderSetup, RecordingCounts } from './record/policy/recorder.ts';
import { memoryStore } from './store/memory/memory.ts';

const attachPollMs = 100;
/** How often a worker looks for tasks in a store that tells of nothing. */
const errandPollMs = 100;
const widthDefault = 8;

/** A run in progress. Await it for its result. */
export interface RunPromise<State> extends Promise<Run<State>> {
  /**
   * Resolves to the final state of the run.
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

/**
 * An item that a reader receives. By `kind`: `node-start`, `chunk`, `reset`, `snapshot`, `event`, `question`,
 * `node-done`, `detached`, and at the end `done`.
 */
export type StreamItemOf<State, Delta, Node extends string> = Typed<StreamItem<Run<State>>, Delta, Node>;

/** A reader of one run. Iterate it with `for await`, or call `subscribe`. */
export interface RunStreamOf<State, Delta, Node extends string>
  extends AsyncIterable<StreamItemOf<State, Delta, Node>> {
  readonly runId: string;
  /** True if the reader starts after the end of a run that is done or cancelled, or where a browser was told to stop. */
  readonly hasEnded: boolean;
  /** Why the reader cannot start at its cursor, as far as the cursor itself says so: `cursor-invalid`. */
  readonly refused: RepriseError | undefined;
  /** The result of the run. Never rejects because of a reader. */
  readonly result: Promise<Run<State>>;
  /**
   * Cancels the run, and resolves to whether there was anything left to cancel. You need not await it.
   *
   * @throws RepriseError `run-unknown`, and what the store throws
   */
  cancel(reason?: unknown): Promise<boolean>;
  /** Calls `listener` with each item as it arrives. The returned function unsubscribes. */
  subscribe(listener: (item: StreamItemOf<State, Delta, Node>) => void, onError: (error: unknown) => void): () => void;
}

export interface ForkOptionsOf<State> extends Omit<ForkOptions, 'patch'> {
  /** Fields of the state to set before the new run continues. */
  readonly patch?: Partial<State>;
}

/**
 * Runs one graph. It installs HTTP hooks: close it when you are done, or declare it with `await using`, which Node itself
 * reads from version 24 on (a compiler translates it for older ones).
 */
export interface Engine<State, Input, Delta = unknown, Node extends string = string> extends AsyncDisposable {
  /**
   * Runs the graph from an input to its end.
   *
   * A failed run does not reject: its result has status `failed` and holds the error. The promise rejects only if there
   * is no run to report: invalid options or input, an id that is taken, a failing store.
   *
   * @throws RepriseError `option-invalid`, `input-invalid`, `unstorable`, `run-exists`, `run-differs`, `engine-closed`,
   *   and what the store throws
   */
  run(input: Input, options?: RunOptions): RunPromise<State>;
  /**
   * Resumes a run that is paused (pass the answers), was interrupted, has failed (its failed tasks get further
   * attempts), or whose process died. Nothing that was journaled happens again, and the finished journal is the one of
   * a run that was never interrupted.
   *
   * @throws RepriseError `run-unknown`, `run-not-resumable`, `run-owned` while another process drives it,
   *   `question-unknown`, `question-answered`, `question-expired`, `answer-invalid`, `resume-diverged`, `lease-lost`
   */
  resume(runId: string, options?: ResumeOptions): RunPromise<State>;
  /**
   * Cancels a run, whichever process drives it. The cancellation takes effect with the next entry that the run writes.
   * Resolves to whether there was anything left to cancel.
   *
   * @throws RepriseError `run-unknown`
   */
  cancel(runId: string, reason?: unknown): Promise<boolean>;
  /**
   * Writes a run for a worker (`engine.work`, `reprise work`), here or in another process. Resolves to its id once the
   * run is in the store; it is due at `at`.
   *
   * @throws RepriseError `option-invalid`, `input-invalid`, `unstorable`, `run-exists`, `run-differs`, `engine-closed`,
   *   and what the store throws
   */
  enqueue(input: Input, options?: EnqueueOptions): Promise<string>;
  /**
   * Starts a worker. Until you stop it, it takes over abandoned runs and wakes paused runs that are due. With `tasks` it
   * makes tasks of nodes that are marked `on: 'workers'` instead.
   *
   * @throws RepriseError `option-invalid`
   */
  work(options?: WorkOptions): Worker;
  /**
   * Runs the graph and streams what its nodes yield. The run continues whether or not anyone reads it: `break` ends
   * only the reader, `.cancel()` ends the run.
   *
   * @throws RepriseError `option-invalid`; while reading, `cursor-invalid` and whatever `run` throws
   */
  stream(input: Input, options?: StreamOptions): RunStreamOf<State, Delta, Node>;
  /**
   * Reads any run of the store: in progress here or in another process, asleep, paused, or ended. A run may have any number
   * of readers. A reader of an interrupted or sleeping run waits until it continues; one of a run that waits for an answer, a
   * signal or a resume ends there, with `done`.
   */
  read(runId: string, options?: ReadOptions): RunStreamOf<State, Delta, Node>;
  /**
   * Answers an open question, by its key or its id; with `undefined`, the only one that is open. Needs no code of the
   * graph. The answer is durable when this resolves, and counts only for what was asked then: if the code asks something
   * else by the time it takes the answer, the new question is open. A run that is driven takes it up within a second; a
   * paused one when a worker or `resume` continues it. Resolves to the question.
   *
   * @throws RepriseError `run-unknown`, `run-ended`, `question-unknown`, `question-answered`, `question-expired`,
   *   `answer-invalid` for one that decides nothing about an effect in doubt, `unstorable`, `engine-closed`
   */
  answer(runId: string, keyOrId: string | undefined, value: unknown): Promise<Question>;
  /**
   * Sends a signal to a run, for a node that waits for it with `receive`, now or later. It is durable when this resolves,
   * and signals are received in the order in which they were sent.
   *
   * @throws RepriseError `run-unknown`, `run-ended`, `option-invalid`, `unstorable`, `engine-closed`
   */
  send(runId: string, name: string, value?: unknown): Promise<void>;
  /** The questions of a run that can be answered now. @throws RepriseError `run-unknown` */
  questions(runId: string): Promise<readonly Question[]>;
  /** The commits of a run with their labels, starting with step 0. @throws RepriseError `run-unknown`, `option-invalid` */
  history(runId: string, options?: HistoryOptions): Promise<readonly Checkpoint[]>;
  /**
   * The state of an inner run after one of its steps, given by its key, as `reprise show` prints it: `3.0#1/2` is step 2 of
   * the inner run of the first attempt of task 3.0.
   *
   * @throws RepriseError `run-unknown`, `step-unknown`
   */
  stateAt(runId: string, step: InnerStep): Promise<unknown>;
  /** The state after a step, given by its number or a label. @throws RepriseError `run-unknown`, `step-unknown` */
  stateAt(runId: string, step: number | string): Promise<State>;
  /** Labels a commit. Using a label again moves it. @throws RepriseError `run-unknown`, `step-unknown` */
  label(runId: string, step: number, label: string): Promise<void>;
  /**
   * Starts a new run from a commit of another one and drives it. `patch` changes fields of the state first. The new run
   * records its parent, and shares its journal up to that commit. It takes over the labels and breakpoints of its parent
   * and, unless it is given another, its seed; a time limit it has only where the call gives one.
   *
   * @throws RepriseError `run-unknown`, `step-unknown`, `input-invalid`, `run-exists`, and what `resume` throws
   */
  fork(runId: string, options: ForkOptionsOf<State>, resumeOptions?: ResumeOptions): RunPromise<State>;
  /** How many of the runs that have ended since the engine was created were recorded, under the option `record`. */
  recordings(): RecordingCounts;
  /**
   * Interrupts the runs in progress (they can be resumed), removes the HTTP hooks, and closes the store, unless other engines
   * of this process use the same store object: then the last of them closes it. Fixtures that are still to be written have
   * `graceMs` for it; then they are left to the next process that works the store.
   */
  close(): Promise<void>;
}

/**
 * Creates an engine for a graph.
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
  const errandStore = errandStoreOf(graph.spec, options.store);
  const store = options.store ?? memoryStore();
  const { observers = [] } = options;
  const clock = new StoreClock(liveClock, store);
  const delivery = observers.length === 0 ? undefined : new ObserverDelivery(observers, clock);
  const recorder = recorderOf(graph.name, store, options, delivery);
  const recorded = recorder === undefined ? store : new RecordedStore(store, recorder);
  const owner = liveEntropy.owner?.() ?? liveEntropy.runId();
  const { isGone } = liveEntropy;
  const presences = new Set<Presence>();
  const claim: Claim = { owner, leaseMs: settings.leaseMs, ...(isGone === undefined ? {} : { isGone }) };
  const desk = errandStore && new ErrandDesk({ store: errandStore, clock, claim });
  const ports = {
    clock,
    entropy: { ...liveEntropy, owner: () => owner },
    paths: liveSourcePaths,
    loop: liveEventLoop,
    oracle: arrivalOrder,
    world: liveWorld(clock),
    store: delivery === undefined ? recorded : new ObservedStore(recorded, delivery),
    rejections: liveRejections,
    surroundings: liveSurroundings,
    sources: [nodeTimers, ambientReads, ...(options.effects ?? [])],
    sinks: options.events ?? [],
    attachPollMs,
    errands: desk,
  };
  const host = new RunHost(graph, ports, settings);
  const presenceOf = (note: Omit<WorkerNote, 'build'>, build: string | undefined): Presence | undefined => {
    if (store.workers === undefined) return undefined;
    const named = build === undefined ? note : { ...note, build };
    const presence = new Presence({ workers: store.workers, clock: liveClock, note: named });
    presences.add(presence);
    return presence;
  };
  const errandHosts: ErrandHost[] = [];
  const workOn = (tasks: readonly string[], workOptions: WorkOptions): Worker => {
    checkTasks(tasks, nodesOnWorkers(graph.spec));
    if (errandStore === undefined) throw ownStore();
    const ignore = (): void => undefined;
    // An owner of its own: the runs of this engine are another's.
    const own = { ...ports, entropy: liveEntropy };
    const context = { graph: graph.spec, ports: own, settings, onGrown: ignore, onAwaited: ignore };
    const errandHost = new ErrandHost(context, errandStore, tasks);
    errandHosts.push(errandHost);
    const { width: maxRuns = widthDefault, pollMs, build, ...others } = workOptions;
    const watch = watchDue(errandStore, errandHost.kinds);
    const often = pollMs ?? (watch === undefined ? errandPollMs : undefined);
    return new Worker(
      errandHost,
      liveClock,
      { ...others, maxRuns, ...(often === undefined ? {} : { pollMs: often }) },
      { watch, presence: presenceOf(errandHost.note, build) },
    );
  };
  const closeAll = async (): Promise<void> => {
    // First of all: nobody counts on this process any more.
    await Promise.all([...presences].map((presence) => presence.stop()));
    try {
      await Promise.all(errandHosts.map((each) => each.close()));
      await desk?.close();
      await host.close();
    } finally {
      await delivery?.close(settings.graceMs);
    }
  };
  enterStore(store);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= closeAll();
    return closing;
  };
  return {
    run: (input, runOptions = noOptions) => runPromise(host.run(input, runOptions) as Promise<Run<StateOf<G>>>),
    resume: (runId, resumeOptions = noOptions) =>
      runPromise(host.resume(runId, resumeOptions) as Promise<Run<StateOf<G>>>),
    enqueue: (input, enqueueOptions = noOptions) => host.enqueue(input, enqueueOptions),
    cancel: (runId, reason) => host.cancel(runId, reason),
    stream: (input, streamOptions = noOptions) =>
      host.stream(input, streamOptions) as unknown as RunStreamOf<StateOf<G>, DeltaOf<G>, NodeNameOf<G>>,
    read: (runId, readOptions = noOptions) =>
      host.read(runId, readOptions) as unknown as RunStreamOf<StateOf<G>, DeltaOf<G>, NodeNameOf<G>>,
    answer: (runId, keyOrId, value) => host.answer(runId, keyOrId, value),
    send: (runId, name, value) => host.send(runId, name, value),
    questions: (runId) => openQuestionsOf(store, runId),
    history: (runId, historyOptions) => history(store, runId, historyOptions),
    stateAt: (runId, step) => stateAt(store, runId, step) as Promise<StateOf<G>>,
    label: (runId, step, label) => labelStep(store, runId, step, label),
    fork: (runId, forkOptions, resumeOptions = noOptions) =>
      runPromise(host.fork(runId, forkOptions, resumeOptions) as Promise<Run<StateOf<G>>>),
    recordings: () => recorder?.counts ?? noRecordings,
    work: (workOptions = noOptions) => {
      const { build, tasks, ...given } = checkedWork(workOptions);
      if (tasks !== undefined) return workOn(tasks, { ...given, ...(build === undefined ? {} : { build }) });
      const { leaseMs } = settings;
      const { name, fingerprint } = graph.spec;
      const presence = presenceOf({ owner, graphs: [{ name, fingerprint }], leaseMs }, build);
      return new Worker(host, liveClock, given, { watch: watchDue(store, [name]), presence, store });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function recorderOf(
  graph: string,
  store: RunStore,
  { record, graceMs = graceMsDefault }: EngineOptions,
  delivery: ObserverDelivery | undefined,
): Recorder | undefined {
  const { recordings } = store;
  if (record === undefined || record.when === 'never' || recordings === undefined) return undefined;
  const tell: RecorderSetup['tell'] = (run, recording) => delivery?.recorded(run, recording);
  return new Recorder({ store, recordings, graph, options: record, clock: liveClock, graceMs, tell });
}

/** Nobody else can use the store of the engine. */
function ownStore(): RepriseError {
  return new RepriseError('option-invalid', 'engine.work: `tasks` are those of a store that others can use', {
    nextStep: 'Pass the store to createEngine. Without one, the engine runs all tasks itself.',
    fields: { option: 'tasks' },
  });
}

const noRecordings: RecordingCounts = { recorded: 0, skipped: 0, lost: 0, failedTries: 0 };

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
        nextStep: 'Its `reason` says why.',
        cause: run.reason,
        fields: { runId: run.id },
      });
    case 'paused':
      throw new RepriseError('run-not-resumable', `run "${run.id}" is paused and has no result yet`, {
        nextStep: `Resume it: engine.resume("${run.id}", { answer }).`,
        fields: { runId: run.id, questions: run.questions },
      });
    case 'interrupted':
      throw new RepriseError('engine-closed', `run "${run.id}" was interrupted because its engine was closed`, {
        nextStep: `Resume it: engine.resume("${run.id}").`,
        fields: { runId: run.id },
      });
  }
}
