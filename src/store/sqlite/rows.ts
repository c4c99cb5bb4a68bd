// The rows of a store file, and what they mean.
import type { Claim, RunStatus, RunSummary } from '../../port/store.ts';

/** What a writer needs to know about a run. */
export interface OwnerRow {
  readonly number: number;
  readonly token: number;
  readonly status: RunStatus;
  readonly owner: string | null;
  readonly cancel: unknown;
  /** The sequence of the last entry. */
  readonly last: number;
  /** When its owner's claim expires. */
  readonly expires_at: number | null;
}

export interface SummaryRow {
  readonly number: number;
  readonly id: string;
  readonly graph: string;
  readonly status: RunStatus;
  readonly created_at: number;
  readonly wake_at: number | null;
  readonly sequence: number;
  readonly step: number;
  readonly time: number;
}

export interface EntryRow {
  readonly sequence: number;
  readonly json: unknown;
}

export function summaryOf(row: SummaryRow): RunSummary {
  return {
    runId: row.id,
    graph: row.graph,
    status: row.status,
    step: row.step,
    entryCount: row.sequence + 1,
    createdAt: row.created_at,
    updatedAt: row.time,
    ...(row.wake_at === null ? {} : { wakeAt: row.wake_at }),
  };
}

/** Whether an owner's claim to the run still holds. */
export function isClaimed({ status, owner, expires_at: expiresAt }: OwnerRow, now: number): boolean {
  return status === 'running' && owner !== null && (expiresAt ?? 0) > now;
}

export function isOwnedByAnother(row: OwnerRow, claim: Claim): boolean {
  if (row.owner === null || row.owner === claim.owner) return false;
  return isClaimed(row, claim.now) && claim.isGone?.(row.owner) !== true;
}
