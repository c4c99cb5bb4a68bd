// Runs that wait for a worker: which they are, and which of them a worker gets.
//   D1. What decides stands in the run's row, or is a claim as old as the snapshot: a run that was taken meanwhile says so
//       itself (`owning.ts`).
import type { Claim, ClaimedRun, DueQuery, RunSummary } from '../../../port/store.ts';
import type { Row } from '../server/pool.ts';
import type { Server, Statement } from '../server/server.ts';
import { atText } from '../server/ranges-text.ts';
import { servedText } from '../server/schema.ts';
import { leaseMsOf, timeOf, timeText } from '../server/store-clock.ts';
import type { StoreClock } from '../server/store-clock.ts';
import { nameOf, storedName } from '../row/names.ts';
import { nextToken } from '../row/token.ts';
import { summaryColumns, summaryOf } from '../row/summary.ts';
import type { SummaryRow } from '../row/summary.ts';
import { claiming } from './append/doubts.ts';
import { dueText } from './due-text.ts';
import type { Claims } from './append/doubts.ts';
import { claimText, openedText, sizeColumns, takenColumns, takeoverText } from './owning.ts';
import type { Taken } from './owning.ts';
import { mayDriveText } from './workers.ts';

const summary = (row: Row): RunSummary => summaryOf(row as unknown as SummaryRow);

const owners: Statement = {
  name: 'owners',
  text: (s) => `SELECT DISTINCT r.owner FROM ${s}.run r
    WHERE r.graph = ANY ($1::text[]) AND r.status = 'running' AND r.owner IS NOT NULL
    UNION SELECT w.id FROM ${s}.worker w WHERE w.graph = ANY ($1::text[])`,
};

/** What the caller knows of the owners of these runs, and of the workers that have their graphs. */
async function knownOwners(
  server: Server,
  graphs: readonly string[],
  isGone: Claim['isGone'],
): Promise<{ readonly gone: readonly string[]; readonly alive: readonly string[] }> {
  if (isGone === undefined) return { gone: [], alive: [] };
  const names = (await server.rows(owners, [graphs.map(storedName)])).map(({ owner }) => String(owner));
  const verdicts = names.map((name) => [name, isGone(nameOf(name))] as const);
  const those = (wanted: boolean): readonly string[] =>
    verdicts.flatMap(([name, verdict]) => (verdict === wanted ? [name] : []));
  return { gone: those(true), alive: those(false) };
}

const due: Statement = {
  name: 'due',
  text: (s) => `SELECT ${summaryColumns} FROM ${s}.run r
    WHERE r.graph = $1 AND ${dueText(s, '$2', '$4')} ORDER BY r.number LIMIT $3`,
};

export interface DueRunsQuery {
  readonly graph: string;
  readonly limit: number;
  readonly isGone: Claim['isGone'];
}

export async function dueRuns(
  server: Server,
  clock: StoreClock,
  { graph, limit, isGone }: DueRunsQuery,
): Promise<readonly RunSummary[]> {
  const { gone } = await knownOwners(server, [graph], isGone);
  return (await server.rows(due, [storedName(graph), timeOf(clock), limit, gone])).map(summary);
}

/**
 * As `fairShare` says: of each tenant the oldest, and of these the ones whose turn is first. Of each tenant more are looked at
 * than are wanted, since rows that others are taking at this moment are passed over. Without a limit of tenants nobody waits
 * for the claims of others.
 */
