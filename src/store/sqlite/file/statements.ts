import { firstUserName } from '../../../journal/errand.ts';
import { runStatuses } from '../../run-query.ts';
import { whenUsed, withOnePlan } from './handle.ts';
import type { Preparing, Statement } from './handle.ts';
import { inboxReadStatements, inboxWriteStatements } from '../operation/inbox.ts';
import type { InboxReadStatements, InboxWriteStatements } from '../operation/inbox.ts';
import { recordingWriteStatements } from '../operation/recording-statements.ts';
import type { RecordingWriteStatements } from '../operation/recording-statements.ts';
import { mayDriveText, workerReadStatements, workerWriteStatements } from '../operation/worker-statements.ts';
import type { WorkerReadStatements, WorkerWriteStatements } from '../operation/worker-statements.ts';
import { checksumVersion, recordingVersion, workerVersion } from './schema.ts';

/** A last entry up to this length is read with the summary, to check it. */
const checkedLengthMax = 16_384;

/** Columns that a file of an older version does not have. */
type NewColumn = (name: string) => string;
const hasAll: NewColumn = (name) => name;
const hasNone: NewColumn = () => 'NULL';

function columnsOf(version: number): NewColumn {
  if (version < checksumVersion) return hasNone;
  if (version >= workerVersion) return hasAll;
  const later = version < recordingVersion ? ['run.recording', 'run.tenant'] : ['run.tenant'];
  return (name) => (later.includes(name) ? 'NULL' : name);
}

const summaryColumns = (column: NewColumn): string =>
  `SELECT run.number, run.id, run.graph, run.status, run.created_at, run.wake_at, ${column('run.crc')} AS crc,
     ${column('run.recording')} AS recording, ${column('run.tenant')} AS tenant, ${column('run.takeovers')} AS takeovers, ${column('run.last')} AS known_last,
     last.sequence, last.step, last.time, ${column('last.crc')} AS entry_crc,
     CASE WHEN octet_length(last.json) <= ${checkedLengthMax} THEN last.json END AS json`;
const lastEntry = `JOIN entry AS last ON last.run = run.number
    AND last.sequence = (SELECT max(sequence) FROM entry WHERE entry.run = run.number)`;
/** A tree of the file that is damaged may hide all entries of a run. */
const lastEntryIfAny = `LEFT ${lastEntry}`;
const summaryOfRuns = (column: NewColumn): string => `${summaryColumns(column)} FROM run ${lastEntryIfAny}`;

export interface ReadStatements {
  readonly run: Statement;
  readonly entries: Statement;
  readonly part: Statement;
  readonly checkpoint: Statement;
  readonly summary: Statement;
  readonly due: Statement;
  readonly fair: FairStatements | undefined;
  /** Claims that have not expired. */
  readonly claims: Statement;
  /** Undefined for a file that keeps no recordings. */
  readonly recordingOf: Statement | undefined;
  readonly cancelOf: Statement;
  readonly cancels: Statement;
  readonly labels: Statement;
  readonly graphs: Statement;
  readonly kept: Statement;
  readonly prunable: Statement;
  /** The errands of a run that have ended: its ids are from the first up to the second. */
  readonly errandsOf: Statement;
  readonly endedErrands: Statement;
  readonly waitingErrands: Statement;
  /** A file of an older version has none. */
  readonly inboxes: InboxReadStatements | undefined;
  /** As `inboxes`. */
  readonly workers: WorkerReadStatements | undefined;
}

