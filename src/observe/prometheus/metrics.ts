// The metrics, each with its labels. No label is ever an id, a key or a text from a run: graphs and nodes are named in
// code, and every other label is one of a few words.
import { Counter, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';

/** From a millisecond, for a node that only computes, to an hour. */
const secondsBuckets = [0.001, 0.01, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600];

export interface Metrics {
  readonly runsStarted: Counter<'graph'>;
  readonly runs: Counter<'graph' | 'status'>;
  readonly runSeconds: Histogram<'graph' | 'status'>;
  readonly steps: Counter<'graph'>;
  readonly stepSeconds: Histogram<'graph'>;
  readonly tasks: Counter<'graph' | 'node' | 'status'>;
  readonly attempts: Counter<'graph' | 'node' | 'status'>;
  readonly attemptSeconds: Histogram<'graph' | 'node' | 'status'>;
  readonly retries: Counter<'graph' | 'node'>;
  readonly effects: Counter<'type' | 'status'>;
  readonly effectSeconds: Histogram<'type' | 'status'>;
  readonly tokens: Counter<'model' | 'direction'>;
  readonly recordings: Counter<'graph' | 'status'>;
  readonly dropped: Counter;
}

export function makeMetrics(register: Registry, prefix: string): Metrics {
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> =>
    new Counter({ name: `${prefix}${name}`, help, labelNames: [...labelNames], registers: [register] });
  const seconds = <Label extends string>(name: string, help: string, labelNames: readonly Label[]): Histogram<Label> =>
    new Histogram({
      name: `${prefix}${name}`,
      help,
      labelNames: [...labelNames],
      buckets: secondsBuckets,
      registers: [register],
    });
  return {
    runsStarted: counter('runs_started_total', 'Runs started.', ['graph']),
    runs: counter('runs_total', 'Runs that ended, paused or were interrupted, by status.', ['graph', 'status']),
    runSeconds: seconds('run_duration_seconds', 'Duration of runs that never paused.', ['graph', 'status']),
    steps: counter('steps_total', 'Steps committed, without those of subgraphs.', ['graph']),
    stepSeconds: seconds('step_duration_seconds', 'Duration of a step.', ['graph']),
    tasks: counter('tasks_total', 'Tasks that are done or have failed for good.', ['graph', 'node', 'status']),
    attempts: counter('attempts_total', 'Attempts of tasks, by status.', ['graph', 'node', 'status']),
    attemptSeconds: seconds('attempt_duration_seconds', 'Duration of an attempt.', ['graph', 'node', 'status']),
    retries: counter('retries_total', 'Attempts after the first of their task.', ['graph', 'node']),
    effects: counter('effects_total', 'Effects by type; an HTTP status of 400 or more is an error.', [
      'type',
      'status',
    ]),
    effectSeconds: seconds('effect_duration_seconds', 'Duration of an effect.', ['type', 'status']),
    tokens: counter('model_tokens_total', 'Tokens sent to and received from models.', ['model', 'direction']),
    recordings: counter('recordings_total', 'Fixtures by a recording policy: written, dropped, failed tries.', [
      'graph',
      'status',
    ]),
    dropped: counter(
      'observer_dropped_entries_total',
      'Entries missing from the metrics because they were dropped.',
      [],
    ),
  };
}
