// What the row of a run says.
import type { RunStatus, RunSummary } from '../../../port/store.ts';
import { takeoversOf } from '../../progress.ts';
import { nameOf } from './names.ts';

export const summaryColumns =
  'r.number, r.id, r.graph, r.status, r.created_at, r.wake_at, r.last, r.step, r.time, r.recording, r.tenant, r.takeovers AS taken_before';

export interface SummaryRow {
  readonly number: unknown;
  readonly id: string;
  readonly graph: string;
  readonly status: RunStatus;
  readonly created_at: number;
  readonly wake_at: number | null;
  readonly last: number;
  readonly step: number;
  readonly time: number;
  readonly recording: string | null;
  /** '' for none. */
  readonly tenant: string;
  readonly taken_before: number | null;
}

export function summaryOf(row: SummaryRow): RunSummary {
  return {
    runId: nameOf(row.id),
    graph: nameOf(row.graph),
    status: row.status,
    step: row.step,
    entryCount: row.last + 1,
    createdAt: row.created_at,
    updatedAt: row.time,
    ...(row.wake_at === null || row.wake_at === 0 ? {} : { wakeAt: row.wake_at }),
    ...(row.recording === null || row.recording === 'open' ? {} : { recording: row.recording }),
    ...(row.tenant === '' ? {} : { tenant: nameOf(row.tenant) }),
    ...takeoversOf(row.status, row.taken_before),
  };
}