export interface WriteStatements {
  readonly begin: Statement;
  readonly commit: Statement;
  readonly rollback: Statement;
  /** A part of a transaction, which may be undone alone. */
  readonly beginPart: Statement;
  readonly endPart: Statement;
  readonly undoPart: Statement;
  readonly owned: Statement;
  readonly owner: Statement;
  readonly addRun: Statement;
  readonly nextNumber: Statement;
  readonly addEntry: Statement;
  readonly placeOfEntry: Statement;
  readonly replaceEntry: Statement;
  readonly addPart: Statement;
  readonly addCheckpoint: Statement;
  readonly sizes: Statement;
  readonly queueRun: Statement;
  readonly takeRun: Statement;
  readonly endRun: Statement;
  readonly progressed: Statement;
  readonly claim: Statement;
  readonly doubt: Statement;
  readonly forgetClaims: Statement;
  readonly cancel: Statement;
  readonly label: Statement;
  readonly summary: Statement;
  readonly raise: Statement;
  readonly errands: Statement;
  readonly deleteRun: Statement;
  readonly deleteLabels: Statement;
  readonly deleteEntries: Statement;
  readonly deleteParts: Statement;
  readonly deleteCheckpoints: Statement;
  readonly addDeleted: Statement;
  readonly isDeleted: Statement;
  readonly nextDeleted: Statement;
  readonly forgetDeleted: Statement;
  readonly inboxes: InboxWriteStatements;
  readonly recordings: RecordingWriteStatements;
  readonly workers: WorkerWriteStatements;
}

/** Those that few processes need are prepared by `later`. */
export function readStatements(file: Preparing, version: number, later = whenUsed): ReadStatements {
  const handle = withOnePlan(file);
  const rarely = later(handle);
  const column = columnsOf(version);
  const summary = summaryOfRuns(column);
  return {
    run: handle.prepare(`SELECT number, status, ${column('last')} AS last FROM run WHERE id = ?`),
    entries: handle.prepare(
      `SELECT sequence, step, time, json, ${column('crc')} AS crc
       FROM entry WHERE run = ? AND sequence >= ? AND sequence < ? ORDER BY sequence`,
    ),
    part: handle.prepare('SELECT json FROM part WHERE run = ? AND digest = ?'),
    checkpoint: handle.prepare(
      `SELECT sequence, step, json, ${column('crc')} AS crc
       FROM checkpoint WHERE run = ? AND step <= ? AND sequence < ? ORDER BY sequence DESC LIMIT 1`,
    ),
    summary: rarely.prepare(`${summary} WHERE run.id = ?`),
    due: rarely.prepare(dueText(column, version)),
    fair: version < workerVersion ? undefined : fairStatements(rarely),
    claims: rarely.prepare(
      `SELECT id, expires_at, ${column('lease_ms')} AS lease_ms, ${column('doubted_at')} AS doubted_at
       FROM owner WHERE expires_at > ?`,
    ),
    recordingOf:
      version < recordingVersion
        ? undefined
        : rarely.prepare('SELECT recording, record_at, record_tries FROM run WHERE id = ?'),
    cancelOf: rarely.prepare('SELECT status, cancel FROM run WHERE id = ?'),
    cancels: rarely.prepare(
      "SELECT id, cancel FROM run WHERE owner = ? AND status = 'running' AND cancel IS NOT NULL ORDER BY number",
    ),
    labels: rarely.prepare(`SELECT step, label, ${column('crc')} AS crc FROM label WHERE run = ?`),
    // One look at the index for each graph, not for each run.
    graphs: rarely.prepare(
      `WITH RECURSIVE found (graph) AS (
         SELECT min(graph) FROM run
         UNION ALL SELECT (SELECT min(graph) FROM run WHERE run.graph > found.graph) FROM found WHERE found.graph IS NOT NULL)
       SELECT graph FROM found WHERE graph IS NOT NULL`,
    ),
    // The oldest of the runs to keep.
    kept: rarely.prepare(
      `SELECT number FROM run WHERE graph = @graph AND status IN (SELECT value FROM json_each(@statuses))
       ORDER BY number DESC LIMIT 1 OFFSET @keep - 1`,
    ),
    prunable: rarely.prepare(
      `${summary} WHERE run.number > @after AND ${isNoErrand} AND run.status IN (SELECT value FROM json_each(@statuses))
         AND (@graph IS NULL OR run.graph = @graph) AND last.time < @olderThan
       ORDER BY run.number LIMIT @limit`,
    ),
    errandsOf: rarely.prepare(`SELECT id FROM run WHERE ${errandsOfRun}`),
    endedErrands: rarely.prepare(
      `SELECT id AS errandId, status FROM run WHERE ${errandsOfRun} AND status IN ('done', 'failed', 'cancelled')`,
    ),
    waitingErrands: rarely.prepare(
      `${summary} WHERE run.status IN ('queued', 'interrupted') AND ${isErrand} ORDER BY run.number LIMIT ?`,
    ),
    inboxes: version < checksumVersion ? undefined : inboxReadStatements(rarely),
    workers: version < workerVersion ? undefined : workerReadStatements(rarely),
  };
}

