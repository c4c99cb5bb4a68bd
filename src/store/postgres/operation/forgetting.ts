// Deletes runs, one statement each: it decides whether to, and takes everything of the run with it.
import type { RunSummary } from '../../../port/store.ts';
import type { PruneSettings } from '../../prune-query.ts';
import { runOwned } from '../../run-error.ts';
import type { Server, Statement } from '../server/server.ts';
import { timeOf, timeText } from '../server/store-clock.ts';
import type { StoreClock } from '../server/store-clock.ts';
import { storedName } from '../row/names.ts';
import { summaryColumns, summaryOf } from '../row/summary.ts';
import type { SummaryRow } from '../row/summary.ts';
import { foundRuns, unknownRun } from './found-run.ts';

const isFree = (s: string, time: string): string =>
  `NOT (r.status = 'running' AND r.owner IS NOT NULL
     AND greatest(coalesce(r.until, 0), coalesce((SELECT o.expires_at FROM ${s}.owner o WHERE o.id = r.owner), 0)) > ${timeText(time)})`;

const remove: Statement = {
  name: 'delete',
  text: (s) => `WITH gone AS (
      DELETE FROM ${s}.run r WHERE r.id = $1 AND ${isFree(s, '$2')}
        AND ($3::text[] IS NULL OR r.status = ANY ($3::text[])) AND ($4::float8 IS NULL OR r.time < $4::float8)
      RETURNING r.number),
    entries AS (DELETE FROM ${s}.entry e USING gone WHERE e.run = gone.number),
    parts AS (DELETE FROM ${s}.part p USING gone WHERE p.run = gone.number),
    checkpoints AS (DELETE FROM ${s}.checkpoint c USING gone WHERE c.run = gone.number),
    labels AS (DELETE FROM ${s}.label l USING gone WHERE l.run = gone.number),
    messages AS (DELETE FROM ${s}.message m USING gone WHERE m.run = gone.number)
    SELECT number FROM gone`,
};

/** @throws RepriseError `run-unknown`, `run-owned` */
export async function deleteRun(server: Server, clock: StoreClock, runId: string, now: number): Promise<void> {
  server.checkWritable();
  const { rows, wasRepeated } = await server.ask(remove, [storedName(runId), timeOf(clock, now), null, null]);
  if (rows.length > 0) return;
  const isThere = (await foundRuns(server, [runId])).has(storedName(runId));
  if (isThere) throw runOwned(runId);
  if (!wasRepeated) throw unknownRun(server, runId);
}

const prunable: Statement = {
  name: 'prunable',
  text: (s) => `SELECT * FROM (
      SELECT ${summaryColumns}, row_number() OVER (PARTITION BY r.graph ORDER BY r.number DESC) AS nth, ${isFree(s, '$5')} AS free
      FROM ${s}.run r WHERE r.status = ANY ($1::text[]) AND ($2::text IS NULL OR r.graph = $2::text)) AS r
    WHERE r.nth > $3 AND r.time < $4 AND r.free ORDER BY r.number`,
};

export async function pruneRuns(
  server: Server,
  clock: StoreClock,
  settings: PruneSettings,
): Promise<readonly RunSummary[]> {
  const { statuses, graph, keep, olderThan, now, isDry } = settings;
  if (!isDry) server.checkWritable();
  const time = timeOf(clock, now);
  const values = [statuses, graph === undefined ? null : storedName(graph), keep, olderThan, time];
  const rows = (await server.rows(prunable, values)) as unknown as readonly SummaryRow[];
  const pruned: RunSummary[] = [];
  for (const row of rows) {
    // It may have been resumed, or deleted, since it was found.
    const isGone = isDry || (await server.rows(remove, [row.id, time, statuses, olderThan])).length > 0;
    if (isGone) pruned.push(summaryOf(row));
  }
  return pruned;
}
