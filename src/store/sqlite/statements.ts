import type { SqliteHandle, Statement } from './handle.ts';
import { inboxReadStatements, inboxWriteStatements } from './inbox.ts';
import type { InboxReadStatements, InboxWriteStatements } from './inbox.ts';

const summary = `SELECT run.number, run.id, run.graph, run.status, run.created_at, run.wake_at, last.sequence, last.step,
  last.time
  FROM run JOIN entry AS last ON last.run = run.number
    AND last.sequence = (SELECT max(sequence) FROM entry WHERE entry.run = run.number)`;

export interface ReadStatements {
  readonly run: Statement;
  readonly entries: Statement;
  readonly part: Statement;
  readonly checkpoint: Statement;
  readonly summary: Statement;
  readonly due: Statement;
  readonly cancels: Statement;
  readonly labels: Statement;
  readonly graphs: Statement;
  readonly kept: Statement;
  readonly prunable: Statement;
  readonly inboxes: InboxReadStatements | undefined;
}

export interface WriteStatements {
  readonly begin: Statement;
  readonly commit: Statement;
  readonly rollback: Statement;
  readonly owner: Statement;
  readonly addRun: Statement;
  readonly addEntry: Statement;
  readonly replaceEntry: Statement;
  readonly addPart: Statement;
  readonly addCheckpoint: Statement;
  readonly sizes: Statement;
  readonly queueRun: Statement;
  readonly takeRun: Statement;
  readonly endRun: Statement;
  readonly claim: Statement;
  readonly forgetClaims: Statement;
  readonly cancel: Statement;
  readonly label: Statement;
  readonly summary: Statement;
  readonly raise: Statement;
  readonly deleteRun: Statement;
  readonly deleteLabels: Statement;
  readonly deleteEntries: Statement;
  readonly deleteParts: Statement;
  readonly deleteCheckpoints: Statement;
  readonly addDeleted: Statement;
  readonly nextDeleted: Statement;
  readonly forgetDeleted: Statement;
  readonly inboxes: InboxWriteStatements;
}

export function readStatements(handle: SqliteHandle): ReadStatements {
  return {
    run: handle.prepare('SELECT number, status FROM run WHERE id = ?'),
    entries: handle.prepare(
      'SELECT sequence, json FROM entry WHERE run = ? AND sequence >= ? AND sequence < ? ORDER BY sequence',
    ),
    part: handle.prepare('SELECT json FROM part WHERE run = ? AND digest = ?'),
    checkpoint: handle.prepare(
      'SELECT sequence, json FROM checkpoint WHERE run = ? AND step <= ? ORDER BY sequence DESC LIMIT 1',
    ),
    summary: handle.prepare(`${summary} WHERE run.id = ?`),
    due: handle.prepare(
      `${summary} LEFT JOIN owner ON owner.id = run.owner WHERE run.graph = @graph AND (
         run.status = 'interrupted'
         OR (run.status = 'running' AND coalesce(owner.expires_at, 0) <= @now)
         OR (run.status IN ('paused', 'queued') AND (run.wake_at <= @now OR run.cancel IS NOT NULL)))
       ORDER BY run.number LIMIT @limit`,
    ),
    cancels: handle.prepare(
      "SELECT id, cancel FROM run WHERE owner = ? AND status = 'running' AND cancel IS NOT NULL ORDER BY number",
    ),
    labels: handle.prepare('SELECT step, label FROM label WHERE run = ?'),
    graphs: handle.prepare('SELECT DISTINCT graph FROM run'),
    // The oldest of the runs to keep.
    kept: handle.prepare(
      `SELECT number FROM run WHERE graph = @graph AND status IN (SELECT value FROM json_each(@statuses))
       ORDER BY number DESC LIMIT 1 OFFSET @keep - 1`,
    ),
    prunable: handle.prepare(
      `${summary} WHERE run.number > @after AND run.status IN (SELECT value FROM json_each(@statuses))
         AND (@graph IS NULL OR run.graph = @graph) AND last.time < @olderThan
       ORDER BY run.number LIMIT @limit`,
    ),
    inboxes: inboxReadStatements(handle),
  };
}

