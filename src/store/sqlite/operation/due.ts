// Finds the runs that wait for a worker.
import type { Claim, ClaimedRun, DueQuery, Later, Lease, RunSummary } from '../../../port/store.ts';
import { holds, isTooFarAhead } from '../../claims.ts';
import type { DrivenGraph } from '../../../port/workers.ts';
import { mayDrive } from '../../driving.ts';
import { fairShare } from '../../fairness.ts';
import type { DueOfTenant } from '../../fairness.ts';
import type { WriteStatements } from '../file/statements.ts';
import type { OpenFile, StoreFile } from '../file/store-file.ts';
import { claimOf, listedSummaryOf } from '../row/rows.ts';
import type { ClaimRow, SummaryRow } from '../row/rows.ts';
import { drivenOf, liveFingerprints } from './worker-statements.ts';

export interface DueRunsQuery {
  readonly graph: string;
  readonly limit: number;
  readonly isGone: Claim['isGone'];
  /** Only those that a worker with this fingerprint may drive. */
  readonly fingerprint?: string | undefined;
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
  const claims = claimsIn(open, now, query.isGone);
  const rows = forWorker(open, query, { now, gone: claims.gone }, (values) => open.read.due.all(values));
  return {
    runs: rows.map((row) => ({ number: row.number, run: listedSummaryOf(row) })),
    now,
    ahead: claims.ahead,
  };
}

interface FoundClaims {
  /** Owners whose claims hold by the clock alone. */
  readonly gone: readonly string[];
  readonly ahead: Found['ahead'];
}

function claimsIn({ read }: Pick<OpenFile, 'read'>, now: number, isGone: Claim['isGone']): FoundClaims {
  const claims = read.claims.all(now) as readonly NamedClaim[];
  return {
    gone: claims.filter((row) => isGone?.(row.id) === true || !holds(claimOf(row), now)).map(({ id }) => id),
    ahead: claims.filter((row) => row.doubted_at === null && isTooFarAhead(claimOf(row), now)),
  };
}

function valuesOf(
  open: Pick<OpenFile, 'read'>,
  { graph, limit, isGone, fingerprint }: DueRunsQuery,
  { now, gone }: { readonly now: number; readonly gone: readonly string[] },
): Readonly<Record<string, unknown>> {
  const live = fingerprint === undefined ? [] : liveFingerprints(open, { graph, now, isGone });
  return {
    graph,
    now,
    limit,
    gone: JSON.stringify(gone),
    fingerprint: fingerprint ?? null,
    live: JSON.stringify(live),
  };
}

/**
 * The rows of a statement that a worker may drive. Nearly always that is all of them, and to look at the code that each run is
 * for would take longer than the rest: so that is done where it matters.
 */
function forWorker(
  open: Pick<OpenFile, 'read'>,
  query: DueRunsQuery,
  at: { readonly now: number; readonly gone: readonly string[] },
  all: (values: Readonly<Record<string, unknown>>) => readonly unknown[],
): readonly SummaryRow[] {
  const { graph, fingerprint, isGone } = query;
  const found = all(valuesOf(open, { ...query, fingerprint: undefined }, at)) as readonly SummaryRow[];
  if (fingerprint === undefined) return found;
  const named = (own: string): DrivenGraph => ({ name: graph, fingerprint: own });
  const live = liveFingerprints(open, { graph, now: at.now, isGone }).map(named);
  const isForAll = found.every(({ number }) => mayDrive(drivenOf(open, { number, graph }), [named(fingerprint)], live));
  return isForAll ? found : (all(valuesOf(open, query, at)) as readonly SummaryRow[]);
}

interface DueRun extends DueOfTenant {
  readonly number: number;
  readonly run: RunSummary;
}

/** The runs that a claim takes, oldest first. */
function foundShare(open: Pick<OpenFile, 'read'>, query: DueQuery, now: number): readonly RunSummary[] {
  const { graphs, claim, limit, skip = [], maxRunsPerTenant = Number.POSITIVE_INFINITY } = query;
  const { isGone } = claim;
  const { fair } = open.read;
  const hasTenants = fair !== undefined && graphs.some(({ name }) => fair.hasTenants.get(name) !== undefined);
  const { gone } = claimsIn(open, now, isGone);
  const found = graphs.flatMap(({ name, fingerprint }): readonly DueRun[] => {
    const due = { graph: name, fingerprint, limit: hasTenants ? limit : limit + skip.length, isGone };
    const rows = forWorker(open, due, { now, gone }, (values) =>
      hasTenants ? fair.due.all({ ...values, skip: JSON.stringify(skip) }) : open.read.due.all(values),
    );
    return rows.map((row) => ({ number: row.number, run: listedSummaryOf(row), tenant: row.tenant ?? undefined }));
  });
  const due = found.filter(({ run }) => !skip.includes(run.runId)).sort((left, right) => left.number - right.number);
  const served = new Map<string | undefined, number>();
  if (hasTenants)
    for (const row of fair.served.all({ now, gone: JSON.stringify(gone) })) {
      const { tenant, count } = row as { readonly tenant: string | null; readonly count: number };
      served.set(tenant ?? undefined, count);
    }
  return fairShare(due, { limit, maxPerTenant: maxRunsPerTenant, served }).map(({ run }) => run);
}

/** Takes those that are due in one transaction. */
export function claimDueRuns(
  file: StoreFile,
  query: DueQuery,
  take: (sql: WriteStatements, runId: string) => Lease,
): Later<readonly ClaimedRun[]> {
  const { graphs, claim, limit, skip = [] } = query;
  // Looked up first: where nothing is due, no other writer has to wait.
  const isIdle = Promise.all(
    graphs.map(({ name, fingerprint }) =>
      dueRuns(file, { graph: name, fingerprint, limit: limit + skip.length, isGone: claim.isGone }),
    ),
  ).then((found) => !found.flat().some(({ runId }) => !skip.includes(runId)));
  return isIdle.then((idle) =>
    idle
      ? []
      : file.write((sql, open) =>
          foundShare(open, query, file.now()).map((was) => ({ lease: take(sql, was.runId), was })),
        ),
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