const claimOf = (isLimited: boolean): Statement => ({
  name: isLimited ? 'claim_due_limited' : 'claim_due',
  text: (s) => `WITH served (tenant, runs) AS MATERIALIZED (
      ${isLimited ? `SELECT * FROM ${s}.served(${timeText('$5')}, $6::text[])` : servedText(s, timeText('$5'), '$6::text[]')}),
    found AS MATERIALIZED (
      SELECT f.* FROM ${s}.open_tenants($1::text[]) t CROSS JOIN LATERAL (
        SELECT r.number, r.tenant FROM ${s}.run r
        WHERE r.graph = t.of_graph AND r.tenant = t.of_tenant AND r.id <> ALL ($8::text[]) AND ${dueText(s, '$5', '$6')}
          AND ${mayDriveText(s, { names: '$1', fingerprints: '$11', time: '$5', gone: '$6' })}
        ORDER BY r.number LIMIT $9::bigint * 4 + 20) AS f),
    turns AS (
      SELECT f.number, f.tenant,
        coalesce(v.runs, 0) + row_number() OVER (PARTITION BY f.tenant ORDER BY f.number) - 1 AS turn
      FROM found f LEFT JOIN served v ON v.tenant = f.tenant),
    ranked AS MATERIALIZED (
      SELECT t.number, t.turn FROM turns t WHERE t.tenant = '' OR $12::int IS NULL OR t.turn < $12::int
      ORDER BY t.turn, t.number LIMIT $9::bigint * 4 + 20),
    due AS MATERIALIZED (
      SELECT ${summaryColumns}, r.owner, ${sizeColumns}, ${atText('r')} AS at FROM ranked k JOIN ${s}.run r ON r.number = k.number
      WHERE ${dueText(s, '$5', '$6')}
      ORDER BY k.turn, k.number LIMIT $9::bigint FOR NO KEY UPDATE OF r SKIP LOCKED),
    taken AS (
      UPDATE ${s}.run r SET status = 'running', owner = $2::text, until = ${timeText('$5')} + $4::float8, wake_at = NULL,
        token = ${nextToken(s)}, nonce = $3::uuid, listens = false, takeovers = ${takeoverText('$2', '$7')},
        recording = coalesce($10::text, r.recording), record_at = ${openedText('$10')}
      FROM due WHERE r.number = due.number RETURNING r.number, r.token, r.takeovers),
    one AS (SELECT 1 FROM taken LIMIT 1),
    ${claimText(s, '$2', `${timeText('$5')} + $4::float8`, 'one')}
    SELECT r.*, taken.token, taken.takeovers FROM taken JOIN due r ON r.number = taken.number
    ORDER BY r.number`,
});

const claim = claimOf(false);
const limitedClaim = claimOf(true);

/** What a claim whose answer was lost has taken. */
const claimedBefore: Statement = {
  name: 'claimed_before',
  text: (s) => `SELECT ${summaryColumns}, r.token, r.takeovers, ${sizeColumns}, ${atText('r')} AS at FROM ${s}.run r
    WHERE r.owner = $1 AND r.nonce = $2::uuid ORDER BY r.number`,
};

/** Of an `int`. */
const limitMax = 2 ** 31 - 1;

export interface Claimed extends ClaimedRun, Taken {}

export async function claimDueRuns(
  server: Server,
  { clock, doubts }: Claims,
  query: DueQuery,
): Promise<readonly Claimed[]> {
  server.checkWritable();
  const { graphs, claim: given, limit, skip = [], maxRunsPerTenant = Number.POSITIVE_INFINITY } = query;
  const maxPerTenant = maxRunsPerTenant <= limitMax ? maxRunsPerTenant : null;
  const names = graphs.map(({ name }) => name);
  const { owner, isGone, isRecorded } = given;
  const { gone, alive } = await knownOwners(server, names, isGone);
  return claiming(server, doubts, owner, async ({ nonce, ask }) => {
    const { rows, wasRepeated } = await ask(maxPerTenant === null ? claim : limitedClaim, [
      names.map(storedName),
      storedName(owner),
      nonce,
      leaseMsOf(given),
      timeOf(clock),
      gone,
      alive,
      skip.map(storedName),
      Math.min(limit, limitMax),
      isRecorded === true ? 'open' : null,
      graphs.map(({ fingerprint }) => storedName(fingerprint)),
      maxPerTenant,
    ]);
    const ownerBefore = ({ status, owner: before }: Row) => ({
      isFromLiving: status === 'running' && alive.includes(String(before)),
      isTakeover: status === 'running' && before !== null && before !== storedName(owner),
    });
    const claimed = wasRepeated
      ? await claimedTwice(server, rows, { owner, nonce })
      : rows.map((row) => ({ ...takenColumns(row, ownerBefore(row)), was: summary(row) }));
    return [claimed, claimed.map(({ lease }) => lease)];
  });
}

/** Nobody knows what those were like that were taken first: they are given back as interrupted, if they are. */
async function claimedTwice(
  server: Server,
  rows: readonly Row[],
  { owner, nonce }: { readonly owner: string; readonly nonce: string },
): Promise<readonly Claimed[]> {
  const all = await server.rows(claimedBefore, [storedName(owner), nonce]);
  const known = new Map(rows.map((row) => [row.id, summary(row)]));
  return all.map((row) => ({
    ...takenColumns(row, { isFromLiving: false, isTakeover: false }),
    was: known.get(row.id) ?? { ...summary(row), status: 'interrupted' },
  }));
}
