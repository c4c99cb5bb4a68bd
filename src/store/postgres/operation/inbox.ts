// The inboxes of runs. A message stays as a number without content when it was taken, so that a send which is repeated
// finds out that it was there before.
//   I1. Whatever decides about a message or is decided by one stands in the run's row, as for a take.
import { MalformedValue, decodeValue, encodeValue } from '../../../base/encode.ts';
import type { Json } from '../../../base/encode.ts';
import type { Value } from '../../../base/value.ts';
import type { Inbox, Message, PlacedMessage } from '../../../port/inbox.ts';
import { messagesAreGone, runEnded } from '../../run-error.ts';
import type { Server, Statement } from '../server/server.ts';
import type { Told } from '../server/notifications.ts';
import { timeOf, timeText } from '../server/store-clock.ts';
import type { StoreClock } from '../server/store-clock.ts';
import { codeOf } from '../server/server-error.ts';
import { newNonce, storedName } from '../row/names.ts';
import { toldOf } from './cancels.ts';
import { foundRun } from './found-run.ts';

const send: Statement = {
  name: 'send',
  text: (s) => `WITH receiver AS (
      UPDATE ${s}.run r SET inbox_last = r.inbox_last + 1,
        wake_at = CASE WHEN r.status = 'paused' AND r.listens THEN least(r.wake_at, floor(${timeText('$6')})) ELSE r.wake_at END
      WHERE r.id = $1 AND r.status NOT IN ('done', 'cancelled') AND ($5::int IS NULL OR r.inbox_last = $5::int)
        AND NOT EXISTS (SELECT 1 FROM ${s}.message m WHERE m.run = r.number AND m.nonce = $2::uuid)
      RETURNING r.number, r.inbox_last, r.graph, r.owner, r.status,
        r.status = 'running' OR (r.status = 'paused' AND r.listens) AS hears),
    added AS (INSERT INTO ${s}.message (run, number, time, json, nonce)
      SELECT number, inbox_last, $4::float8, $3::text, $2::uuid FROM receiver)
    SELECT inbox_last AS number, graph, owner, status, hears FROM receiver`,
};

const sent: Statement = {
  name: 'sent',
  text: (s) =>
    `SELECT m.number FROM ${s}.message m JOIN ${s}.run r ON r.number = m.run WHERE r.id = $1 AND m.nonce = $2::uuid`,
};

const read: Statement = {
  name: 'inbox',
  text: (s) => `SELECT r.inbox_last AS last, m.number, m.json FROM ${s}.run r
    LEFT JOIN ${s}.message m ON m.run = r.number AND m.number > $2::int AND m.json IS NOT NULL
    WHERE r.id = $1 ORDER BY m.number`,
};

export interface SentMessage {
  readonly number: number | undefined;
  readonly told: readonly Told[];
}

/** @throws RepriseError `run-unknown`, `run-ended` */
export async function sendMessage(
  server: Server,
  clock: StoreClock,
  { runId, message, last }: { readonly runId: string; readonly message: Message; readonly last: number | undefined },
): Promise<SentMessage> {
  server.checkWritable();
  const nonce = newNonce();
  const text = JSON.stringify(encodeValue(message as unknown as Value));
  const rows = await server
    .rows(send, [storedName(runId), nonce, text, message.time, last ?? null, timeOf(clock)])
    // It was on its way twice at once.
    .catch((thrown: unknown) => {
      if (codeOf((thrown as Error).cause) === '23505') return [];
      throw thrown;
    });
  const [row] = rows;
  if (row !== undefined)
    return { number: Number(row.number), told: row.hears === true ? toldOf(row, storedName(runId), 'message') : [] };
  const [before] = await server.rows(sent, [storedName(runId), nonce]);
  if (before !== undefined) return { number: Number(before.number), told: [] };
  const { status } = await foundRun(server, runId);
  if (status === 'done' || status === 'cancelled') throw runEnded(runId, status);
  return { number: undefined, told: [] };
}

/** @throws RepriseError `run-unknown`, `store-went-back` */
export async function inboxOf(server: Server, runId: string, after: number): Promise<Inbox> {
  const rows = await server.rows(read, [storedName(runId), after]);
  if (rows.length === 0) await foundRun(server, runId);
  const last = Number(rows[0]?.last ?? 0);
  // The next one that is sent gets a number which its reader has seen.
  if (last < after) throw messagesAreGone(runId, last, after);
  const messages = rows.filter(({ json }) => json !== null).map(placedMessage);
  return { last, messages };
}

function placedMessage({ number, json }: Readonly<Record<string, unknown>>): PlacedMessage {
  const message: unknown = decodeValue(JSON.parse(String(json)) as Json);
  if (typeof message !== 'object' || message === null) throw new MalformedValue('it is not a message');
  return { number: Number(number), message: message as Message };
}
