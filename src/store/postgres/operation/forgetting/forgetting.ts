// Deletes runs.
//   F1. One statement decides whether to, and deletes the run's row under its lock: from then on there is no such run, and
//       nobody writes to it any more.
//   F2. What else there is of the run goes with a statement after that, which sees all that was written until then. One that a
//       lost process has not sent is made up for by the next that deletes anything.
import { afterErrandsOf, errandsOf, firstUserName } from '../../../../journal/errand.ts';
import { runOwned } from '../../../run-error.ts';
import { atText } from '../../server/ranges-text.ts';
import type { Server, Statement } from '../../server/server.ts';
import { timeOf, timeText } from '../../server/store-clock.ts';
import type { StoreClock } from '../../server/store-clock.ts';
import { storedName } from '../../row/names.ts';
import { foundRun, foundRuns, unknownRun } from '../found-run.ts';
import { sweepDropped } from './sweeping.ts';

/** What `dropped` has to know of a run. */
export const toDropped = (r: string): string => `${r}.number, ${atText(r)} AS at`;

export const isFree = (s: string, time: string): string =>
  `NOT (r.status = 'running' AND r.owner IS NOT NULL
     AND greatest(coalesce(r.until, 0), coalesce((SELECT o.expires_at FROM ${s}.owner o WHERE o.id = r.owner), 0)) > ${timeText(time)})`;

/** Those with these numbers and ids that nobody owns: a server that went back gives a number to another run. */
export const removeRuns: Statement = {
  name: 'delete',
  text: (s) => `WITH gone AS (
      DELETE FROM ${s}.run r WHERE r.number = ANY ($1::bigint[]) AND r.id = ANY ($5::text[]) AND ${isFree(s, '$2')}
        AND ($3::text[] IS NULL OR r.status = ANY ($3::text[])) AND ($4::float8 IS NULL OR r.time < $4::float8)
      RETURNING ${toDropped('r')})
    INSERT INTO ${s}.dropped (run, rows_at) SELECT number, at FROM gone RETURNING run`,
};

/** Errands go even while a worker has them. `$3`: the ids of those that go; without, all go if their run is over. */
const removeErrands: Statement = {
  name: 'drop_errands',
  text: (s) => `WITH gone AS (
      DELETE FROM ${s}.run r WHERE r.id >= $1 AND r.id < $2 AND r.graph < '${firstUserName}'
        AND (r.id = ANY ($3::text[]) OR ($3::text[] IS NULL AND NOT EXISTS (
          SELECT 1 FROM ${s}.run o WHERE o.id = $4 AND o.status NOT IN ('done', 'cancelled'))))
      RETURNING ${toDropped('r')})
    INSERT INTO ${s}.dropped (run, rows_at) SELECT number, at FROM gone RETURNING run`,
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

/** @throws RepriseError `run-unknown`, `run-owned` */
export async function deleteRun(server: Server, clock: StoreClock, runId: string): Promise<void> {
  server.checkWritable();
  // By its number: a statement that comes late deletes no other run that has its id by then.
  const { number } = await foundRun(server, runId);
  const { rows, wasRepeated } = await server.ask(removeRuns, [
    [number],
    timeOf(clock),
    null,
    null,
    [storedName(runId)],
  ]);
  if (rows.length === 0) {
    const isThere = (await foundRuns(server, [runId])).get(storedName(runId))?.number === number;
    if (isThere) throw runOwned(runId);
    if (!wasRepeated) throw unknownRun(server, runId);
  }
  await removeErrandsOf(server, runId);
  await sweepDropped(server);
}
