import type { RunFold } from '../../journal/fold/run-fold.ts';
import type { RunStore } from '../../port/store.ts';

/**
 * Folds a run of a store: from its last checkpoint on, where the store has one. `step`: no further than to this one;
 * `count`: no more than its first so many entries. Gives the place of the entry behind the last one that was read.
 *
 * @throws RepriseError `run-unknown`
 */
export async function foldRun(
  store: RunStore,
  runId: string,
  fold: RunFold,
  { step, count = Number.POSITIVE_INFINITY }: { readonly step?: number; readonly count?: number } = {},
): Promise<number> {
  const isToStep = step !== undefined && step >= 0 && count === Number.POSITIVE_INFINITY;
  const checkpoint = await store.checkpoint?.(runId, step);
  let place = 0;
  if (checkpoint !== undefined) {
    fold.restore(checkpoint.checkpoint);
    place = checkpoint.place + 1;
  }
  for await (const entry of store.read(runId, place, count - place)) {
    // What was changed in a state behind its step belongs to it.
    if (isToStep && fold.step === step && entry.kind !== 'edit') break;
    fold.add(entry);
    place += 1;
  }
  return place;
}

/** Folds what was written to a run since; gives how many entries that were. */
export async function foldRest(store: RunStore, runId: string, fold: RunFold, place: number): Promise<number> {
  let count = 0;
  for await (const entry of store.read(runId, place)) {
    fold.add(entry);
    count += 1;
  }
  return count;
}
