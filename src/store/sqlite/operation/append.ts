// Appends entries to a run.
//   A1. All of them in one transaction. Parts of a large append go ahead in transactions of their own, between which the
//       event loop has its turn: without the entries nothing refers to them, and they go with their run.
//   A2. The token is checked in each of these transactions.
import { isErrandId } from '../../../journal/errand.ts';
import { takenMessages } from '../../../journal/step/taken-messages.ts';
import type { RunCheckpoint } from '../../../journal/run/checkpoint.ts';
import { isProgress } from '../../../journal/entry.ts';
import type { Entry } from '../../../journal/entry.ts';
import type { CancelRequest, Later, Lease } from '../../../port/store.ts';
import { fingerprintOf } from '../../progress.ts';
import { heldOf, isRepeatedEnd } from '../../repeated-append.ts';
import { nextTurn } from '../../row/pause.ts';
import type { StoreFile } from '../file/store-file.ts';
import type { WriteGroup } from '../file/write-group.ts';
import { addParts, addRows } from '../row/adding.ts';
import type { ReachedRow } from '../row/adding.ts';
import type { OwnedRow } from '../row/rows.ts';
import type { CheckpointSizes } from '../../row/checkpoint-sizes.ts';
import type { KnownParts } from '../../row/known-parts.ts';
import { StoredBatch } from '../../row/stored-batch.ts';
import { cancelRequest } from './cancels.ts';
import { checkOwned, foundOwner } from './found-run.ts';
import { takeMessages } from './inbox.ts';

/** What this process knows of the runs that it writes. */
export interface WrittenRuns {
  readonly known: KnownParts;
  readonly sizes: CheckpointSizes;
  /** The last rows, so that they need not be looked up for the next ones. */
  readonly reached: Map<string, ReachedRow>;
  /** For what its writers have to wait for anyway. */
  readonly group: WriteGroup;
}

export function forgetRun({ known, sizes, reached }: WrittenRuns, runId: string): void {
  known.forget(runId);
  sizes.forget(runId);
  reached.delete(runId);
}

export interface AppendQuery {
  readonly entries: readonly Entry[];
  readonly checkpoint: (() => RunCheckpoint) | undefined;
  readonly place: number | undefined;
}

export function appendEntries(
  file: StoreFile,
  runs: WrittenRuns,
  lease: Lease,
  { entries: given, checkpoint, place }: AppendQuery,
): Later<CancelRequest | undefined> {
  const { runId } = lease;
  const { known, sizes, reached } = runs;
  const entries = [...given];
  let added: ReachedRow | undefined;
  const end = entries.find((entry) => entry.kind === 'end');
  const hasProgress = entries.some(isProgress);
  const taken = takenMessages(entries);
  const fingerprint = fingerprintOf(entries);
  const checkpointOf = (length: number): RunCheckpoint | undefined =>
    sizes.isDue(runId, length) ? checkpoint?.() : undefined;
  const batch = new StoredBatch({ runId, entries, known, checkpointOf });
  // The errands that a process makes end in groups, while other processes write as many.
  const writer = isErrandId(runId) ? runs.group : file;
  const writeSlice = (): Later<CancelRequest | undefined> =>
    writer.writePrepared(
      ({ codec }) => batch.slice(codec),
      (sql, parts, open) => {
        const cancelOf = (cancel: unknown): CancelRequest | undefined =>
          cancel === null ? undefined : cancelRequest(open, file.path, runId, cancel);
        const found = sql.owned.get(runId) as OwnedRow | undefined;
        // An end that was written before has raised the token.
        if (place !== undefined && end !== undefined && found?.token !== lease.token) {
          const row = foundOwner(sql, file.path, runId);
          if (isRepeatedEnd(row, lease, { entries, place, count: row.last + 1 })) return cancelOf(row.cancel);
        }
        const { number, last, cancel, takeovers } = checkOwned(found, file.path, lease);
        const held = place === undefined ? 0 : heldOf(runId, place, last + 1);
        if (held > 0 && held >= entries.length) return cancelOf(cancel);
        addParts(sql, number, parts);
        if (!batch.isComplete) return undefined;
        const before = reached.get(runId);
        added = addRows(sql, { runId, number, sequence: last + 1 - held }, batch, { held, before });
        if (taken.length > 0) takeMessages(sql.inboxes, number, taken);
        if (fingerprint !== undefined) sql.workers.continueWith.run(fingerprint, number);
        if (takeovers > 0 && hasProgress) sql.progressed.run(number);
        if (end !== undefined) sql.endRun.run(end.end.status, null, last + entries.length - held, number);
        return cancelOf(cancel);
      },
    );
  const settle = (cancel: CancelRequest | undefined): Later<CancelRequest | undefined> => {
    if (batch.digests.length > 0) known.add(runId, batch.digests);
    if (!batch.isComplete) return nextTurn().then(writeSlice).then(settle);
    if (end !== undefined) forgetRun(runs, runId);
    else {
      sizes.add(runId, batch.length, batch.checkpoint?.length);
      if (added !== undefined) reached.set(runId, added);
    }
    return cancel;
  };
  const written = writeSlice();
  return written instanceof Promise ? written.then(settle) : settle(written);
}
