// Deletes runs that ended long ago, any number of them, while others write.
//   P1. A statement looks at so many rows at most, and deletes fewer: none takes long, however many there are.
import { afterErrandsOf, errandsOf, firstUserName } from '../../../../journal/errand.ts';
import type { RunSummary } from '../../../../port/store.ts';
import type { PruneSettings } from '../../../prune-query.ts';
import { nextTurn } from '../../../row/pause.ts';
import { storedName } from '../../row/names.ts';
import { summaryColumns, summaryOf } from '../../row/summary.ts';
import type { SummaryRow } from '../../row/summary.ts';
import type { Server, Statement } from '../../server/server.ts';
import { timeOf } from '../../server/store-clock.ts';
import type { StoreClock } from '../../server/store-clock.ts';
import { isFree, removeRuns, toDropped } from './forgetting.ts';
import { dropRanges, sweepDropped } from './sweeping.ts';

const lookedCount = 2_000;
const removedCount = 200;

/** The oldest of the runs of each graph that are kept for being the newest. */
const keptRuns: Statement = {
  name: 'kept_runs',
  text: (s) => `WITH RECURSIVE names (name) AS (
      SELECT min(r.graph) FROM ${s}.run r WHERE r.graph >= '${firstUserName}'
      UNION ALL SELECT (SELECT min(r.graph) FROM ${s}.run r WHERE r.graph > n.name) FROM names n WHERE n.name IS NOT NULL)
    SELECT n.name, k.number FROM names n CROSS JOIN LATERAL (
      SELECT r.number FROM ${s}.run r WHERE r.graph = n.name AND r.status = ANY ($1::text[])
      ORDER BY r.number DESC OFFSET $2::bigint - 1 LIMIT 1) AS k`,
};

/**
 * Of the next rows after this number, those that may be deleted; with the last that was looked at. `$6`: all, or those before
 * these.
 */
const prunable: Statement = {
  name: 'prunable',
  text: (s) => `SELECT w.last AS looked, page.* FROM (SELECT max(n.number) AS last FROM (
      SELECT r.number FROM ${s}.run r WHERE r.number > $1 ORDER BY r.number LIMIT ${lookedCount}) AS n) AS w
    LEFT JOIN LATERAL (SELECT ${summaryColumns} FROM ${s}.run r
      WHERE r.number > $1 AND r.number <= w.last AND r.status = ANY ($2::text[]) AND r.time < $3
        AND r.graph >= '${firstUserName}' AND ($4::text IS NULL OR r.graph = $4::text) AND ${isFree(s, '$5')}
        AND ($6::boolean OR r.number < (SELECT k.number FROM unnest($7::text[], $8::bigint[]) AS k (name, number) WHERE k.name = r.graph))
      ORDER BY r.number) AS page ON true`,
};

/** Those of runs that are gone, or have ended for good. */
const removeErrands: Statement = {
  name: 'prune_errands',
  text: (s) => `WITH gone AS (
      DELETE FROM ${s}.run r USING unnest($1::text[], $2::text[], $3::text[]) AS w (first, past, id)
      WHERE r.id >= w.first AND r.id < w.past AND r.graph < '${firstUserName}' AND NOT EXISTS (
        SELECT 1 FROM ${s}.run o WHERE o.id = w.id AND o.status NOT IN ('done', 'cancelled'))
      RETURNING ${toDropped('r')})
    INSERT INTO ${s}.dropped (run, rows_at) SELECT number, at FROM gone`,
};

export async function pruneRuns(
  server: Server,
  clock: StoreClock,
  settings: PruneSettings,
): Promise<readonly RunSummary[]> {
  const { statuses, graph, keep, olderThan, isDry } = settings;
  if (!isDry) server.checkWritable();
  const time = timeOf(clock);
  const of = graph === undefined ? null : storedName(graph);
  const kept = keep === 0 ? [] : await server.rows(keptRuns, [statuses, keep]);
  const before = [kept.map(({ name }) => name), kept.map(({ number }) => number)];
  const pruned: RunSummary[] = [];
  for (let after: unknown = 0; ; ) {
    const page = await server.rows(prunable, [after, statuses, olderThan, of, time, keep === 0, ...before]);
    after = page[0]?.looked;
    if (after === null || after === undefined) break;
    const rows = page.filter(({ id }) => id !== null) as unknown as readonly SummaryRow[];
    for (let first = 0; first < rows.length; first += removedCount) {
      const some = rows.slice(first, first + removedCount);
      pruned.push(...(isDry ? some : await removed(server, some, [time, statuses, olderThan])).map(summaryOf));
    }
    await nextTurn();
  }
  if (isDry) return pruned;
  await dropRanges(server);
  await sweepDropped(server);
  return pruned;
}

/** Those that are gone: one may have been resumed, or deleted, since it was found. */
async function removed(
  server: Server,
  rows: readonly SummaryRow[],
  conditions: readonly unknown[],
): Promise<readonly SummaryRow[]> {
  const ids = rows.map((row) => summaryOf(row).runId);
  const wanted = [rows.map(({ number }) => number), ...conditions, ids.map(storedName)];
  const gone = await server.rows(removeRuns, wanted);
  const numbers = new Set(gone.map(({ run }) => run));
  await server.rows(removeErrands, [
    ids.map((id) => storedName(errandsOf(id))),
    ids.map((id) => storedName(afterErrandsOf(id))),
    ids.map(storedName),
  ]);
  return rows.filter(({ number }) => numbers.has(number));
}