/** What errands are called, no graph of a user is. */
const isErrand = `run.graph < '${firstUserName}'`;
const isNoErrand = `run.graph >= '${firstUserName}'`;
const errandsOfRun = `id >= ? AND id < ? AND ${isErrand}`;

/**
 * Each part finds its runs by an index, so that runs which have ended cost nothing. `@gone`: owners whose claims hold by
 * the clock alone. `@fingerprint`: only those that a worker with it may drive, beside those of `@live`.
 */
function dueText(column: NewColumn, version: number): string {
  const parts = dueParts(version, 'ORDER BY run.number LIMIT @limit');
  return `WITH due (number) AS (${parts.join(' UNION ')} ORDER BY number LIMIT @limit)
    ${summaryColumns(column)} FROM due JOIN run ON run.number = due.number ${lastEntry} ORDER BY run.number LIMIT @limit`;
}

/** `ending`: how many of each part, and which. */
function dueParts(version: number, ending: string): readonly string[] {
  const mayDrive = version < workerVersion ? '@fingerprint IS NULL AND @live IS NOT NULL' : mayDriveText;
  const part = (from: string, condition: string): string =>
    `SELECT number FROM (SELECT run.number FROM run ${from} WHERE run.graph = @graph AND ${condition} AND ${mayDrive}
       ${ending})`;
  return [
    part('', "run.status = 'interrupted'"),
    part(
      'LEFT JOIN owner ON owner.id = run.owner',
      `run.status = 'running' AND (coalesce(owner.expires_at, 0) <= @now
         OR owner.id IN (SELECT value FROM json_each(@gone)))`,
    ),
    part('', 'run.wake_at IS NOT NULL AND run.wake_at <= @now'),
    // SQLite would take the index by graph and status.
    part(
      version < checksumVersion ? '' : 'INDEXED BY run_by_cancel',
      "run.status IN ('paused', 'queued') AND run.cancel IS NOT NULL",
    ),
  ];
}

/** For claims where runs have tenants. */
export interface FairStatements {
  /** Whether any run of the graph that has not ended has a tenant. */
  readonly hasTenants: Statement;
  /** As `due`, but at most `@limit` of each tenant, and none that is to be left alone. */
  readonly due: Statement;
  /** How many runs of each tenant are driven. `@gone`: as for `due`. */
  readonly served: Statement;
}

function fairStatements(handle: Preparing): FairStatements {
  const ranked = `SELECT due.number, row_number() OVER (PARTITION BY run.tenant ORDER BY due.number) AS nth
    FROM due JOIN run ON run.number = due.number WHERE run.id NOT IN (SELECT value FROM json_each(@skip))`;
  return {
    hasTenants: handle.prepare(
      `SELECT 1 FROM run INDEXED BY run_by_tenant WHERE graph = ? AND tenant IS NOT NULL
         AND status IN ('queued', 'running', 'interrupted', 'paused') LIMIT 1`,
    ),
    due: handle.prepare(
      `WITH due (number) AS (${dueParts(workerVersion, '').join(' UNION ')}), ranked AS (${ranked})
       ${summaryColumns(hasAll)} FROM ranked JOIN run ON run.number = ranked.number ${lastEntry}
       WHERE ranked.nth <= @limit ORDER BY run.number`,
    ),
    served: handle.prepare(
      `SELECT run.tenant, count(*) AS count FROM owner JOIN run ON run.owner = owner.id AND run.status = 'running'
       WHERE owner.expires_at > @now AND owner.id NOT IN (SELECT value FROM json_each(@gone)) AND ${isNoErrand}
       GROUP BY run.tenant`,
    ),
  };
}

