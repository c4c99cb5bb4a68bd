// Joins the engine with the live world and a store. It stands above the rooms that it joins.
import { EngineCore } from './engine/engine.ts';
import { liveWorld } from './engine/live-world.ts';
import { engineLimits } from './engine/options.ts';
import type { EngineOptions, RunOptions } from './engine/options.ts';
import { liveClock } from './live/clock.ts';
import { liveEntropy } from './live/entropy.ts';
import { liveRejections } from './live/rejections.ts';
import type { AnyGraph, InputOf, StateOf } from './graph/built-graph.ts';
import type { Run } from './graph/run-types.ts';
import { RepriseError } from './base/error.ts';
import { arrivalOrder } from './port/oracle.ts';
import { memoryStore } from './store/memory.ts';

const attachPollMs = 100;

/** A run that is under way; await it for its end. */
export interface RunPromise<State> extends Promise<Run<State>> {
  /**
   * The last state of a run that is done.
   *
   * @throws RepriseError the error of a failed run with its causes, `run-cancelled` for a cancelled one,
   *   `run-not-resumable` never: an interrupted run throws `engine-closed`.
   */
  orThrow(): Promise<State>;
}

/** Runs one graph. It keeps HTTP hooks while it lives: close it, or declare it with `await using`. */
export interface Engine<State, Input> extends AsyncDisposable {
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
  /** Goes on with a run that was interrupted or whose process died. @throws RepriseError `run-unknown`, `run-not-resumable` */
  resume(runId: string): RunPromise<State>;
  /** Cancels a run of this engine; tells whether there was one under way. */
  cancel(runId: string, reason?: unknown): boolean;
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
 * await using engine = createEngine(counter);
 * const state = await engine.run({}).orThrow();
 * console.log(state.count); // 3
 * ```
 *
 * @throws RepriseError `option-invalid`
 */
export function createEngine<G extends AnyGraph>(
  graph: G,
  options: EngineOptions = {},
): Engine<StateOf<G>, InputOf<G>> {
  const limits = engineLimits(options);
  const core = new EngineCore(
    graph,
    {
      clock: liveClock,
      entropy: liveEntropy,
      oracle: arrivalOrder,
      world: liveWorld(liveClock),
      store: options.store ?? memoryStore(),
      rejections: liveRejections,
      attachPollMs,
    },
    limits,
    options,
  );
  const close = (): Promise<void> => core.close();
  return {
    run: (input, runOptions = {}) => runPromise(core.run(input, runOptions) as Promise<Run<StateOf<G>>>),
    resume: (runId) => runPromise(core.resume(runId) as Promise<Run<StateOf<G>>>),
    cancel: (runId, reason) => core.cancel(runId, reason),
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
    case 'interrupted':
      throw new RepriseError('engine-closed', `run "${run.id}" was interrupted, since its engine was closed`, {
        nextStep: `Go on with it: engine.resume("${run.id}").`,
        fields: { runId: run.id },
      });
  }
}
