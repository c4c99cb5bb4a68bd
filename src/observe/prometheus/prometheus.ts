// Prometheus metrics of runs, counted from their journals.
import type { Registry } from 'prom-client';
import { anyFunction, required, text, wholeNumber } from '../../base/options/option-kind.ts';
import { objectWith } from '../../base/options/option-parts.ts';
import { checkOptions, optionShape } from '../../base/options/option-shape.ts';
import type { CommitEntry, EffectEntry, Entry, OutcomeEntry } from '../../journal/entry.ts';
import { attemptNumber, taskOfAttempt } from '../../journal/key.ts';
import type { ObservedEntry, ObservedRun, RunObserver, RunRecording } from '../../port/observer.ts';
import { isFailedEffect } from '../http-exchange.ts';
import { NodeNames } from '../node-names.ts';
import { modelOf } from '../price.ts';
import { RunStates } from '../run-states.ts';
import { usageOf } from '../usage-of.ts';
import { makeMetrics } from './metrics.ts';
import type { Metrics } from './metrics.ts';

/** Where `prometheus` registers its metrics, and under which names. */
export interface PrometheusOptions {
  /** The registry that the metrics are added to. */
  readonly register: Registry;
  /** The prefix of metric names; `reprise_` by default. */
  readonly prefix?: string;
  /** As for any observer: how many entries may wait; 1,000 by default. */
  readonly maxPending?: number;
}

export const metricOptions = optionShape<PrometheusOptions>('prometheus', {
  register: required(objectWith('a registry of prom-client', { registerMetric: required(anyFunction) })),
  prefix: text,
  maxPending: wholeNumber({ least: 1 }),
});

/** Model names come from answers, so they are untrusted: beyond this many names, the rest share one label. */
const modelsMax = 50;
const otherModels = 'other';

interface RunState {
  readonly names: NodeNames;
  /** Undefined for a run that began elsewhere, or that has paused since. */
  began: number | undefined;
  lastCommit: number | undefined;
  /** Tasks whose last attempt failed, with their node. Whether they are retried is not known yet. */
  readonly failed: Map<string, string>;
}

/**
 * An observer that counts runs, steps, tasks, attempts, retries, effects and tokens, and measures how long they took.
 * Its labels are bounded: graphs, nodes, statuses, effect types, and at most 50 model names, with `other` for the rest.
 *
 * ```ts
 * import { Registry } from 'prom-client';
 * import { createEngine, fields, graph } from 'reprise';
 * import { prometheus } from 'reprise/prometheus';
 *
 * const register = new Registry();
 * const engine = createEngine(
 *   graph('still', { state: fields({}) }).node('wait', () => {}).start('wait').build(),
 *   { observers: [prometheus({ register })] },
 * );
 * await engine.run({});
 * await engine.close();
 * console.log(await register.getSingleMetricAsString('reprise_runs_total').then((text) => text.split('\n').at(-1))); //
 * reprise_runs_total{graph="still",status="done"} 1 ```
 *
 * @throws RepriseError `option-invalid`; what `prom-client` throws if the registry already has metrics of these names
 */
export function prometheus(options: PrometheusOptions): RunObserver {
  checkOptions(metricOptions, options);
  const { register, prefix = 'reprise_', maxPending } = options;
  const counting = new Counting(makeMetrics(register, prefix));
  return {
    name: 'prometheus',
    ...(maxPending === undefined ? {} : { maxPending }),
    observe: (entries, { dropped }) => counting.add(entries, dropped),
    rested: (run, { status }) => counting.rested(run, status),
    recorded: ({ graph }, { status }) => counting.recorded(graph, status),
  };
}

class Counting {
  readonly #metrics: Metrics;
  readonly #models = new Set<string>();
  readonly #runs = new RunStates<RunState>(newState);

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  add(entries: readonly ObservedEntry[], dropped: number): void {
    if (dropped > 0) this.#metrics.dropped.inc(dropped);
    for (const { run, entry, isInherited = false } of entries) {
      const state = this.#runs.of(run);
      state.names.add(entry);
      if (!isInherited) this.#count(run, entry, state);
      // The first step of a fork begins when the fork does.
      else if (entry.kind === 'commit' && !entry.at.includes('/')) state.lastCommit = state.began;
    }
  }

