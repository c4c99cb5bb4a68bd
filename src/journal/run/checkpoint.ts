// Checkpoints: folds of a journal up to a commit. A store may keep them beside the journal, so that a resume need not
// read it from the start. The journal is the source of truth: a checkpoint derives from it, and one that cannot be read
// is ignored.
import type { Json } from '../../base/encode.ts';
import { decodeValue, encodeValue } from '../../base/encode.ts';
import { mapInPieces } from '../../base/in-pieces.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { MalformedValue } from '../../base/encode.ts';
import { record } from '../codec/checked-value.ts';
import { checkEntry } from '../codec/entry-check.ts';
import { encodeItem } from '../codec/entry-codec.ts';
import type { JoinArrivals, RunEntry, TaskSpec } from '../entry.ts';
import { isRecordValue } from '../record-value.ts';
import { withList } from '../wide-list.ts';

/** The fold of a run up to one of its own commits: enough to resume from. */
export interface RunCheckpoint {
  /** The run's first entry, with the graph that the run has been upgraded to. */
  readonly run: RunEntry;
  readonly step: number;
  readonly state: Value;
  readonly frontier: readonly TaskSpec[];
  readonly joins?: JoinArrivals;
  /** The nodes of the step, if the run may pause after some. */
  readonly ran?: readonly string[];
  /** How many steps were committed up to here, inner runs' steps included. */
  readonly stepCount: number;
}

export function encodeCheckpoint(checkpoint: RunCheckpoint): Json {
  return encodeValue(canonicalValue(checkpoint, 'checkpoint', { maxBytes: Number.POSITIVE_INFINITY }));
}

/** The same, in pieces if the next step is wide. */
export function* encodeCheckpointInPieces(checkpoint: RunCheckpoint): Generator<undefined, Json> {
  const { frontier } = checkpoint;
  const tasks = yield* mapInPieces(frontier, encodeItem);
  return withList(encodeCheckpoint({ ...checkpoint, frontier: [] }) as object, ['frontier'], tasks) as Json;
}

/** @throws MalformedValue for anything that `encodeCheckpoint` never produces */
export function decodeCheckpoint(json: Json): RunCheckpoint {
  const checkpoint = decodeValue(json);
  const fields = record(checkpoint, 'a checkpoint');
  checkEntry(record(fields.run, 'run'));
  // A commit holds the same parts, so its check covers them.
  const { step, frontier, joins, ran, stepCount } = fields;
  const commit = { kind: 'commit', at: String(step), frontier, observed: { time: 0 } };
  checkEntry(joins === undefined ? commit : { ...commit, joins });
  if ((fields.run as { readonly kind?: Value }).kind !== 'run' || !Object.hasOwn(fields, 'state'))
    throw new MalformedValue('a checkpoint has no run or no state');
  const { graph } = fields.run as unknown as RunEntry;
  if (graph.state.kind === 'fields' && !isRecordValue(fields.state))
    throw new MalformedValue('the state of a checkpoint has no fields');
  if (ran !== undefined && !(Array.isArray(ran) && ran.every((node) => typeof node === 'string')))
    throw new MalformedValue('the nodes of a checkpoint are no names');
  if (!Number.isSafeInteger(step) || !Number.isSafeInteger(stepCount))
    throw new MalformedValue('the steps of a checkpoint are not whole numbers');
  return checkpoint as unknown as RunCheckpoint;
}
