// Which runs to delete. The query is checked before anything is deleted: a typo must not cost a run.
import { numberIn, oneOf, required, text, trueOrFalse, wholeNumber } from '../base/options/option-kind.ts';
import { either, listOf } from '../base/options/option-parts.ts';
import { checkOptions, optionShape } from '../base/options/option-shape.ts';
import type { PruneQuery, RunStatus } from '../port/store.ts';
import { runStatuses } from './run-query.ts';

export interface PruneSettings {
  readonly olderThan: number;
  readonly keep: number;
  readonly statuses: readonly RunStatus[];
  readonly graph: string | undefined;
  readonly isDry: boolean;
}

const endedStatuses: readonly RunStatus[] = ['done', 'failed', 'cancelled'];
const time = required({ ...numberIn({}), wanted: 'milliseconds since 1970, such as Date.now()' });

export const pruneOptions = optionShape<PruneQuery>('store.prune', {
  olderThan: time,
  keep: wholeNumber({ least: 0 }),
  status: either(oneOf(...runStatuses), listOf(oneOf(...runStatuses), `some of them`)),
  graph: text,
  dryRun: trueOrFalse,
});

/** @throws RepriseError `option-invalid` */
export function pruneSettings(query: PruneQuery): PruneSettings {
  checkOptions(pruneOptions, query);
  const { olderThan, keep = 0, status = endedStatuses, graph, dryRun: isDry = false } = query;
  return { olderThan, keep, statuses: typeof status === 'string' ? [status] : [...status], graph, isDry };
}
