// Finds the runs that wait for a worker.
import type { Claim, Later, RunSummary } from '../../../port/store.ts';
import { holds, isTooFarAhead } from '../../claims.ts';
import type { StoreFile } from '../file/store-file.ts';
import { claimOf, listedSummaryOf } from '../row/rows.ts';
import type { ClaimRow, SummaryRow } from '../row/rows.ts';

export interface DueQuery {
  readonly graph: string;
  readonly now: number;
  readonly limit: number;
  readonly isGone: Claim['isGone'];
}

type NamedClaim = ClaimRow & { readonly id: string };

interface Found {
  readonly runs: readonly RunSummary[];
  /** Claims that were first seen to end too far ahead. */
  readonly ahead: readonly NamedClaim[];
}

export function dueRuns(file: StoreFile, { graph, now, limit, isGone }: DueQuery): Later<readonly RunSummary[]> {
  const found = file.read(({ read }): Found => {
    const claims = read.claims.all(now) as readonly NamedClaim[];
    const gone = claims.filter((row) => isGone?.(row.id) === true || !holds(claimOf(row), now)).map(({ id }) => id);
    const rows = read.due.all({ graph, now, limit, gone: JSON.stringify(gone) }) as readonly SummaryRow[];
    return {
      runs: rows.map((row) => listedSummaryOf(row)),
      ahead: claims.filter((row) => row.doubted_at === null && isTooFarAhead(claimOf(row), now)),
    };
  });
  return found instanceof Promise ? found.then((given) => doubted(file, given, now)) : doubted(file, found, now);
}

/** Keeps that these claims were seen to end too far ahead, before the runs are given. */
function doubted(file: StoreFile, { runs, ahead }: Found, now: number): Later<readonly RunSummary[]> {
  if (ahead.length === 0 || file.isReadOnly) return runs;
  return file.write((sql) => {
    for (const { id } of ahead) sql.doubt.run(now, id);
    return runs;
  });
}
