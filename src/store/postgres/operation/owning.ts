// Begins runs, takes them and gives them back.
//   O1. Whatever decides about a take stands in the run's row: after a lock was waited for, only that row is looked at
//       again. So a take writes how long it holds there, beside the claim of its owner.
//   O2. A begin and a take leave the nonce of their caller in the row, a release the token that it ended: a statement that
//       is repeated finds out that it was there before.
//   O3. A take names the token that its caller has seen: one that comes late, after the caller was given the run and has
//       released it, finds another. What is taken all the same is given back (`doubts.ts`).
import type { Entry, RunEntry } from '../../../journal/entry.ts';
import type { Claim, Lease, Queue, Release } from '../../../port/store.ts';
import { leftAloneBy, workerMark } from '../../driving.ts';
import { fingerprintOf } from '../../progress.ts';
import { runEnded, runExists, runOwned } from '../../run-error.ts';
import { KnownParts } from '../../row/known-parts.ts';
import { plainCodec } from '../../row/codec.ts';
import { StoredBatch } from '../../row/stored-batch.ts';
import type { Row } from '../server/pool.ts';
import type { Server, Statement } from '../server/server.ts';
import { dueOf, grown } from '../server/notifications.ts';
import type { Told } from '../server/notifications.ts';
import { atText, isNearText } from '../server/ranges-text.ts';
import { leaseMsOf, timeOf, timeText } from '../server/store-clock.ts';
import type { StoreClock } from '../server/store-clock.ts';
import { checkRunId, nameOf, storedName } from '../row/names.ts';
import { nextToken } from '../row/token.ts';
import { BatchArrays, addText, stepOf } from './append/batch-text.ts';
import { claiming } from './append/doubts.ts';
import type { Claims } from './append/doubts.ts';
import { foundRun, refusedLease } from './found-run.ts';
import type { FoundRun, Stand } from './found-run.ts';

/** The claim of an owner, for all its runs. */
export const claimText = (s: string, owner: string, until: string, from: string): string =>
  `claimed AS (INSERT INTO ${s}.owner (id, expires_at) SELECT ${owner}::text, ${until} FROM ${from} WHERE ${owner}::text IS NOT NULL
     ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at)`;

/** As `takeoversAfter` says. `alive`: owners whose processes are known to live. */
export const takeoverText = (owner: string, alive: string): string =>
  `CASE WHEN r.status = 'failed' THEN 0
     WHEN r.status <> 'running' OR r.owner IS NULL OR ${owner}::text IS NULL OR r.owner = ${owner}::text
       OR r.owner = ANY (${alive}::text[]) THEN r.takeovers
     ELSE r.takeovers + 1 END`;

/**
 * From when on there is something to do for the recording of a run that is taken: at once under a policy. An owner without
 * one wants nothing of it dropped.
 */
export const openedText = (recording: string): string =>
  `CASE WHEN ${recording}::text IS NOT NULL THEN 0 WHEN r.recording LIKE 'not-recorded:%' THEN NULL ELSE r.record_at END`;

/** `pieces`: what else is written with it. */
const createOf = (pieces: BatchArrays['pieces']): Statement => ({
  name: `create_${pieces.join('_')}`,
  text: (s) => `WITH locked AS (
      INSERT INTO ${s}.run (id, graph, status, token, nonce, last, step, time, created_at, owner, until, wake_at, recording, record_at, fingerprint, tenant, written)
      VALUES ($1, $2, $3, ${nextToken(s)}, $4::uuid, $5, $6, $7, $8, $9::text, ${timeText('$11')} + $10::float8, $12::float8,
        $13::text, CASE WHEN $13::text IS NULL THEN NULL ELSE 0 END, $14::text, $15::text, $16::bigint)
      ON CONFLICT (id) DO NOTHING RETURNING number, number AS at, token, 1 AS i, -1 AS expected, last + 1 AS n,
        coalesce(status = 'queued' AND wake_at <= ${timeText('$11')}, false) AS due),
    ${claimText(s, '$9', `${timeText('$11')} + $10::float8`, 'locked')},
    ${addText(s, { from: 'locked', first: 17, pieces })}
    SELECT token, due, ${isNearText(s, 'number')} AS near FROM locked`,
});

export interface Begun {
  readonly lease: Lease;
  readonly last: number;
  readonly digests: readonly string[];
  readonly length: number;
  /** It waits for a worker that may take it now. */
  readonly isDue: boolean;
}

