// The rows of a store file, and what they mean.
import { RepriseError } from '../../../base/error.ts';
import type { Claim, RunStatus, RunSummary } from '../../../port/store.ts';
import { holds } from '../../claims.ts';
import type { StoredClaim } from '../../claims.ts';
import { takeoversOf } from '../../progress.ts';
import { runStatuses } from '../../run-query.ts';
import { columnSum, isIntact, placedSum } from '../../row/checksum.ts';

/** When a claim of an owner expires, and what else `claims.ts` needs to know. */
export interface ClaimRow {
  readonly expires_at: number | null;
  readonly lease_ms: number | null;
  readonly doubted_at: number | null;
}

/** A run, as its owner needs it for each write. */
export interface OwnedRow {
  readonly number: number;
  readonly token: number;
  readonly cancel: unknown;
  /** The sequence of the last entry. */
  readonly last: number;
  readonly takeovers: number;
}

export interface OwnerRow extends OwnedRow, ClaimRow {
  readonly status: RunStatus;
  readonly owner: string | null;
}

export interface SummaryRow {
  readonly number: number;
  readonly id: string;
  readonly graph: string;
  readonly status: RunStatus;
  readonly created_at: number;
  readonly wake_at: number | null;
  readonly recording: string | null;
  readonly tenant: string | null;
  readonly takeovers: number | null;
  /** The sequence of its last entry, as the run says it while nobody drives it. */
  readonly known_last: number | null;
  /** Null where no entry of it can be found. */
  readonly sequence: number | null;
  readonly step: number | null;
  readonly time: number | null;
  readonly crc: number | null;
  /** The last entry, unless it is large. */
  readonly json: unknown;
  readonly entry_crc: number | null;
}

/** The checksum of what never changes about a run. */
export function runSum(id: string, graph: string, createdAt: number): number {
  return placedSum(columnSum(id), graph, createdAt);
}

/** @throws RepriseError `store-unreadable` */
export function summaryOf(row: SummaryRow, path: string): RunSummary {
  if (!isIntactRun(row)) throw damagedRun(row.id, path);
  return summary(row);
}

/** One of many: those that are intact are given although this one may not be. */
export function listedSummaryOf(row: SummaryRow): RunSummary {
  return isIntactRun(row) ? summary(row) : { ...summary(row), isDamaged: true };
}

function isIntactRun({
  crc,
  id,
  graph,
  created_at: createdAt,
  status,
  known_last: known,
  ...last
}: SummaryRow): boolean {
  if (!isIntact(crc, id, graph, createdAt) || !runStatuses.includes(status)) return false;
  const { sequence, step, time } = last;
  if (sequence === null || step === null || time === null) return false;
  // A tree of the file that is damaged may hide the entries after this one.
  if (known !== null && known !== sequence) return false;
  return last.json === null || isIntact(last.entry_crc, last.json, id, sequence, step, time);
}

function summary(row: SummaryRow): RunSummary {
  return {
    runId: row.id,
    graph: row.graph,
    status: row.status,
    step: row.step ?? 0,
    entryCount: (row.sequence ?? -1) + 1,
    createdAt: row.created_at,
    updatedAt: row.time ?? row.created_at,
    ...(row.wake_at === null || row.wake_at === 0 ? {} : { wakeAt: row.wake_at }),
    ...(row.recording === null || row.recording === 'open' ? {} : { recording: row.recording }),
    ...(row.tenant === null ? {} : { tenant: row.tenant }),
    ...takeoversOf(row.status, row.takeovers),
  };
}

function damagedRun(runId: string, path: string): RepriseError {
  return new RepriseError('store-unreadable', `what ${path} holds about run "${runId}" is damaged`, {
    nextStep: 'Restore the file from a copy. Other runs in it can still be read, one by one.',
    fields: { path, runId },
  });
}

export function claimOf({ expires_at: expiresAt, lease_ms: leaseMs, doubted_at: doubtedAt }: ClaimRow): StoredClaim {
  // The length of a claim is unknown if an older release made it.
  return {
    expiresAt: expiresAt ?? 0,
    leaseMs: leaseMs ?? Number.POSITIVE_INFINITY,
    doubtedAt: doubtedAt ?? undefined,
  };
}

/** Whether an owner's claim to the run still holds. */
export function isClaimed(row: OwnerRow, now: number): boolean {
  return row.status === 'running' && row.owner !== null && holds(claimOf(row), now);
}

export function isOwnedByAnother(row: OwnerRow, claim: Claim, now: number): boolean {
  if (row.owner === null || row.owner === claim.owner) return false;
  return isClaimed(row, now) && claim.isGone?.(row.owner) !== true;
}
