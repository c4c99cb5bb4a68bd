// Finds the row of a run, or says that there is none.
import type { RepriseError } from '../../../base/error.ts';
import type { Lease, RunStatus } from '../../../port/store.ts';
import { leaseLost, runUnknown } from '../../run-error.ts';
import type { ReadStatements, WriteStatements } from '../file/statements.ts';
import type { OwnedRow, OwnerRow } from '../row/rows.ts';

export interface RunRow {
  readonly number: number;
  readonly status: RunStatus;
  /** The sequence of the last entry, if no process drives the run. */
  readonly last: number | null;
}

export function unknownRun(path: string, runId: string): RepriseError {
  return runUnknown(runId, path, `List its runs with \`npx reprise list --store ${path}\`.`);
}

/** @throws RepriseError `run-unknown` */
export function foundRun(read: ReadStatements, path: string, runId: string): RunRow {
  const row = read.run.get(runId) as RunRow | undefined;
  if (row === undefined) throw unknownRun(path, runId);
  return row;
}

/** @throws RepriseError `run-unknown` */
export function foundOwner(sql: WriteStatements, path: string, runId: string): OwnerRow {
  const row = sql.owner.get(runId) as OwnerRow | undefined;
  if (row === undefined) throw unknownRun(path, runId);
  return row;
}

/** @throws RepriseError `run-unknown`, `lease-lost` */
export function ownedRun(sql: WriteStatements, path: string, lease: Lease): OwnedRow {
  return checkOwned(sql.owned.get(lease.runId) as OwnedRow | undefined, path, lease);
}

/** @throws like `ownedRun` */
export function checkOwned(row: OwnedRow | undefined, path: string, { runId, token }: Lease): OwnedRow {
  if (row === undefined) throw unknownRun(path, runId);
  if (row.token !== token) throw leaseLost(runId);
  return row;
}