/** @throws RepriseError `run-exists` */
export async function createRun(
  server: Server,
  { clock, doubts, ranges }: Claims,
  {
    run,
    first,
    owner,
  }: { readonly run: RunEntry; readonly first: readonly Entry[]; readonly owner: Claim | Queue | undefined },
): Promise<Begun> {
  server.checkWritable();
  const { runId, time, tenant } = run.observed;
  checkRunId(runId);
  const claim = owner !== undefined && 'owner' in owner ? owner : undefined;
  const queue = owner !== undefined && 'status' in owner ? owner : undefined;
  const batch = new StoredBatch({ runId, entries: [run, ...first], known: new KnownParts() });
  const parts = batch.slice(plainCodec, 'all');
  const arrays = new BatchArrays();
  arrays.add(1, { rows: batch.rows, parts, bundles: [], checkpoint: undefined, messages: [] });
  const final = batch.rows.at(-1);
  const last = batch.rows.length - 1;
  const values = (nonce: string): readonly unknown[] => [
    storedName(runId),
    storedName(run.graph.name),
    queue?.status ?? 'running',
    nonce,
    last,
    stepOf(batch.rows) ?? 0,
    final?.time ?? time,
    time,
    claim === undefined ? null : storedName(claim.owner),
    leaseMsOf(claim),
    timeOf(clock),
    queue?.wakeAt ?? null,
    owner?.isRecorded === true ? 'open' : null,
    storedName(fingerprintOf(first) ?? run.fingerprint),
    tenant === undefined ? '' : storedName(tenant),
    batch.length,
    ...arrays.values(),
  ];
  let isDue = queue !== undefined;
  const lease = await claiming(server, doubts, claim?.owner, async ({ nonce, ask }) => {
    const rows = await ranges.within(async () => (await ask(createOf(arrays.pieces), values(nonce))).rows);
    let token = rows[0]?.token;
    if (rows[0] !== undefined) isDue = rows[0].due === true;
    if (token === undefined) {
      const found = await foundRun(server, runId);
      if (found.nonce !== nonce) throw runExists(runId);
      ({ token } = found);
    }
    const begun: Lease = { runId, token: Number(token) };
    return [begun, [begun]];
  });
  return { lease, last, digests: batch.digests, length: batch.length, isDue };
}

const take: Statement = {
  name: 'take',
  text: (s) => `WITH taken AS (
      UPDATE ${s}.run r SET status = 'running', owner = $2::text, until = ${timeText('$5')} + $4::float8, wake_at = NULL,
        token = ${nextToken(s)}, nonce = $3::uuid, listens = false,
        takeovers = ${takeoverText('$2', '$7')},
        recording = coalesce($8::text, r.recording), record_at = ${openedText('$8')}
      WHERE r.id = $1 AND r.token = $9::bigint AND r.status NOT IN ('done', 'cancelled')
        AND ($2::text IS NULL OR r.status <> 'running' OR r.owner IS NULL OR r.owner = $2 OR r.owner = $6::text
          OR greatest(coalesce(r.until, 0), coalesce((SELECT o.expires_at FROM ${s}.owner o WHERE o.id = r.owner), 0)) <= ${timeText('$5')})
      RETURNING r.id, r.token, r.last, r.takeovers, ${sizeColumns}, r.number, ${atText('r')} AS at),
    ${claimText(s, '$2', `${timeText('$5')} + $4::float8`, 'taken')}
    SELECT * FROM taken`,
};

/** For a run that is taken over: how much was written since its last checkpoint, and how long that checkpoint is. */
export const sizeColumns = 'r.written, r.checkpoint';

const takenBefore: Statement = {
  name: 'taken_before',
  text: (
    s,
  ) => `SELECT r.id, r.token, r.last, r.takeovers, ${sizeColumns}, r.number, ${atText('r')} AS at FROM ${s}.run r
    WHERE r.id = $1 AND r.nonce = $2::uuid`,
};

export interface Taken {
  readonly lease: Lease;
  readonly last: number;
  readonly sizes: { readonly written: number; readonly checkpoint: number };
  readonly stand: Stand;
  /** It was another owner's, which had not released it. */
  readonly isTakeover: boolean;
}

