// Keeps which ended runs become fixtures, and drops the bodies of those that do not.
//   R1. `record_at` is set while something is left to do: a run leaves the index `run_by_recording` with its last mark.
//   R2. A mark counts, and a body is dropped, only while the token of the run is that of the reservation: a resume changes it.
import type { Entry } from '../../../journal/entry.ts';
import { holdsChunks, withoutBodies } from '../../../journal/run/without-bodies.ts';
import type { RecordingMark, Recordings, ReservedRun, ReserveQuery } from '../../../port/recordings.ts';
import { recordingText } from '../../recording-text.ts';
import { plainCodec } from '../../row/codec.ts';
import { KnownParts } from '../../row/known-parts.ts';
import { nextTurn } from '../../row/pause.ts';
import { StoredBatch } from '../../row/stored-batch.ts';
import { partNamesIn, storedEntry } from '../../row/stored-entry.ts';
import { atText } from '../server/ranges-text.ts';
import type { Server, Statement } from '../server/server.ts';
import { timeOf, timeText } from '../server/store-clock.ts';
import type { StoreClock } from '../server/store-clock.ts';
import { nameOf, storedName } from '../row/names.ts';
import { partEntries, replaceEntries } from './labels.ts';
import { bundleText, goneText, partLengthText, sweepBundles } from './bundle/bundles.ts';
import { foundRuns, unknownRun } from './found-run.ts';
import type { Stand } from './found-run.ts';
import { eachText, entriesOf, isShared, textsOf } from './reading.ts';
import type { StoredText } from './reading.ts';

/** So many rows are looked at between two turns of the event loop. */
const rowsPerTurn = 200;
/** Dropping the bodies of smaller ones would cost more than it frees. */
const smallLength = 1_000;

const isLeft = "r.record_at IS NOT NULL AND r.status IN ('done', 'failed', 'cancelled')";

const reserve = reserveAt('reserve', 'r.recording = $2');
/** The text says why they are not recorded. */
const reserveKept = reserveAt('reserve_kept', "r.recording LIKE $2 || ':%'");

function reserveAt(name: string, stage: string): Statement {
  return {
    name,
    text: (s) => `UPDATE ${s}.run r SET record_at = ${timeText('$3')} + $4::float8
    FROM (SELECT r.number FROM ${s}.run r
      WHERE r.graph = $1 AND ${stage} AND r.record_at <= ${timeText('$3')} AND ${isLeft}
      ORDER BY r.record_at, r.number LIMIT $5 FOR NO KEY UPDATE OF r SKIP LOCKED) AS found
    WHERE r.number = found.number RETURNING r.number, r.id, r.status, r.token, r.record_tries`,
  };
}

const mark: Statement = {
  name: 'mark',
  text: (s) => `UPDATE ${s}.run r SET recording = coalesce($3, r.recording), record_at = ${timeText('$6')} + $4::float8,
      record_tries = $5
    WHERE r.id = $1 AND r.token = $2 AND ${isLeft}`,
};

const kept: Statement = {
  name: 'kept_recording',
  text: (s) => `SELECT r.recording, r.record_tries, 
      CASE WHEN r.record_at IS NOT NULL THEN greatest(0, r.record_at - ${timeText('$2')}) END AS after_ms
    FROM ${s}.run r WHERE r.id = $1`,
};

const keep: Statement = {
  name: 'keep_recording',
  text: (s) => `UPDATE ${s}.run r SET recording = $2, record_at = ${timeText('$5')} + $3::float8, record_tries = $4
    WHERE r.id = $1 RETURNING r.number`,
};

const wanted: Statement = {
  name: 'wanted',
  text: (s) => `SELECT count(*)::int AS count FROM (
    SELECT 1 FROM ${s}.run r WHERE r.graph = $1 AND r.recording = 'wanted' AND ${isLeft} LIMIT $2) AS r`,
};

const bytes: Statement = {
  name: 'bytes',
  text: (s) => `SELECT
      (SELECT coalesce(sum(octet_length(e.json)), 0) FROM ${s}.entry e WHERE e.run = $1)
      + (SELECT coalesce(sum(${partLengthText('p.json')}), 0) FROM ${s}.part p WHERE p.run = $1) AS bytes`,
};

