// Which runs may have grown, for those who follow a store.
//   C1. Each round reads from the oldest transaction that was still open, or had not begun, when the previous round looked.
//       So a round sees everything that the previous one could not see, and some things a second time.
//   C2. Transaction ids that this server has not reached yet come from the server that it was restored from. Such runs are
//       named in the first round, and after that only when they change here.
//   C3. A follower whose position this server has not reached was following one that has gone back. It starts over.
//   C4. Runs that are driven grow all the time, and there are few of them: they are named in every round, so that no append
//       has to update an index.
import { firstUserName } from '../../../journal/errand.ts';
import type { Changes, ChangesQuery, RunSummary } from '../../../port/store.ts';
import { storedName } from '../row/names.ts';
import { summaryColumns, summaryOf } from '../row/summary.ts';
import type { SummaryRow } from '../row/summary.ts';
import type { Row } from '../server/pool.ts';
import type { Server, Statement } from '../server/server.ts';

/** Errands are no runs to those who ask for all. */
const ofGraph = (parameter: string): string =>
  `CASE WHEN ${parameter}::text IS NULL THEN r.graph >= '${firstUserName}' ELSE r.graph = ${parameter}::text END`;

const settledSince: Statement = {
  name: 'settled',
  text: (
    s,
  ) => `SELECT h.horizon, h.further, page.* FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon,
        NOT $5::boolean AND $1::text::xid8 > pg_snapshot_xmax(pg_current_snapshot()) AS further) AS h
    LEFT JOIN LATERAL (SELECT ${summaryColumns}, r.settled::text AS settled FROM ${s}.run r
      WHERE NOT h.further AND (r.settled, r.number) > ($1::text::xid8, $2::bigint) AND ${ofGraph('$4')}
        AND ($5::boolean OR r.settled < pg_snapshot_xmax(pg_current_snapshot()))
      ORDER BY r.settled, r.number LIMIT $3) AS page ON true`,
};

const driven: Statement = {
  name: 'driven',
  text: (s) => `SELECT ${summaryColumns} FROM ${s}.run r WHERE r.owner IS NOT NULL AND r.status = 'running'
    AND ${ofGraph('$1')} ORDER BY r.number`,
};

/** `horizon`: where the next round begins; '' before the first page of one. `isFirst`: of the first round. */
interface Cursor {
  readonly settled: string;
  readonly number: string;
  readonly horizon: string;
  readonly isFirst: boolean;
}

const start = '0:0::first';

function cursorOf(text: string): Cursor {
  const [settled = '0', number = '0', horizon = '', which = ''] = text.split(':');
  return { settled, number, horizon, isFirst: which === 'first' };
}

const summary = (row: Row): RunSummary => summaryOf(row as unknown as SummaryRow);

export async function changedRuns(server: Server, query: ChangesQuery): Promise<Changes> {
  const { after = start, limit, graph } = query;
  const { settled, number, horizon: begun, isFirst } = cursorOf(after);
  const of = graph === undefined ? null : storedName(graph);
  const rows = await server.rows(settledSince, [settled, number, limit, of, isFirst]);
  if (rows[0]?.further === true) return changedRuns(server, { ...query, after: start });
  const horizon = begun === '' ? String(rows[0]?.horizon) : begun;
  const found = rows.filter((row) => row.id !== null);
  const last = found.at(-1);
  const runs = found.map(summary);
  if (last !== undefined && found.length === limit)
    return {
      runs,
      cursor: `${String(last.settled)}:${String(last.number)}:${horizon}:${isFirst ? 'first' : ''}`,
      isRest: true,
    };
  const growing = (await server.rows(driven, [of])).map(summary);
  const ids = new Set(growing.map(({ runId }) => runId));
  // Of a run that was begun or taken since, only what was seen last: its caller has read more than the first of the two says.
  const others = runs.filter(({ runId }) => !ids.has(runId));
  return { runs: [...others, ...growing], cursor: `${horizon}:0:`, isRest: false };
}
