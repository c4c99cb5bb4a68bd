// What there is of deleted runs beside their rows in `run`: `dropped` has their numbers until it is gone.
//   W1. A range in which hardly any run is left is emptied and dropped as a whole. Of others the rows are deleted, few at a
//       time, with pauses that leave the server to those who write.
//   W2. A process may die anywhere in between: what it has not done is done by the next.
import { nextTurn, pause } from '../../../row/pause.ts';
import { elapsedMs } from '../../../store-time.ts';
import { atText } from '../../server/ranges-text.ts';
import { markText, sweepBundles } from '../bundle/bundles.ts';
import type { Server, Statement } from '../../server/server.ts';

/** So many dropped runs are looked at in one go. */
const pageCount = 500;
/** Of so many the rows are deleted at a time, so that no statement takes long. */
const sweptCount = 20;
/** A range is worth emptying where at most one number of so many is that of a run which stays. */
const emptyShare = 20;
/** How often it is tried to get hold of a range that somebody reads, and how long it takes until the next time. */
const dropTries = 20;
const dropPauseMs = 250;

/** `stands`: whether the range of its rows is there. */
const dropped: Statement = {
  name: 'dropped',
  text: (s) => `SELECT d.run, d.rows_at, coalesce((SELECT g.past > d.rows_at FROM ${s}.run_range g
      WHERE g.first <= d.rows_at ORDER BY g.first DESC LIMIT 1), false) AS stands
    FROM ${s}.dropped d WHERE d.run > $1 ORDER BY d.run LIMIT ${pageCount}`,
};

const restText = (s: string): string => `
    bundles AS (${markText(s, 'gone')}),
    tails AS (DELETE FROM ${s}.tail t USING gone WHERE t.run = gone.run),
    labels AS (DELETE FROM ${s}.label l USING gone WHERE l.run = gone.run),
    messages AS (DELETE FROM ${s}.message m USING gone WHERE m.run = gone.run)
    DELETE FROM ${s}.dropped d USING gone WHERE d.run = gone.run`;

/** What another process is sweeping is left to it. */
const sweep: Statement = {
  name: 'sweep',
  text: (s) => `WITH gone AS MATERIALIZED (SELECT d.run, d.rows_at FROM ${s}.dropped d
      WHERE d.run = ANY ($1::bigint[]) ORDER BY d.run FOR UPDATE SKIP LOCKED),
    entries AS (DELETE FROM ${s}.entry e USING gone WHERE e.run = gone.rows_at AND e.run = ANY ($2::bigint[])),
    parts AS (DELETE FROM ${s}.part p USING gone WHERE p.run = gone.rows_at AND p.run = ANY ($2::bigint[])),
    checkpoints AS (DELETE FROM ${s}.checkpoint c USING gone WHERE c.run = gone.rows_at AND c.run = ANY ($2::bigint[])),
    ${restText(s)}`,
};

/** Of runs whose range is gone. */
const sweepRest: Statement = {
  name: 'sweep_rest',
  text: (s) => `WITH gone AS MATERIALIZED (SELECT d.run FROM ${s}.dropped d
      WHERE d.run = ANY ($1::bigint[]) ORDER BY d.run FOR UPDATE SKIP LOCKED),
    ${restText(s)}`,
};

export async function sweepDropped(server: Server): Promise<void> {
  for (let after: unknown = 0; ; ) {
    const page = await server.rows(dropped, [after]);
    const rest = page.filter(({ stands }) => stands !== true).map(({ run }) => run);
    if (rest.length > 0) await server.rows(sweepRest, [rest]);
    const standing = page.filter(({ stands }) => stands === true);
    for (let first = 0; first < standing.length; first += sweptCount) {
      const some = standing.slice(first, first + sweptCount);
      const begun = elapsedMs();
      await server.rows(sweep, [some.map(({ run }) => run), some.map(({ rows_at }) => rows_at)]);
      if (first + sweptCount < standing.length) await pause(elapsedMs() - begun);
    }
    if (page.length < pageCount) break;
    after = page.at(-1)?.run;
    await nextTurn();
  }
  await sweepBundles(server);
}

/** Those that are full, and in which few runs are left. The two last are in use, or soon will be. */
const emptyRanges: Statement = {
  name: 'empty_ranges',
  text: (s) => {
    const few = `(SELECT max(w.past - w.first) / ${emptyShare} + 1 FROM ${s}.run_range w)`;
    return `SELECT g.first, g.past FROM ${s}.run_range g
    WHERE g.past < (SELECT max(l.first) FROM ${s}.run_range l)
      AND (SELECT count(*) FROM (SELECT 1 FROM ${s}.run r
          WHERE r.number >= g.first AND r.number < g.past AND r.rows_at IS NULL LIMIT ${few}) AS o)
        + (SELECT count(*) FROM (SELECT 1 FROM ${s}.run r
          WHERE r.rows_at >= g.first AND r.rows_at < g.past LIMIT ${few}) AS m) <= (g.past - g.first) / ${emptyShare}
    ORDER BY g.first`;
  },
};

const standing: Statement = {
  name: 'standing',
  text: (s) => `SELECT r.number, ${atText('r')} AS at FROM ${s}.run r
      WHERE r.number >= $1 AND r.number < $2 AND r.rows_at IS NULL
    UNION ALL SELECT r.number, r.rows_at FROM ${s}.run r WHERE r.rows_at >= $1 AND r.rows_at < $2`,
};

const move: Statement = { name: 'move_rows', text: (s) => `SELECT ${s}.move_rows($1, $2)` };
/** `is_gone`: null where the range is in use, which trying again does not change. */
const drop: Statement = { name: 'drop_range', text: (s) => `SELECT ${s}.drop_range($1) AS is_gone` };

/** Moves the runs that stay out of ranges that few stay in, and drops these. */
export async function dropRanges(server: Server): Promise<void> {
  for (const { first, past } of await server.rows(emptyRanges, [])) {
    for (const { number, at } of await server.rows(standing, [first, past])) await server.rows(move, [number, at]);
    for (let tries = 0; tries < dropTries; tries += 1) {
      const [row] = await server.rows(drop, [first]);
      if (row?.is_gone !== false) break;
      await pause(dropPauseMs);
    }
  }
}
