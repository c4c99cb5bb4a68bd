// The errands of runs: attempts that other processes make, each as a run of its own.
import { encodeEntry } from '../../../journal/codec/entry-codec.ts';
import type { Entry, RunEntry } from '../../../journal/entry.ts';
import { afterErrandsOf, errandsOf, firstUserName } from '../../../journal/errand.ts';
import type { EndedErrand, Errands } from '../../../port/errands.ts';
import { plainCodec } from '../../row/codec.ts';
import { partNamesIn, storedEntry } from '../../row/stored-entry.ts';
import { waitingErrand } from '../../waiting-errand.ts';
import { dueOf } from '../server/notifications.ts';
import type { Told } from '../server/notifications.ts';
import type { Ranges } from '../server/ranges.ts';
import { isNearText } from '../server/ranges-text.ts';
import type { Server, Statement } from '../server/server.ts';
import { nameOf, newNonce, storedName } from '../row/names.ts';
import { nextToken } from '../row/token.ts';
import { summaryColumns, summaryOf } from '../row/summary.ts';
import type { SummaryRow } from '../row/summary.ts';
import { Stands, foundRuns } from './found-run.ts';
import { dropErrands } from './forgetting/forgetting.ts';
import { eachText, readJournal } from './reading.ts';
import type { StoredText } from './reading.ts';

/**
 * Begins all of them with one statement: their first entries are short, and have no parts. One that is there takes no number,
 * since they are handed out again for as long as they are open.
 */
const handOut: Statement = {
  name: 'hand_out',
  text: (s) => `WITH wanted AS MATERIALIZED (
      SELECT * FROM unnest($1::text[], $2::text[], $6::text[], $3::float8[], string_to_array($4::text, E'\\n'))
        WITH ORDINALITY AS w (id, graph, fingerprint, time, json, i)),
    added AS (
      INSERT INTO ${s}.run (id, graph, status, token, nonce, last, step, time, created_at, wake_at, fingerprint, written)
      SELECT w.id, w.graph, 'queued', ${nextToken(s)}, $5::uuid, 0, 0, w.time, w.time, 0, w.fingerprint, octet_length(w.json)
      FROM wanted w WHERE NOT EXISTS (SELECT 1 FROM ${s}.run r WHERE r.id = w.id) ORDER BY w.i ON CONFLICT (id) DO NOTHING RETURNING number, id),
    entries AS (INSERT INTO ${s}.entry (run, sequence, step, time, json)
      SELECT a.number, 0, 0, w.time, w.json FROM added a JOIN wanted w ON w.id = a.id)
    SELECT id, ${isNearText(s, 'number')} AS near FROM added`,
};

/** Of these runs, under these numbers. */
const journals: Statement = {
  name: 'errand_journals',
  text: (s) => `SELECT w.id, e.sequence, e.step, e.time, e.json
    FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS w (id, at, number)
    JOIN ${s}.run r ON r.number = w.number AND r.id = w.id JOIN ${s}.entry e ON e.run = w.at
    WHERE e.run = ANY ($2::bigint[]) ORDER BY e.run, e.sequence`,
};

const errandsOfRun = `r.id >= $1 AND r.id < $2 AND r.graph < '${firstUserName}'`;

const all: Statement = {
  name: 'errands_of_run',
  text: (s) => `SELECT r.id FROM ${s}.run r WHERE ${errandsOfRun}`,
};

const ended: Statement = {
  name: 'ended_errands',
  text: (s) => `SELECT r.id, r.status FROM ${s}.run r WHERE ${errandsOfRun}
    AND r.status IN ('done', 'failed', 'cancelled')`,
};

/** The condition on the status is that of an index. */
const waiting: Statement = {
  name: 'waiting_errands',
  text: (s) => `SELECT ${summaryColumns} FROM ${s}.run r WHERE r.graph < '${firstUserName}'
    AND r.status IN ('queued', 'interrupted') ORDER BY r.number LIMIT $1`,
};

/** `tell`: hears of errands that are due. */
export function serverErrands(server: Server, ranges: Ranges, tell: (topics: readonly Told[]) => void): Errands {
  return {
    handOut: async (errands) => {
      server.checkWritable();
      const added = await handedOut(server, ranges, errands);
      const names = errands.filter(({ observed }) => added.has(observed.runId)).map(({ graph }) => graph.name);
      tell([...new Set(names)].map((name) => dueOf(storedName(name))));
      return errands.map(({ observed }) => observed.runId).filter((id) => !added.has(id));
    },
    journals: (errandIds) => journalsOf(server, errandIds),
    of: async (runId) => {
      const rows = await server.rows(all, [storedName(errandsOf(runId)), storedName(afterErrandsOf(runId))]);
      return rows.map(({ id }) => nameOf(String(id)));
    },
    ended: async (runId) => {
      const rows = await server.rows(ended, [storedName(errandsOf(runId)), storedName(afterErrandsOf(runId))]);
      return rows.map(({ id, status }) => ({ errandId: nameOf(String(id)), status: status as EndedErrand['status'] }));
    },
    drop: (runId, errandIds) => dropErrands(server, runId, errandIds),
    waiting: async (limit) =>
      (await server.rows(waiting, [limit])).map((row) => waitingErrand(summaryOf(row as unknown as SummaryRow))),
  };
}

/** The ids of those that were not there. One whose answer was lost is told as having been there. */
async function handedOut(server: Server, ranges: Ranges, errands: readonly RunEntry[]): Promise<ReadonlySet<string>> {
  if (errands.length === 0) return new Set();
  const values = [
    errands.map(({ observed }) => storedName(observed.runId)),
    errands.map(({ graph }) => storedName(graph.name)),
    `{${errands.map(({ observed }) => observed.time).join(',')}}`,
    errands.map((run) => JSON.stringify(encodeEntry(run))).join('\n'),
    newNonce(),
    errands.map(({ fingerprint }) => storedName(fingerprint)),
  ];
  const rows = await ranges.within(() => server.rows(handOut, values));
  return new Set(rows.map(({ id }) => nameOf(String(id))));
}

/** One that holds large values is read by itself, part by part. */
async function journalsOf(server: Server, errandIds: readonly string[]): Promise<readonly (readonly Entry[])[]> {
  const texts = new Map<string, StoredText[]>();
  const found = [...(await foundRuns(server, errandIds)).values()];
  const ids = found.map(({ id }) => id);
  const places = found.map(({ at }) => at);
  const numbers = found.map(({ number }) => number);
  for (const row of found.length === 0 ? [] : await server.rows(journals, [ids, places, numbers])) {
    const id = nameOf(String(row.id));
    const known = texts.get(id) ?? [];
    known.push(...eachText([row as unknown as StoredText]));
    texts.set(id, known);
  }
  return Promise.all(
    errandIds.map(async (runId) => {
      const rows = texts.get(runId) ?? [];
      if (!rows.some(({ json }) => partNamesIn(json).length > 0)) return rows.map((row) => entryOf(server, runId, row));
      const entries: Entry[] = [];
      const query = { runId, from: 0, limit: Number.POSITIVE_INFINITY, stands: new Stands() };
      for await (const entry of readJournal(server, query)) entries.push(entry);
      return entries;
    }),
  );
}

function entryOf(server: Server, runId: string, row: StoredText): Entry {
  const at = { path: server.shown, runId, sequence: row.sequence };
  return storedEntry({ ...row, crc: null }, () => undefined, plainCodec, at);
}
