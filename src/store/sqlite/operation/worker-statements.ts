// The statements about the workers of a store file, and what their rows say.
import { workerMark } from '../../driving.ts';
import type { DrivenRun } from '../../driving.ts';
import type { Preparing, Statement } from '../file/handle.ts';

/**
 * `fingerprint` of a run: of the graph that it continues with. `refused`: those of graphs that cannot drive it, and the workers
 * that leave it alone.
 */
export const workerTables = `
  ALTER TABLE run ADD COLUMN fingerprint TEXT;
  ALTER TABLE run ADD COLUMN refused TEXT;
  ALTER TABLE run ADD COLUMN tenant TEXT;
  CREATE INDEX run_by_tenant ON run (graph, number) WHERE tenant IS NOT NULL AND status IN ('queued', 'running', 'interrupted', 'paused');
  CREATE TABLE worker (
    id          TEXT NOT NULL,
    graph       TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    build       TEXT,
    since       INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    PRIMARY KEY (id, graph)
  ) WITHOUT ROWID;`;

export interface WorkerReadStatements {
  readonly live: Statement;
  readonly countOf: Statement;
  readonly driven: Statement;
}

export function workerReadStatements(handle: Preparing): WorkerReadStatements {
  return {
    live: handle.prepare('SELECT * FROM worker WHERE expires_at > ? ORDER BY since, id, graph'),
    countOf: handle.prepare("SELECT count(*) AS count FROM run WHERE owner = ? AND status = 'running'"),
    driven: handle.prepare('SELECT fingerprint, refused FROM run WHERE number = ?'),
  };
}

export interface WorkerWriteStatements {
  readonly since: Statement;
  readonly forget: Statement;
  readonly add: Statement;
  readonly withdraw: Statement;
  readonly continueWith: Statement;
  readonly refuse: Statement;
  /** Those that leave a run alone and live no more, or all, are named no longer. */
  readonly forgetLeftAlone: Statement;
}

export function workerWriteStatements(handle: Preparing): WorkerWriteStatements {
  return {
    since: handle.prepare('SELECT min(since) AS since FROM worker WHERE id = ? AND expires_at > ?'),
    forget: handle.prepare('DELETE FROM worker WHERE expires_at <= ? OR id = ?'),
    add: handle.prepare(
      'INSERT INTO worker (id, graph, fingerprint, build, since, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    withdraw: handle.prepare('DELETE FROM worker WHERE id = ?'),
    continueWith: handle.prepare('UPDATE run SET fingerprint = ?, refused = NULL WHERE number = ?'),
    refuse: handle.prepare(
      `UPDATE run SET refused = json_insert(coalesce(refused, '[]'), '$[#]', @fingerprint) WHERE number = @number
         AND NOT EXISTS (SELECT 1 FROM json_each(run.refused) WHERE value = @fingerprint)`,
    ),
    forgetLeftAlone: handle.prepare(
      `UPDATE run SET refused = (SELECT json_group_array(value) FROM json_each(run.refused) WHERE value NOT LIKE '${workerMark}%'
           OR (@keep = 1 AND EXISTS (SELECT 1 FROM worker WHERE '${workerMark}' || worker.id = value)))
         WHERE number = @number AND refused LIKE '%"${workerMark}%'`,
    ),
  };
}

/** Whether a worker with this fingerprint may drive the run, beside those of all live workers; as `mayDrive` says. */
export const mayDriveText = `(@fingerprint IS NULL OR (
    NOT EXISTS (SELECT 1 FROM json_each(run.refused) WHERE value = @fingerprint)
    AND (run.fingerprint IS NULL OR run.fingerprint = @fingerprint
      OR run.fingerprint NOT IN (SELECT value FROM json_each(@live))
      OR EXISTS (SELECT 1 FROM json_each(run.refused) WHERE value = run.fingerprint))))`;

export interface WorkerRow {
  readonly id: string;
  readonly graph: string;
  readonly fingerprint: string;
  readonly build: string | null;
  readonly since: number;
}

export type IsGone = (owner: string) => boolean | undefined;

interface WorkerFile {
  readonly read: { readonly workers: WorkerReadStatements | undefined };
}

export function liveRows({ read }: WorkerFile, now: number, isGone: IsGone | undefined): readonly WorkerRow[] {
  const rows = (read.workers?.live.all(now) ?? []) as readonly WorkerRow[];
  return rows.filter(({ id }) => isGone?.(id) !== true);
}

/** Those that live workers have for a graph. */
export function liveFingerprints(
  file: WorkerFile,
  { graph, now, isGone }: { readonly graph: string; readonly now: number; readonly isGone: IsGone | undefined },
): readonly string[] {
  return liveRows(file, now, isGone).flatMap((row) => (row.graph === graph ? [row.fingerprint] : []));
}

/** What decides about who may drive a run. */
export function drivenOf(
  { read }: WorkerFile,
  { number, graph }: { readonly number: number; readonly graph: string },
): DrivenRun {
  const row = read.workers?.driven.get(number) as
    | { readonly fingerprint: string | null; readonly refused: string | null }
    | undefined;
  return {
    graph,
    fingerprint: row?.fingerprint ?? undefined,
    refused: JSON.parse(row?.refused ?? '[]') as readonly string[],
  };
}