/** Numbers continue after those of deleted runs, so that no reader of a deleted run takes a later one for it. */
const nextNumber = `(1 + max(coalesce((SELECT max(number) FROM run), 0),
  coalesce((SELECT value FROM setting WHERE name = 'number of deleted'), 0)))`;

/** Like `readStatements`. */
export function writeStatements(file: Preparing, later = whenUsed): WriteStatements {
  const handle = withOnePlan(file);
  const rarely = later(handle);
  const summary = summaryOfRuns(hasAll);
  return {
    // Not `BEGIN`: two processes that read first and write later would both believe they own the run.
    begin: handle.prepare('BEGIN IMMEDIATE'),
    commit: handle.prepare('COMMIT'),
    rollback: handle.prepare('ROLLBACK'),
    beginPart: handle.prepare('SAVEPOINT part'),
    endPart: handle.prepare('RELEASE part'),
    undoPart: handle.prepare('ROLLBACK TO part'),
    // Every append asks this first. Looking up the owner as well would double what it costs.
    owned: handle.prepare(
      `SELECT number, token, cancel, takeovers,
         (SELECT max(sequence) FROM entry WHERE entry.run = run.number) AS last
       FROM run WHERE id = ?`,
    ),
    owner: handle.prepare(
      `SELECT run.number, run.token, run.status, run.owner, run.cancel, run.takeovers,
         (SELECT max(sequence) FROM entry WHERE entry.run = run.number) AS last,
         owner.expires_at, owner.lease_ms, owner.doubted_at
       FROM run LEFT JOIN owner ON owner.id = run.owner WHERE run.id = ?`,
    ),
    // Tokens continue after those of deleted runs, so that no lease of a deleted run is taken for one of a later run.
    addRun: handle.prepare(
      `INSERT INTO run (number, id, graph, status, token, created_at, owner, crc, recording, record_at, fingerprint, tenant) VALUES (
         coalesce(?, ${nextNumber}), ?, ?, 'running', 1 + coalesce((SELECT value FROM setting WHERE name = 'token of deleted'), 0), ?, ?, ?, ?, ?, ?, ?)
       RETURNING number, token`,
    ),
    nextNumber: rarely.prepare(`SELECT ${nextNumber} AS number`),
    addEntry: handle.prepare('INSERT INTO entry (run, sequence, step, time, json, crc) VALUES (?, ?, ?, ?, ?, ?)'),
    placeOfEntry: handle.prepare('SELECT step, time FROM entry WHERE run = ? AND sequence = ?'),
    replaceEntry: rarely.prepare('UPDATE entry SET json = ?, crc = ? WHERE run = ? AND sequence = ?'),
    addPart: handle.prepare('INSERT OR IGNORE INTO part (run, digest, json) VALUES (?, ?, ?)'),
    addCheckpoint: handle.prepare(
      'INSERT INTO checkpoint (run, sequence, step, length, json, crc) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    // For a run that is taken over: how much was written since its last checkpoint, and how long that checkpoint is.
    sizes: rarely.prepare(
      `SELECT (SELECT coalesce(sum(octet_length(json)), 0) FROM entry WHERE run = @number AND sequence >
                 coalesce((SELECT max(sequence) FROM checkpoint WHERE run = @number), -1)) AS written,
              coalesce((SELECT length FROM checkpoint WHERE run = @number ORDER BY sequence DESC LIMIT 1), 0)
                AS checkpoint`,
    ),
    queueRun: rarely.prepare("UPDATE run SET status = 'queued', wake_at = ? WHERE number = ?"),
    takeRun: rarely.prepare(
      `UPDATE run SET status = 'running', owner = ?, takeovers = ?, wake_at = NULL, last = NULL, token = token + 1,
         recording = coalesce(?, recording),
         record_at = coalesce(?, CASE WHEN recording LIKE 'not-recorded:%' THEN NULL ELSE record_at END)
       WHERE number = ?`,
    ),
    progressed: rarely.prepare('UPDATE run SET takeovers = 0 WHERE number = ?'),
    endRun: handle.prepare(
      'UPDATE run SET status = ?, owner = NULL, wake_at = ?, last = ?, token = token + 1 WHERE number = ?',
    ),
    claim: handle.prepare(
      `INSERT INTO owner (id, expires_at, lease_ms) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE
       SET expires_at = excluded.expires_at, lease_ms = excluded.lease_ms, doubted_at = NULL`,
    ),
    doubt: rarely.prepare('UPDATE owner SET doubted_at = ? WHERE id = ? AND doubted_at IS NULL'),
    // Only owners that are gone for good: their claim has expired, and they own no run.
    forgetClaims: rarely.prepare(
      'DELETE FROM owner WHERE expires_at < ? AND NOT EXISTS (SELECT 1 FROM run WHERE run.owner = owner.id)',
    ),
    cancel: rarely.prepare('UPDATE run SET cancel = ? WHERE number = ?'),
    label: rarely.prepare(
      `INSERT INTO label (run, label, step, crc) VALUES (?, ?, ?, ?)
       ON CONFLICT (run, label) DO UPDATE SET step = excluded.step, crc = excluded.crc`,
    ),
    summary: rarely.prepare(`${summary} WHERE run.number = ?`),
    raise: rarely.prepare(
      `INSERT INTO setting (name, value) VALUES (?, ?)
       ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)`,
    ),
    errands: rarely.prepare(`SELECT number, token, id FROM run WHERE ${errandsOfRun}`),
    deleteRun: rarely.prepare('DELETE FROM run WHERE number = ?'),
    deleteLabels: rarely.prepare('DELETE FROM label WHERE run = ?'),
    deleteEntries: rarely.prepare(
      `DELETE FROM entry WHERE run = @number AND sequence IN
         (SELECT sequence FROM entry WHERE run = @number ORDER BY sequence LIMIT @limit)`,
    ),
    deleteParts: rarely.prepare(
      'DELETE FROM part WHERE run = @number AND digest IN (SELECT digest FROM part WHERE run = @number LIMIT @limit)',
    ),
    deleteCheckpoints: rarely.prepare('DELETE FROM checkpoint WHERE run = ?'),
    addDeleted: rarely.prepare('INSERT INTO deleted (number) VALUES (?)'),
    isDeleted: rarely.prepare('SELECT 1 FROM deleted WHERE number = ?'),
    nextDeleted: rarely.prepare('SELECT number FROM deleted ORDER BY number LIMIT 1'),
    forgetDeleted: rarely.prepare('DELETE FROM deleted WHERE number = ?'),
    inboxes: inboxWriteStatements(rarely),
    recordings: recordingWriteStatements(rarely),
    workers: workerWriteStatements(rarely),
  };
}

export interface ListQuery {
  readonly graph?: string;
  readonly status?: string;
  readonly tenant?: string;
  readonly limit: number;
  /** The number of the last run of the page before. */
  readonly after?: number;
}

/** Newest first; all runs, or those of one graph or one status. Each form is answered by an index, without a sort. */
export function listStatement(file: Preparing, query: ListQuery, version: number): Statement {
  const handle = withOnePlan(file);
  const column = columnsOf(version);
  const before =
    (query.after === undefined ? '' : ' AND run.number < @after') +
    (query.tenant === undefined ? '' : ` AND ${column('run.tenant')} = @tenant`);
  if (query.graph === undefined) {
    const status = query.status === undefined ? '' : ' AND run.status = @status';
    return handle.prepare(
      `${summaryOfRuns(column)} WHERE ${isNoErrand}${status}${before} ORDER BY run.number DESC LIMIT @limit`,
    );
  }
  const statuses = query.status === undefined ? runStatuses.map((status) => `'${status}'`) : ['@status'];
  const parts = statuses.map(
    (status) =>
      `SELECT number FROM (SELECT run.number FROM run WHERE run.graph = @graph AND run.status = ${status}${before}
         ORDER BY run.number DESC LIMIT @limit)`,
  );
  return handle.prepare(
    `WITH listed (number) AS (${parts.join(' UNION ALL ')} ORDER BY number DESC LIMIT @limit)
     ${summaryColumns(column)} FROM listed JOIN run ON run.number = listed.number ${lastEntryIfAny}
     ORDER BY run.number DESC LIMIT @limit`,
  );
}