/** @throws RepriseError `run-unknown`, `run-ended`, `run-owned` */
export async function takeRun(
  server: Server,
  { clock, doubts }: Claims,
  runId: string,
  claim: Claim | undefined,
): Promise<Taken> {
  server.checkWritable();
  return claiming(server, doubts, claim?.owner, async ({ nonce, ask }) => {
    for (let seen = await foundRun(server, runId); ; ) {
      const { status, token } = seen;
      if (status === 'done' || status === 'cancelled') throw runEnded(runId, status);
      const verdict = verdictOf(seen, claim);
      const { rows } = await ask(take, [
        storedName(runId),
        claim === undefined ? null : storedName(claim.owner),
        nonce,
        leaseMsOf(claim),
        timeOf(clock),
        verdict?.isGone === true ? verdict.owner : null,
        verdict?.isGone === false ? [verdict.owner] : [],
        claim?.isRecorded === true ? 'open' : null,
        token,
      ]);
      const [row] = rows.length > 0 ? rows : await server.rows(takenBefore, [storedName(runId), nonce]);
      if (row !== undefined) {
        const isOthers =
          status === 'running' && seen.owner !== null && claim !== undefined && nameOf(seen.owner) !== claim.owner;
        const taken = takenColumns(row, { isFromLiving: verdict?.isGone === false, isTakeover: isOthers });
        return [taken, [taken.lease]];
      }
      seen = await foundRun(server, runId);
      if (seen.token === token) throw runOwned(runId);
    }
  });
}

/** `isFromLiving`: its owner is known to live, and had not renewed its claim. */
export function takenColumns(
  row: Row,
  { isFromLiving, isTakeover }: { readonly isFromLiving: boolean; readonly isTakeover: boolean },
): Taken {
  const { id, token, last, takeovers, written, checkpoint, number, at } = row;
  return {
    lease: {
      runId: nameOf(String(id)),
      token: Number(token),
      takeovers: Number(takeovers),
      ...(isFromLiving ? { isFromLiving } : {}),
    },
    last: Number(last),
    sizes: { written: Number(written), checkpoint: Number(checkpoint) },
    stand: { number, at },
    isTakeover,
  };
}

/** What the caller knows of the owner of a run: whether its process is gone can only be asked here. */
function verdictOf(
  { owner, status }: FoundRun,
  claim: Claim | undefined,
): { readonly owner: string; readonly isGone: boolean | undefined } | undefined {
  if (claim?.isGone === undefined) return undefined;
  if (owner === null || status !== 'running' || nameOf(owner) === claim.owner) return undefined;
  return { owner, isGone: claim.isGone(nameOf(owner)) };
}

/** Whether a run that was just changed is due, by the time of this parameter. */
export const isDueText = (time: string): string =>
  `(r.status = 'interrupted' OR (r.status IN ('queued', 'paused') AND (r.cancel IS NOT NULL OR r.wake_at <= ${timeText(time)})))`;

const release: Statement = {
  name: 'release',
  text: (s) => `UPDATE ${s}.run r SET status = $3, owner = NULL, until = NULL, past = r.token, token = ${nextToken(s)},
      settled = pg_current_xact_id(),
      listens = $5::int IS NOT NULL,
      refused = ARRAY(SELECT name FROM unnest(r.refused) AS name WHERE name IS DISTINCT FROM $7::text AND name IS DISTINCT FROM $8::text
          AND (name NOT LIKE '${workerMark}%' OR ($8::text IS NOT NULL AND EXISTS (SELECT 1 FROM ${s}.worker w WHERE '${workerMark}' || w.id = name))))
        || array_remove(ARRAY[$7::text, $8::text], NULL),
      wake_at = least($4::float8, CASE WHEN r.inbox_last <> $5::int THEN floor(${timeText('$6')}) END)
    WHERE r.id = $1 AND r.token = $2
    RETURNING r.graph, r.watched_until > statement_timestamp() AS watched, ${isDueText('$6')} AS due`,
};

/** Returns what is to be told. @throws RepriseError `run-unknown`, `lease-lost` */
export async function releaseRun(
  server: Server,
  lease: Lease,
  { release: given, clock }: { readonly release: Release; readonly clock: StoreClock },
): Promise<readonly Told[]> {
  server.checkWritable();
  const { rows, wasRepeated } = await server.ask(release, [
    storedName(lease.runId),
    lease.token,
    given.status,
    given.status === 'interrupted' ? null : (given.wakeAt ?? null),
    given.status === 'paused' ? (given.seen ?? null) : null,
    timeOf(clock),
    given.refusedBy === undefined ? null : storedName(given.refusedBy),
    given.leftAloneBy === undefined ? null : leftAloneBy(storedName(given.leftAloneBy)),
  ]);
  const growth = grown(storedName(lease.runId));
  const [row] = rows;
  if (row !== undefined)
    return [...(row.watched === true ? [growth] : []), ...(row.due === true ? [dueOf(String(row.graph))] : [])];
  const found = await foundRun(server, lease.runId);
  if (!wasRepeated || found.past !== lease.token) throw refusedLease(lease, found);
  return [growth];
}