export function writeStatements(handle: SqliteHandle): WriteStatements {
  return {
    // Not `BEGIN`: two processes that read first and write later would both believe they own the run.
    begin: handle.prepare('BEGIN IMMEDIATE'),
    commit: handle.prepare('COMMIT'),
    rollback: handle.prepare('ROLLBACK'),
    owner: handle.prepare(
      `SELECT number, token, status, owner, cancel,
         (SELECT max(sequence) FROM entry WHERE entry.run = run.number) AS last,
         (SELECT expires_at FROM owner WHERE owner.id = run.owner) AS expires_at
       FROM run WHERE id = ?`,
    ),
    // Numbers and tokens continue after those of deleted runs, so that a reader or a lease of a deleted run is never
    // taken for one of a later run.
    addRun: handle.prepare(
      `INSERT INTO run (number, id, graph, status, token, created_at, owner) VALUES (
         1 + max(coalesce((SELECT max(number) FROM run), 0),
                 coalesce((SELECT value FROM setting WHERE name = 'number of deleted'), 0)),
         ?, ?, 'running', 1 + coalesce((SELECT value FROM setting WHERE name = 'token of deleted'), 0), ?, ?)
       RETURNING number, token`,
    ),
    addEntry: handle.prepare('INSERT INTO entry (run, sequence, step, time, json) VALUES (?, ?, ?, ?, ?)'),
    replaceEntry: handle.prepare('UPDATE entry SET json = ? WHERE run = ? AND sequence = ?'),
    addPart: handle.prepare('INSERT OR IGNORE INTO part (run, digest, json) VALUES (?, ?, ?)'),
    addCheckpoint: handle.prepare('INSERT INTO checkpoint (run, sequence, step, length, json) VALUES (?, ?, ?, ?, ?)'),
    // For a run that is taken over: how much was written since its last checkpoint, and how long that checkpoint is.
    sizes: handle.prepare(
      `SELECT (SELECT coalesce(sum(octet_length(json)), 0) FROM entry WHERE run = @number AND sequence >
                 coalesce((SELECT max(sequence) FROM checkpoint WHERE run = @number), -1)) AS written,
              coalesce((SELECT length FROM checkpoint WHERE run = @number ORDER BY sequence DESC LIMIT 1), 0)
                AS checkpoint`,
    ),
    queueRun: handle.prepare("UPDATE run SET status = 'queued', wake_at = ? WHERE number = ?"),
    takeRun: handle.prepare(
      "UPDATE run SET status = 'running', owner = ?, wake_at = NULL, token = token + 1 WHERE number = ?",
    ),
    endRun: handle.prepare('UPDATE run SET status = ?, owner = NULL, wake_at = ?, token = token + 1 WHERE number = ?'),
    claim: handle.prepare(
      'INSERT INTO owner (id, expires_at) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at',
    ),
    // Only owners that are gone for good: their claim has expired, and they own no run.
    forgetClaims: handle.prepare(
      'DELETE FROM owner WHERE expires_at < ? AND NOT EXISTS (SELECT 1 FROM run WHERE run.owner = owner.id)',
    ),
    cancel: handle.prepare('UPDATE run SET cancel = ? WHERE number = ?'),
    label: handle.prepare(
      'INSERT INTO label (run, label, step) VALUES (?, ?, ?) ON CONFLICT (run, label) DO UPDATE SET step = excluded.step',
    ),
    summary: handle.prepare(`${summary} WHERE run.number = ?`),
    raise: handle.prepare(
      `INSERT INTO setting (name, value) VALUES (?, ?)
       ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)`,
    ),
    deleteRun: handle.prepare('DELETE FROM run WHERE number = ?'),
    deleteLabels: handle.prepare('DELETE FROM label WHERE run = ?'),
    deleteEntries: handle.prepare(
      `DELETE FROM entry WHERE run = @number AND sequence IN
         (SELECT sequence FROM entry WHERE run = @number ORDER BY sequence LIMIT @limit)`,
    ),
    deleteParts: handle.prepare(
      'DELETE FROM part WHERE run = @number AND digest IN (SELECT digest FROM part WHERE run = @number LIMIT @limit)',
    ),
    deleteCheckpoints: handle.prepare('DELETE FROM checkpoint WHERE run = ?'),
    addDeleted: handle.prepare('INSERT INTO deleted (number) VALUES (?)'),
    nextDeleted: handle.prepare('SELECT number FROM deleted ORDER BY number LIMIT 1'),
    forgetDeleted: handle.prepare('DELETE FROM deleted WHERE number = ?'),
    inboxes: inboxWriteStatements(handle),
  };
}

/** Newest first; all runs, or those of one graph or one status. */
export function listStatement(
  handle: SqliteHandle,
  query: { readonly graph?: string; readonly status?: string },
): Statement {
  const conditions = [
    ...(query.graph === undefined ? [] : ['run.graph = @graph']),
    ...(query.status === undefined ? [] : ['run.status = @status']),
  ];
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return handle.prepare(`${summary}${where} ORDER BY run.number DESC LIMIT @limit`);
}
