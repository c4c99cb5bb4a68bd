// Which runs to list.
import { filledText, oneOf, text, wholeNumber } from '../base/options/option-kind.ts';
import { checkOptions, optionShape } from '../base/options/option-shape.ts';
import type { RunQuery, RunStatus } from '../port/store.ts';

export const runStatuses: readonly RunStatus[] = [
  'queued',
  'running',
  'done',
  'failed',
  'cancelled',
  'interrupted',
  'paused',
];

export const runQuery = optionShape<RunQuery>('store.list', {
  graph: text,
  status: oneOf(...runStatuses),
  limit: wholeNumber({ least: 0 }),
  after: text,
  tenant: filledText,
});

const limitDefault = 100;

/** The most runs to list. @throws RepriseError `option-invalid` */
export function limitOf(query: RunQuery): number {
  checkOptions(runQuery, query);
  return query.limit ?? limitDefault;
}
