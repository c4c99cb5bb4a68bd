import type { RunFold } from '../../journal/fold/run-fold.ts';
import type { RunStore } from '../../port/store.ts';

/**
 * Folds a stored run, starting from its last checkpoint if the store keeps them. `step` is the last step to fold, `count`
 * the number of entries to fold at most. Returns the place after the last entry that was read.
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
    // An edit belongs to the step that it follows.
    if (isToStep && fold.step === step && entry.kind !== 'edit') break;
    fold.add(entry);
    place += 1;
  }
  return place;
}

/** Folds the entries from `place` on, and returns how many there were. */
export async function foldRest(store: RunStore, runId: string, fold: RunFold, place: number): Promise<number> {
  let count = 0;
  for await (const entry of store.read(runId, place)) {
    fold.add(entry);
    count += 1;
  }
  return count;
}
