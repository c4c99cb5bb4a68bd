// Claims, and requests to cancel runs.
import { encodeValue } from '../../../base/encode.ts';
import type { Value } from '../../../base/value.ts';
import type { CancelRequest, Claim, Sent } from '../../../port/store.ts';
import { isEnded } from '../../progress.ts';
import { runEnded } from '../../run-error.ts';
import { dueOf, sentTo } from '../server/notifications.ts';
import type { Told } from '../server/notifications.ts';
import type { Row } from '../server/pool.ts';
import type { Server, Statement } from '../server/server.ts';
import { leaseMsOf, timeOf, timeText } from '../server/store-clock.ts';
import { nameOf, storedName } from '../row/names.ts';
import { cancelOf } from './append/append.ts';
import type { Claims } from './append/doubts.ts';
import { foundRun } from './found-run.ts';

/** Only owners that are gone for good lose their claim: it has expired, and they own no run. */
const renew: Statement = {
  name: 'renew',
  text: (s) => `WITH claimed AS (INSERT INTO ${s}.owner (id, expires_at) VALUES ($1, ${timeText('$3')} + $2::float8)
      ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at),
    gone AS (DELETE FROM ${s}.owner o WHERE o.expires_at < ${timeText('$3')} AND o.id <> $1
      AND NOT EXISTS (SELECT 1 FROM ${s}.run r WHERE r.owner = o.id))
    SELECT id, cancel FROM ${s}.run WHERE owner = $1 AND status = 'running' AND cancel IS NOT NULL ORDER BY number`,
};

const requests: Statement = {
  name: 'requests',
  text: (s) =>
    `SELECT id, cancel FROM ${s}.run WHERE owner = $1 AND status = 'running' AND cancel IS NOT NULL ORDER BY number`,
};

const cancel: Statement = {
  name: 'cancel',
  text: (s) =>
    `UPDATE ${s}.run SET cancel = coalesce(cancel, $2) WHERE id = $1 AND status NOT IN ('done', 'failed', 'cancelled')
      RETURNING graph, owner, status`,
};

const requestOf = ({ id, cancel: text }: Row): CancelRequest => cancelOf(nameOf(String(id)), String(text));

export async function renewClaim(server: Server, { clock }: Claims, claim: Claim): Promise<readonly CancelRequest[]> {
  server.checkWritable();
  const values = [storedName(claim.owner), leaseMsOf(claim), timeOf(clock)];
  return (await server.rows(renew, values)).map(requestOf);
}

export async function cancelRequests(server: Server, owner: string): Promise<readonly CancelRequest[]> {
  return (await server.rows(requests, [storedName(owner)])).map(requestOf);
}

/** That of a run which has not ended. @throws RepriseError `run-unknown` */
export async function requestedCancel(server: Server, runId: string): Promise<CancelRequest | undefined> {
  const { status, cancel: asked } = await foundRun(server, runId);
  return asked === null || isEnded(status) ? undefined : cancelOf(runId, asked);
}

/** Returns what is to be told. @throws RepriseError `run-unknown`, `run-ended` */
export async function requestCancel(server: Server, runId: string, reason: Value): Promise<readonly Told[]> {
  server.checkWritable();
  const { rows, wasRepeated } = await server.ask(cancel, [storedName(runId), JSON.stringify(encodeValue(reason))]);
  const [row] = rows;
  if (row !== undefined) return toldOf(row, storedName(runId), 'cancel');
  const { status, cancel: asked } = await foundRun(server, runId);
  // It was asked, and the run has ended since.
  if (wasRepeated && asked !== null) return [];
  if (isEnded(status)) throw runEnded(runId, status);
  return [];
}

/** Its owner is told, or else those who could take it. */
export function toldOf({ graph, owner, status }: Row, run: string, what: Sent['what']): readonly Told[] {
  if (status === 'running') return owner === null ? [] : [sentTo(String(owner), run, what)];
  return [dueOf(String(graph))];
}