const reserved: Statement = {
  name: 'reserved',
  text: (s) => `SELECT r.number, ${atText('r')} AS at, r.step FROM ${s}.run r WHERE r.id = $1 AND r.token = $2`,
};

const checkpoints: Statement = {
  name: 'checkpoints',
  text: (s) => `SELECT json FROM ${s}.checkpoint WHERE run = $1`,
};

const dropParts: Statement = {
  name: 'drop_parts',
  text: (s) => `WITH locked AS MATERIALIZED (SELECT r.number FROM ${s}.run r
      WHERE r.number = $4 AND r.token = $2 AND ${atText('r')} = $1 FOR NO KEY UPDATE),
    gone AS (DELETE FROM ${s}.part p USING locked l WHERE p.run = $1 AND p.digest <> ALL ($3::text[]))
    SELECT number FROM locked`,
};

/** Those that no part is in any more. The parts are looked at once, not for each bundle. */
const dropBundles: Statement = {
  name: 'drop_bundles',
  text: (s) => `WITH locked AS MATERIALIZED (SELECT r.number FROM ${s}.run r
      WHERE r.number = $3 AND r.token = $2 AND ${atText('r')} = $1 FOR NO KEY UPDATE),
    named AS MATERIALIZED (
      SELECT DISTINCT ${bundleText('p.json')} AS id FROM ${s}.part p WHERE p.run = $1 AND p.json LIKE '@%')
    UPDATE ${s}.bundle b SET ${goneText} FROM locked
      WHERE b.run = locked.number AND b.gone_at IS NULL AND b.id NOT IN (SELECT n.id FROM named n)`,
};

export function serverRecordings(server: Server, clock: StoreClock): Recordings {
  return {
    reserve: (query) => reserveRuns(server, clock, query),
    mark: async ({ runId, token }, given) => {
      server.checkWritable();
      const left = leftBy(given);
      const values = [storedName(runId), token, recordingText(given) ?? null, left.afterMs, left.tries, timeOf(clock)];
      await server.rows(mark, values);
    },
    kept: async (runId) => {
      const [row] = await server.rows(kept, [storedName(runId), timeOf(clock)]);
      if (row === undefined) throw unknownRun(server, runId);
      const { recording, record_tries: tries, after_ms: afterMs } = row;
      if (recording === null) return undefined;
      return {
        text: String(recording),
        tries: Number(tries),
        ...(afterMs === null ? {} : { afterMs: Number(afterMs) }),
      };
    },
    keep: async (runId, { text, afterMs, tries }) => {
      server.checkWritable();
      const values = [storedName(runId), text, afterMs ?? null, tries, timeOf(clock)];
      if ((await server.rows(keep, values)).length === 0) throw unknownRun(server, runId);
    },
    wantedCount: async (graph, limit) => {
      const [row] = await server.rows(wanted, [storedName(graph), limit]);
      return Number(row?.count ?? 0);
    },
    bytesOf: async (runId) => {
      const run = (await foundRuns(server, [runId])).get(storedName(runId));
      const [row] = run === undefined ? [] : await server.rows(bytes, [run.at]);
      return Number(row?.bytes ?? 0);
    },
    dropBodies: (run, keeps) => dropBodies(server, run, keeps),
  };
}

/** What there is left to do. */
function leftBy(mark: RecordingMark): { readonly afterMs: number | null; readonly tries: number } {
  if (mark.status === 'wanted') return mark;
  return { afterMs: mark.status === 'not-recorded' ? (mark.keepsMs ?? null) : null, tries: 0 };
}

async function reserveRuns(server: Server, clock: StoreClock, query: ReserveQuery): Promise<readonly ReservedRun[]> {
  server.checkWritable();
  const { graph, stage, forMs, limit } = query;
  const statement = stage === 'not-recorded' ? reserveKept : reserve;
  const rows = await server.rows(statement, [storedName(graph), stage, timeOf(clock), forMs, limit]);
  return [...rows]
    .sort((left, right) => Number(left.number) - Number(right.number))
    .map(({ id, status, token, record_tries: tries }) => ({
      runId: nameOf(String(id)),
      status: status as ReservedRun['status'],
      token: Number(token),
      tries: Number(tries),
    }));
}

