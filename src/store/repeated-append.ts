// How much of an append the store holds already. One is repeated when its answer was lost, and every store judges it alike.
import type { Entry } from '../journal/entry.ts';
import type { Lease, RunStatus } from '../port/store.ts';
import { isEnded } from './progress.ts';
import { storeWentBack } from './run-error.ts';

/**
 * How many of the entries of an append at `place` a journal of `count` entries holds already. Only the owner of the run
 * writes, so what comes after that place under its token is what it asked for.
 *
 * @throws RepriseError `store-went-back`
 */
export function heldOf(runId: string, place: number, count: number): number {
  if (count < place) throw storeWentBack(runId, count, place);
  return count - place;
}

/** Whether these entries have ended the run, and with it the lease, before they were given again. */
export function isRepeatedEnd(
  run: { readonly token: number; readonly status: RunStatus },
  lease: Lease,
  {
    entries,
    place,
    count,
  }: { readonly entries: readonly Entry[]; readonly place: number | undefined; readonly count: number },
): boolean {
  // An end raises the token by one, as a take does: but a run that was taken is not ended.
  if (run.token !== lease.token + 1 || !isEnded(run.status) || place === undefined) return false;
  return count === place + entries.length && entries.some(({ kind }) => kind === 'end');
}