  rested(run: ObservedRun, status: string): void {
    this.#metrics.runs.inc({ graph: run.graph, status });
    this.#runs.forget(run);
  }

  recorded(graph: string, status: RunRecording['status']): void {
    this.#metrics.recordings.inc({ graph, status });
  }

  #count(run: ObservedRun, entry: Entry, state: RunState): void {
    const { graph } = run;
    switch (entry.kind) {
      case 'run':
        this.#metrics.runsStarted.inc({ graph });
        state.began = entry.observed.time;
        return;
      case 'effect':
        this.#effect(entry);
        return;
      case 'outcome':
        this.#outcome(graph, entry, state);
        return;
      case 'commit':
        this.#commit(graph, entry, state);
        return;
      case 'end': {
        const labels = { graph, status: entry.end.status };
        this.#failedFor(graph, state, '');
        this.#metrics.runs.inc(labels);
        if (state.began !== undefined)
          this.#metrics.runSeconds.observe(labels, seconds(state.began, entry.observed.time));
        this.#runs.forget(run);
        return;
      }
    }
  }

  #effect(entry: EffectEntry): void {
    const labels = { type: entry.type, status: isFailedEffect(entry) ? 'error' : 'ok' };
    this.#metrics.effects.inc(labels);
    this.#metrics.effectSeconds.observe(labels, seconds(entry.observed.began, entry.observed.ended));
    const usage = usageOf(entry);
    if (usage === undefined) return;
    const model = this.#modelLabel(modelOf(usage));
    const { inputTokens, outputTokens } = usage;
    if (inputTokens !== undefined) this.#metrics.tokens.inc({ model, direction: 'input' }, inputTokens);
    if (outputTokens !== undefined) this.#metrics.tokens.inc({ model, direction: 'output' }, outputTokens);
  }

  #modelLabel(model: string): string {
    if (this.#models.size < modelsMax) this.#models.add(model);
    return this.#models.has(model) ? model : otherModels;
  }

  #outcome(graph: string, { at, result: { status }, observed }: OutcomeEntry, state: RunState): void {
    const node = state.names.nodeOf(at);
    const task = taskOfAttempt(at);
    this.#metrics.attempts.inc({ graph, node, status });
    this.#metrics.attemptSeconds.observe({ graph, node, status }, seconds(observed.began, observed.ended));
    if (attemptNumber(at) > 1) this.#metrics.retries.inc({ graph, node });
    state.failed.delete(task);
    if (status === 'done') this.#metrics.tasks.inc({ graph, node, status });
    else state.failed.set(task, node);
  }

  #commit(graph: string, { at, observed: { time } }: CommitEntry, state: RunState): void {
    // A step may be committed even though some of its tasks failed, or tasks of inner steps below them.
    this.#failedFor(graph, state, `${at}.`);
    if (at.includes('/')) return;
    if (at !== '0') {
      this.#metrics.steps.inc({ graph });
      if (state.lastCommit !== undefined) this.#metrics.stepSeconds.observe({ graph }, seconds(state.lastCommit, time));
    }
    state.lastCommit = time;
  }

  /** Counts failed tasks that will not be retried, because their step or run is over. */
  #failedFor(graph: string, { failed }: RunState, prefix: string): void {
    for (const [task, node] of failed) {
      if (!task.startsWith(prefix)) continue;
      this.#metrics.tasks.inc({ graph, node, status: 'failed' });
      failed.delete(task);
    }
  }
}

function newState(): RunState {
  return { names: new NodeNames(), began: undefined, lastCommit: undefined, failed: new Map() };
}

/** A clock may be set back, but a histogram takes no negative values. */
function seconds(from: number, to: number): number {
  return Math.max(0, to - from) / 1_000;
}