async function dropBodies(server: Server, run: ReservedRun, keeps: 'chunks' | 'nothing'): Promise<boolean> {
  server.checkWritable();
  const find = async (): Promise<Reserved | undefined> =>
    (await server.rows(reserved, [storedName(run.runId), run.token]))[0] as unknown as Reserved | undefined;
  for (let found = await find(); found !== undefined; ) {
    const done = await dropBodiesAt(server, run, { ...found, keeps }).catch((cause: unknown) => ({ cause }));
    if (typeof done === 'boolean') return done;
    const again = await find();
    // Whatever was not found may have been moved.
    if (again?.at === found.at && done !== undefined) throw done.cause;
    found = again;
  }
  return false;
}

interface Reserved extends Stand {
  readonly step: unknown;
}

/** Undefined if the run is another's by now, or its rows were moved. */
async function dropBodiesAt(
  server: Server,
  run: ReservedRun,
  { number, at, step, keeps }: Reserved & { readonly keeps: 'chunks' | 'nothing' },
): Promise<boolean | undefined> {
  // Entries of the open step stay: a resume needs them.
  const end = run.status === 'failed' ? Number(step) : Number.POSITIVE_INFINITY;
  const named = new Set<string>();
  let hasChunks = false;
  for (let from = 0; ; ) {
    const stored = (await server.rows(entriesOf, [at, from, rowsPerTurn])) as unknown as readonly StoredText[];
    const last = stored.at(-1);
    if (last === undefined) break;
    from = last.sequence + 1;
    const shared = stored
      .filter((row) => isShared(row) && eachText([row]).some(isLarge))
      .map(({ sequence }) => sequence);
    const span = [shared[0] ?? 0, shared.at(-1) ?? 0] as const;
    if (shared.length > 0 && !(await partEntries(server, { number, at, token: run.token }, span))) return undefined;
    const texts = eachText(stored);
    const large = texts.filter((row) => row.step < end && isLarge(row));
    const { lighter, chunks } = await lighterEntries(server, run.runId, { number, at }, large, keeps);
    hasChunks ||= chunks;
    const isReplaced = await replaceEntries(server, { number, at, token: run.token }, lighter);
    if (!isReplaced) return undefined;
    for (const { sequence, json } of texts)
      for (const digest of partNamesIn(lighter.find(({ place }) => place === sequence)?.text ?? json))
        named.add(digest);
    await nextTurn();
  }
  for (const { json } of await server.rows(checkpoints, [at]))
    for (const digest of partNamesIn(String(json))) named.add(digest);
  const kept = await textsOf(server, { number, at }, [...named]);
  const rows = await server.rows(dropParts, [at, run.token, [...kept.keys()], number]);
  if (rows.length === 0) return undefined;
  await server.rows(dropBundles, [at, run.token, number]);
  await sweepBundles(server);
  return hasChunks;
}

function isLarge({ json }: StoredText): boolean {
  return json.length > smallLength || json.includes('"$');
}

interface Lighter {
  readonly lighter: readonly { readonly place: number; readonly text: string }[];
  /** There are chunks among them that stay. */
  readonly chunks: boolean;
}

async function lighterEntries(
  server: Server,
  runId: string,
  stand: Stand,
  rows: readonly StoredText[],
  keeps: 'chunks' | 'nothing',
): Promise<Lighter> {
  const parts = await textsOf(
    server,
    stand,
    rows.flatMap(({ json }) => partNamesIn(json)),
  );
  let chunks = false;
  const lighter = rows.flatMap((row) => {
    const place = { path: server.shown, runId, sequence: row.sequence };
    const entry = storedEntry({ ...row, crc: null }, (digest) => parts.get(digest), plainCodec, place);
    chunks ||= keeps === 'chunks' && holdsChunks(entry);
    const text = textOf(runId, withoutBodies(entry, keeps));
    return text === undefined ? [] : [{ place: row.sequence, text }];
  });
  return { lighter, chunks };
}

function textOf(runId: string, lighter: Entry | undefined): string | undefined {
  if (lighter === undefined) return undefined;
  const batch = new StoredBatch({ runId, entries: [lighter], known: new KnownParts() });
  // What is long in an entry without bodies, such as a name, stays as it is.
  if (batch.slice(plainCodec, 'all').length > 0) return undefined;
  return batch.rows[0] === undefined ? undefined : String(batch.rows[0].column);
}
