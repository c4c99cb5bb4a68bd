// Checkpoints: folds of a journal up to a commit, kept beside it so that going on need not read all of it. The journal is
// the truth: what a checkpoint says follows from it, and one that cannot be read is done without.
import type { Json } from '../base/encode.ts';
import { decodeValue, encodeValue } from '../base/encode.ts';
import { canonicalValue } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { MalformedValue } from '../base/encode.ts';
import { checkEntry, record } from './codec/entry-check.ts';
import type { JoinArrivals, RunEntry, TaskSpec } from './entry.ts';
import { isRecordValue } from './record-value.ts';

/** Where a run stands behind a commit: enough to go on from. */
export interface RunCheckpoint {
  /** The run's first entry, with the graph that it goes on with. */
  readonly run: RunEntry;
  readonly step: number;
  readonly state: Value;
  readonly frontier: readonly TaskSpec[];
  readonly joins?: JoinArrivals;
  /** How many steps led here, those of inner runs counted. */
  readonly stepCount: number;
}

export function encodeCheckpoint(checkpoint: RunCheckpoint): Json {
  return encodeValue(canonicalValue(checkpoint, 'checkpoint', { maxBytes: Number.POSITIVE_INFINITY }));
}

/** @throws MalformedValue for what `encodeCheckpoint` never makes */
export function decodeCheckpoint(json: Json): RunCheckpoint {
  const checkpoint = decodeValue(json);
  const fields = record(checkpoint, 'a checkpoint');
  checkEntry(record(fields.run, 'run'));
  // What stands in a commit as well is checked as one.
  const { step, frontier, joins, stepCount } = fields;
  const commit = { kind: 'commit', at: String(step), frontier, observed: { time: 0 } };
  checkEntry(joins === undefined ? commit : { ...commit, joins });
  if ((fields.run as { readonly kind?: Value }).kind !== 'run' || !Object.hasOwn(fields, 'state'))
    throw new MalformedValue('a checkpoint is of no run, or without its state');
  const { graph } = fields.run as unknown as RunEntry;
  if (graph.state.kind === 'fields' && !isRecordValue(fields.state))
    throw new MalformedValue('the state of a checkpoint has no fields');
  if (!Number.isSafeInteger(step) || !Number.isSafeInteger(stepCount))
    throw new MalformedValue('a checkpoint does not count its steps');
  return checkpoint as unknown as RunCheckpoint;
}
