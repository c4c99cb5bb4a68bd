// Finds the runs that wait for a worker.
import type { Claim, ClaimedRun, DueQuery, Later, Lease, RunSummary } from '../../../port/store.ts';
import type { DrivenGraph } from '../../../port/workers.ts';
import { holds, isTooFarAhead } from '../../claims.ts';
import type { WriteStatements } from '../file/statements.ts';
import type { OpenFile, StoreFile } from '../file/store-file.ts';
import { claimOf, listedSummaryOf } from '../row/rows.ts';
import type { ClaimRow, SummaryRow } from '../row/rows.ts';
import { liveFingerprints } from './worker-statements.ts';

export interface DueRunsQuery {
  readonly graph: string;
  readonly limit: number;
  readonly isGone: Claim['isGone'];
  /** Only those that a worker with this fingerprint may drive. */
  readonly fingerprint?: string;
}

type NamedClaim = ClaimRow & { readonly id: string };

interface Found {
  readonly runs: readonly { readonly number: number; readonly run: RunSummary }[];
  readonly now: number;
  /** Claims that were first seen to end too far ahead. */
  readonly ahead: readonly NamedClaim[];
}

export function dueRuns(file: StoreFile, query: DueRunsQuery): Later<readonly RunSummary[]> {
  const found = file.read((open) => foundDue(open, query, file.now()));
  return found instanceof Promise ? found.then((given) => doubted(file, given)) : doubted(file, found);
}

export function foundDue(open: Pick<OpenFile, 'read'>, query: DueRunsQuery, now: number): Found {
  const { read } = open;
  const { graph, limit, isGone, fingerprint = null } = query;
  const claims = read.claims.all(now) as readonly NamedClaim[];
  const gone = claims.filter((row) => isGone?.(row.id) === true || !holds(claimOf(row), now)).map(({ id }) => id);
  const live = fingerprint === null ? [] : liveFingerprints(open, { graph, now, isGone });
  const rows = read.due.all({
    graph,
    now,
    limit,
    gone: JSON.stringify(gone),
    fingerprint,
    live: JSON.stringify(live),
  }) as readonly SummaryRow[];
  return {
    runs: rows.map((row) => ({ number: row.number, run: listedSummaryOf(row) })),
    now,
    ahead: claims.filter((row) => row.doubted_at === null && isTooFarAhead(claimOf(row), now)),
  };
}

/** Takes those that are due in one transaction. */
export function claimDueRuns(
  file: StoreFile,
  { graphs, claim, limit, skip = [] }: DueQuery,
  take: (sql: WriteStatements, runId: string) => Lease,
): Later<readonly ClaimedRun[]> {
  const { isGone } = claim;
  const dueOf = ({ name, fingerprint }: DrivenGraph): DueRunsQuery => ({
    graph: name,
    fingerprint,
    limit: limit + skip.length,
    isGone,
  });
  const dueIn = (open: Pick<OpenFile, 'read'>, now: number): readonly RunSummary[] =>
    graphs
      .flatMap((graph) => foundDue(open, dueOf(graph), now).runs)
      .filter(({ run }) => !skip.includes(run.runId))
      .sort((left, right) => left.number - right.number)
      .slice(0, limit)
      .map(({ run }) => run);
  // Looked up first: where nothing is due, no other writer has to wait.
  const isIdle = Promise.all(graphs.map((graph) => dueRuns(file, dueOf(graph)))).then(
    (found) => !found.flat().some(({ runId }) => !skip.includes(runId)),
  );
  return isIdle.then((idle) =>
    idle ? [] : file.write((sql, open) => dueIn(open, file.now()).map((was) => ({ lease: take(sql, was.runId), was }))),
  );
}

/** Keeps that these claims were seen to end too far ahead, before the runs are given. */
function doubted(file: StoreFile, { runs, ahead, now }: Found): Later<readonly RunSummary[]> {
  const given = runs.map(({ run }) => run);
  if (ahead.length === 0 || file.isReadOnly) return given;
  return file.write((sql) => {
    for (const { id } of ahead) sql.doubt.run(now, id);
    return given;
  });
}
