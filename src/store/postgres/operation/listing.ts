// Finds runs: one, the newest, those that wait for a worker, and those that are to be deleted.
import type { Claim, RunQuery, RunSummary } from '../../../port/store.ts';
import { limitOf } from '../../run-query.ts';
import type { Row } from '../server/pool.ts';
import type { Server, Statement } from '../server/server.ts';
import { timeOf, timeText } from '../server/store-clock.ts';
import type { StoreClock } from '../server/store-clock.ts';
import { nameOf, storedName } from '../row/names.ts';
import { summaryColumns, summaryOf } from '../row/summary.ts';
import type { SummaryRow } from '../row/summary.ts';
import { numberOf } from './reading.ts';

const summary = (row: Row): RunSummary => summaryOf(row as unknown as SummaryRow);

const find: Statement = {
  name: 'find',
  text: (s) => `SELECT ${summaryColumns} FROM ${s}.run r WHERE r.id = $1`,
};

export async function findRun(server: Server, runId: string): Promise<RunSummary | undefined> {
  const [row] = await server.rows(find, [storedName(runId)]);
  return row === undefined ? undefined : summary(row);
}

/** A condition that is not asked for is left out, so that each form finds its index. */
function listOf(query: RunQuery): Statement {
  const graph = query.graph === undefined ? '' : ' AND r.graph = $2::text';
  const status = query.status === undefined ? '' : ' AND r.status = $3::text';
  const after = query.after === undefined ? '' : ' AND r.number < $4::bigint';
  const form = [graph, status, after].map((part) => (part === '' ? 0 : 1)).join('');
  return {
    name: `list_${form}`,
    text: (s) => `SELECT ${summaryColumns} FROM ${s}.run r
      WHERE ($2::text, $3::text, $4::bigint) IS NOT DISTINCT FROM ($2::text, $3::text, $4::bigint)${graph}${status}${after}
      ORDER BY r.number DESC LIMIT $1`,
  };
}

export async function listRuns(server: Server, query: RunQuery): Promise<readonly RunSummary[]> {
  const limit = limitOf(query);
  const { graph, status, after } = query;
  const number = after === undefined ? null : await numberOf(server, after);
  const values = [limit, graph === undefined ? null : storedName(graph), status ?? null, number];
  return (await server.rows(listOf(query), values)).map(summary);
}

const owners: Statement = {
  name: 'owners',
  text: (s) =>
    `SELECT DISTINCT r.owner FROM ${s}.run r WHERE r.graph = $1 AND r.status = 'running' AND r.owner IS NOT NULL`,
};

const due: Statement = {
  name: 'due',
  text: (s) => `SELECT ${summaryColumns} FROM ${s}.run r
    WHERE r.graph = $1 AND r.status IN ('queued', 'running', 'interrupted', 'paused') AND (r.status = 'interrupted'
      OR (r.status = 'running' AND (r.owner IS NULL OR r.owner = ANY ($4::text[])
        OR greatest(coalesce(r.until, 0), coalesce((SELECT o.expires_at FROM ${s}.owner o WHERE o.id = r.owner), 0)) <= ${timeText('$2')}))
      OR (r.status IN ('queued', 'paused') AND (r.wake_at <= ${timeText('$2')} OR r.cancel IS NOT NULL)))
    ORDER BY r.number LIMIT $3`,
};

export interface DueQuery {
  readonly graph: string;
  readonly now: number;
  readonly limit: number;
  readonly isGone: Claim['isGone'];
}

export async function dueRuns(
  server: Server,
  clock: StoreClock,
  { graph, now, limit, isGone }: DueQuery,
): Promise<readonly RunSummary[]> {
  const known = isGone === undefined ? [] : await server.rows(owners, [storedName(graph)]);
  const gone = known.map(({ owner }) => String(owner)).filter((owner) => isGone?.(nameOf(owner)) === true);
  return (await server.rows(due, [storedName(graph), timeOf(clock, now), limit, gone])).map(summary);
}
