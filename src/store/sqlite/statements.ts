import type { SqliteHandle, Statement } from './handle.ts';

const summary = `SELECT run.id, run.graph, run.status, run.created_at, last.sequence, last.step, last.time
  FROM run JOIN entry AS last ON last.run = run.number
    AND last.sequence = (SELECT max(sequence) FROM entry WHERE entry.run = run.number)`;

export interface ReadStatements {
  readonly run: Statement;
  readonly entries: Statement;
  readonly part: Statement;
  readonly summary: Statement;
}

export interface WriteStatements {
  readonly begin: Statement;
  readonly commit: Statement;
  readonly rollback: Statement;
  readonly owner: Statement;
  readonly addRun: Statement;
  readonly addEntry: Statement;
  readonly addPart: Statement;
  readonly changeOwner: Statement;
}

export function readStatements(handle: SqliteHandle): ReadStatements {
  return {
    run: handle.prepare('SELECT number, status FROM run WHERE id = ?'),
    entries: handle.prepare(
      'SELECT sequence, json FROM entry WHERE run = ? AND sequence >= ? AND sequence < ? ORDER BY sequence',
    ),
    part: handle.prepare('SELECT json FROM part WHERE run = ? AND digest = ?'),
    summary: handle.prepare(`${summary} WHERE run.id = ?`),
  };
}

export function writeStatements(handle: SqliteHandle): WriteStatements {
  return {
    // Not `BEGIN`: two that read first and write then would both believe that the run is theirs.
    begin: handle.prepare('BEGIN IMMEDIATE'),
    commit: handle.prepare('COMMIT'),
    rollback: handle.prepare('ROLLBACK'),
    owner: handle.prepare(
      'SELECT number, token, (SELECT max(sequence) FROM entry WHERE entry.run = run.number) AS last FROM run WHERE id = ?',
    ),
    addRun: handle.prepare("INSERT INTO run (id, graph, status, token, created_at) VALUES (?, ?, 'running', 1, ?)"),
    addEntry: handle.prepare('INSERT INTO entry (run, sequence, step, time, json) VALUES (?, ?, ?, ?, ?)'),
    addPart: handle.prepare('INSERT OR IGNORE INTO part (run, digest, json) VALUES (?, ?, ?)'),
    changeOwner: handle.prepare('UPDATE run SET status = ?, token = token + 1 WHERE number = ?'),
  };
}

/** The newest runs first, of one graph, of one status, or of all. */
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
