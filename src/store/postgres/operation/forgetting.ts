// Deletes runs.
//   F1. One statement decides whether to, and deletes the run's row under its lock: from then on there is no such run, and
//       nobody writes to it any more.
//   F2. What else there is of the run goes with a statement after that, which sees all that was written until then. One that a
//       lost process has not sent is made up for by the next that deletes anything.
import { afterErrandsOf, errandsOf, firstUserName } from '../../../journal/errand.ts';
import type { RunSummary } from '../../../port/store.ts';
import type { PruneSettings } from '../../prune-query.ts';
import { runOwned } from '../../run-error.ts';
import { nextTurn } from '../../row/pause.ts';
import type { Server, Statement } from '../server/server.ts';
import { timeOf, timeText } from '../server/store-clock.ts';
import type { StoreClock } from '../server/store-clock.ts';
import { storedName } from '../row/names.ts';
import { summaryColumns, summaryOf } from '../row/summary.ts';
import type { SummaryRow } from '../row/summary.ts';
import { foundRun, foundRuns, unknownRun } from './found-run.ts';

const isFree = (s: string, time: string): string =>
  `NOT (r.status = 'running' AND r.owner IS NOT NULL
     AND greatest(coalesce(r.until, 0), coalesce((SELECT o.expires_at FROM ${s}.owner o WHERE o.id = r.owner), 0)) > ${timeText(time)})`;

const remove: Statement = {
  name: 'delete',
  text: (s) => `WITH gone AS (
      DELETE FROM ${s}.run r WHERE r.number = $1 AND ${isFree(s, '$2')}
        AND ($3::text[] IS NULL OR r.status = ANY ($3::text[])) AND ($4::float8 IS NULL OR r.time < $4::float8)
      RETURNING r.number)
    INSERT INTO ${s}.dropped (run) SELECT number FROM gone RETURNING run`,
};

/** Errands go even while a worker has them. `$3`: the ids of those that go; without, all go if their run is over. */
const removeErrands: Statement = {
  name: 'drop_errands',
  text: (s) => `WITH gone AS (
      DELETE FROM ${s}.run r WHERE r.id >= $1 AND r.id < $2 AND r.graph < '${firstUserName}'
        AND (r.id = ANY ($3::text[]) OR ($3::text[] IS NULL AND NOT EXISTS (
          SELECT 1 FROM ${s}.run o WHERE o.id = $4 AND o.status NOT IN ('done', 'cancelled'))))
      RETURNING r.number)
    INSERT INTO ${s}.dropped (run) SELECT number FROM gone RETURNING run`,
};

async function removeErrandsOf(server: Server, runId: string, ids?: readonly string[]): Promise<void> {
  const range = [storedName(errandsOf(runId)), storedName(afterErrandsOf(runId))];
  await server.rows(removeErrands, [...range, ids?.map(storedName) ?? null, storedName(runId)]);
}

export async function dropErrands(server: Server, runId: string, ids?: readonly string[]): Promise<void> {
  server.checkWritable();
  await removeErrandsOf(server, runId, ids);
  await sweepDropped(server);
}

/** Few at a time, so that no statement takes long. What another process is sweeping is left to it. */
const sweep: Statement = {
  name: 'sweep',
  text: (s) => `WITH gone AS MATERIALIZED (SELECT run FROM ${s}.dropped ORDER BY run LIMIT 20 FOR UPDATE SKIP LOCKED),
    entries AS (DELETE FROM ${s}.entry e USING gone WHERE e.run = gone.run),
    parts AS (DELETE FROM ${s}.part p USING gone WHERE p.run = gone.run),
    checkpoints AS (DELETE FROM ${s}.checkpoint c USING gone WHERE c.run = gone.run),
    labels AS (DELETE FROM ${s}.label l USING gone WHERE l.run = gone.run),
    messages AS (DELETE FROM ${s}.message m USING gone WHERE m.run = gone.run)
    DELETE FROM ${s}.dropped d USING gone WHERE d.run = gone.run RETURNING d.run`,
};

async function sweepDropped(server: Server): Promise<void> {
  while ((await server.rows(sweep, [])).length > 0) await nextTurn();
}

/** @throws RepriseError `run-unknown`, `run-owned` */
export async function deleteRun(server: Server, clock: StoreClock, runId: string): Promise<void> {
  server.checkWritable();
  // By its number: a statement that comes late deletes no other run that has its id by then.
  const { number } = await foundRun(server, runId);
  const { rows, wasRepeated } = await server.ask(remove, [number, timeOf(clock), null, null]);
  if (rows.length === 0) {
    const isThere = (await foundRuns(server, [runId])).get(storedName(runId))?.number === number;
    if (isThere) throw runOwned(runId);
    if (!wasRepeated) throw unknownRun(server, runId);
  }
  await removeErrandsOf(server, runId);
  await sweepDropped(server);
}

const prunable: Statement = {
  name: 'prunable',
  text: (s) => `SELECT * FROM (
      SELECT ${summaryColumns}, row_number() OVER (PARTITION BY r.graph ORDER BY r.number DESC) AS nth, ${isFree(s, '$5')} AS free
      FROM ${s}.run r WHERE r.status = ANY ($1::text[]) AND r.graph >= '${firstUserName}' AND ($2::text IS NULL OR r.graph = $2::text)) AS r
    WHERE r.nth > $3 AND r.time < $4 AND r.free ORDER BY r.number`,
};

export async function pruneRuns(
  server: Server,
  clock: StoreClock,
  settings: PruneSettings,
): Promise<readonly RunSummary[]> {
  const { statuses, graph, keep, olderThan, isDry } = settings;
  if (!isDry) server.checkWritable();
  const time = timeOf(clock);
  const values = [statuses, graph === undefined ? null : storedName(graph), keep, olderThan, time];
  const rows = (await server.rows(prunable, values)) as unknown as readonly SummaryRow[];
  const pruned: RunSummary[] = [];
  for (const row of rows) {
    // It may have been resumed, or deleted, since it was found.
    const isGone = isDry || (await server.rows(remove, [row.number, time, statuses, olderThan])).length > 0;
    if (!isGone) continue;
    const summary = summaryOf(row);
    if (!isDry) await removeErrandsOf(server, summary.runId);
    pruned.push(summary);
  }
  if (!isDry) await sweepDropped(server);
  return pruned;
}
