// The inboxes of a store file: what was sent to runs and not taken yet.
//   I1. A number is used once: `inbox.last` stays when its message is taken.
//   I2. A message leaves in the transaction that appends the entry which takes it.
import { MalformedValue, decodeValue, encodeValue } from '../../../base/encode.ts';
import type { Json } from '../../../base/encode.ts';
import type { Value } from '../../../base/value.ts';
import type { Inbox, Message, PlacedMessage } from '../../../port/inbox.ts';
import type { Release } from '../../../port/store.ts';
import { columnSum, isIntact, placedSum } from '../../row/checksum.ts';
import type { Column } from '../../row/codec.ts';
import type { Preparing, Statement } from '../file/handle.ts';

/** `listens`: the run is paused, and a message makes it due. */
export const inboxTables = `
  CREATE TABLE IF NOT EXISTS inbox (
    run     INTEGER PRIMARY KEY,
    last    INTEGER NOT NULL,
    listens INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS message (
    run    INTEGER NOT NULL,
    number INTEGER NOT NULL,
    time   INTEGER NOT NULL,
    json   TEXT NOT NULL,
    crc    INTEGER NOT NULL,
    PRIMARY KEY (run, number)
  ) WITHOUT ROWID;`;

export interface InboxReadStatements {
  readonly inbox: Statement;
  readonly messages: Statement;
}

export function inboxReadStatements(handle: Preparing): InboxReadStatements {
  return {
    inbox: handle.prepare('SELECT last, listens FROM inbox WHERE run = ?'),
    messages: handle.prepare(
      'SELECT number, time, json, crc FROM message WHERE run = ? AND number > ? ORDER BY number',
    ),
  };
}

export interface InboxWriteStatements {
  readonly inbox: Statement;
  readonly nextNumber: Statement;
  readonly addMessage: Statement;
  readonly takeMessage: Statement;
  readonly isAfter: Statement;
  readonly listen: Statement;
  readonly listenNoMore: Statement;
  readonly wake: Statement;
  readonly deleteInbox: Statement;
  readonly deleteMessages: Statement;
}

export function inboxWriteStatements(handle: Preparing): InboxWriteStatements {
  return {
    inbox: handle.prepare('SELECT last, listens FROM inbox WHERE run = ?'),
    nextNumber: handle.prepare(
      `INSERT INTO inbox (run, last, listens) VALUES (?, 1, 0)
       ON CONFLICT (run) DO UPDATE SET last = last + 1 RETURNING last`,
    ),
    addMessage: handle.prepare('INSERT INTO message (run, number, time, json, crc) VALUES (?, ?, ?, ?, ?)'),
    takeMessage: handle.prepare('DELETE FROM message WHERE run = ? AND number = ?'),
    isAfter: handle.prepare('SELECT 1 FROM message WHERE run = ? AND number > ? LIMIT 1'),
    listen: handle.prepare(
      'INSERT INTO inbox (run, last, listens) VALUES (?, 0, 1) ON CONFLICT (run) DO UPDATE SET listens = 1',
    ),
    listenNoMore: handle.prepare('UPDATE inbox SET listens = 0 WHERE run = ?'),
    // At once, whatever the clock of the sender says.
    wake: handle.prepare('UPDATE run SET wake_at = min(coalesce(wake_at, @now), @now) WHERE number = @number'),
    deleteInbox: handle.prepare('DELETE FROM inbox WHERE run = ?'),
    deleteMessages: handle.prepare('DELETE FROM message WHERE run = ?'),
  };
}

interface InboxRow {
  readonly last: number;
  readonly listens: number;
}

/** A run as a message finds it. */
export interface Receiver {
  readonly number: number;
  readonly isPaused: boolean;
}

export interface NewMessage {
  readonly time: number;
  readonly column: Column;
  readonly last: number | undefined;
  /** By the clock of the store. */
  readonly now: number;
}

export function addMessage(
  sql: InboxWriteStatements,
  { number, isPaused }: Receiver,
  { time, column, last, now }: NewMessage,
): number | undefined {
  const row = sql.inbox.get(number) as InboxRow | undefined;
  if (last !== undefined && last !== (row?.last ?? 0)) return undefined;
  const { last: sent } = sql.nextNumber.get(number) as Pick<InboxRow, 'last'>;
  sql.addMessage.run(number, sent, time, column, placedSum(columnSum(column), number, sent, time));
  if (isPaused && row?.listens === 1) sql.wake.run({ number, now });
  return sent;
}

export function takeMessages(sql: InboxWriteStatements, number: number, taken: readonly number[]): void {
  for (const message of taken) sql.takeMessage.run(number, message);
}

/** A run rests: it may listen, and may have got a message already that it has not seen. */
export function restInbox(
  sql: InboxWriteStatements,
  { number, now }: { readonly number: number; readonly now: number },
  release: Release,
): void {
  if (release.status !== 'paused' || release.seen === undefined) {
    sql.listenNoMore.run(number);
    return;
  }
  sql.listen.run(number);
  if (sql.isAfter.get(number, release.seen) !== undefined) sql.wake.run({ number, now });
}

export function forgetInbox(sql: InboxWriteStatements, number: number): void {
  sql.deleteInbox.run(number);
  sql.deleteMessages.run(number);
}

interface MessageRow {
  readonly number: number;
  readonly time: number;
  readonly json: unknown;
  readonly crc: number;
}

/** @throws MalformedValue, SyntaxError for a damaged message */
export function inboxOf(
  sql: InboxReadStatements | undefined,
  { number, after }: { readonly number: number; readonly after: number },
  decode: (column: unknown) => string,
): Inbox {
  const row = sql?.inbox.get(number) as InboxRow | undefined;
  if (sql === undefined || row === undefined) return { last: 0, messages: [] };
  const rows = sql.messages.all(number, after) as readonly MessageRow[];
  return { last: row.last, messages: rows.map((each) => placedMessage(number, each, decode)) };
}

export function messageText(message: Message): string {
  return JSON.stringify(encodeValue(message as unknown as Value));
}

function placedMessage(
  run: number,
  { number, time, json, crc }: MessageRow,
  decode: (column: unknown) => string,
): PlacedMessage {
  if (!isIntact(crc, json, run, number, time)) throw new MalformedValue('its checksum differs');
  const message = decodeValue(JSON.parse(decode(json)) as Json) as unknown as Partial<Record<string, unknown>> | null;
  const addressee = message?.kind === 'answer' ? message.question : message?.kind === 'signal' ? message.name : null;
  if (typeof addressee !== 'string' || typeof message?.time !== 'number')
    throw new MalformedValue('it is neither an answer nor a signal');
  return { number, message: message as unknown as Message };
}
