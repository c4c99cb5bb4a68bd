// Which runs are asked to be deleted, checked before any of them is: a slip in a query must not cost a run.
import { RepriseError } from '../base/error.ts';
import { nearestName } from '../base/nearest-name.ts';
import type { PruneQuery, RunStatus } from '../port/store.ts';

export interface PruneSettings {
  readonly olderThan: number;
  readonly now: number;
  readonly keep: number;
  readonly statuses: readonly RunStatus[];
  readonly graph: string | undefined;
}

const allStatuses: readonly RunStatus[] = ['running', 'done', 'failed', 'cancelled', 'interrupted', 'paused'];
const endedStatuses: readonly RunStatus[] = ['done', 'failed', 'cancelled'];
const optionNames: readonly (keyof PruneQuery)[] = ['olderThan', 'now', 'keep', 'status', 'graph'];

/** @throws RepriseError `option-invalid` */
export function pruneSettings(query: PruneQuery): PruneSettings {
  for (const name of Object.keys(query)) {
    if ((optionNames as readonly string[]).includes(name)) continue;
    const near = nearestName(name, optionNames);
    throw invalid(
      `prune has no option "${name}"`,
      near === undefined ? `It has ${optionNames.join(', ')}.` : `Did you mean "${near}"?`,
    );
  }
  const { olderThan, now, keep = 0, status = endedStatuses, graph } = query;
  checkTime(olderThan, 'olderThan');
  checkTime(now, 'now');
  if (!Number.isSafeInteger(keep) || keep < 0)
    throw invalid(`keep is ${String(keep)}, which is no number of runs`, 'Give a whole number, 0 or more.');
  const statuses = typeof status === 'string' ? [status] : [...status];
  for (const one of statuses)
    if (!allStatuses.includes(one))
      throw invalid(`no run has the status "${String(one)}"`, `Give some of ${allStatuses.join(', ')}.`);
  return { olderThan, now, keep, statuses, graph };
}

/** @throws RepriseError `option-invalid` */
export function checkTime(time: unknown, name: string): void {
  if (typeof time === 'number' && Number.isFinite(time)) return;
  throw invalid(`${name} is ${String(time)}, which is no time`, 'Give milliseconds since 1970, such as Date.now().');
}

function invalid(what: string, nextStep: string): RepriseError {
  return new RepriseError('option-invalid', what, { nextStep });
}
