// The columns and the statements of recordings.
import type { Preparing, Statement } from '../file/handle.ts';

const isEnded = "status IN ('done', 'failed', 'cancelled')";
const isLeft = `record_at IS NOT NULL AND ${isEnded}`;

export const recordingColumns = `
  ALTER TABLE run ADD COLUMN recording TEXT;
  ALTER TABLE run ADD COLUMN record_at INTEGER;
  ALTER TABLE run ADD COLUMN record_tries INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX run_by_recording ON run (graph, recording, record_at) WHERE ${isLeft};`;

export interface RecordingWriteStatements {
  readonly found: Statement;
  readonly reserve: Statement;
  readonly foundKept: Statement;
  readonly reserveKept: Statement;
  readonly mark: Statement;
  readonly keep: Statement;
  readonly wanted: Statement;
  readonly bytes: Statement;
  readonly lastStep: Statement;
  readonly checkpoints: Statement;
  readonly partNames: Statement;
  readonly deletePart: Statement;
}

export function recordingWriteStatements(handle: Preparing): RecordingWriteStatements {
  const foundAt = (stage: string): string => `SELECT number FROM run INDEXED BY run_by_recording
    WHERE graph = @graph AND ${stage} AND record_at <= @now AND ${isLeft} ORDER BY record_at, number LIMIT @limit`;
  const reserved = (found: string): string =>
    `UPDATE run SET record_at = @until WHERE number IN (${found}) RETURNING number, id, status, token, record_tries`;
  const found = foundAt('recording = @stage');
  // The text says why it is not recorded.
  const foundKept = foundAt("recording >= 'not-recorded:' AND recording < 'not-recorded;'");
  return {
    found: handle.prepare(found),
    reserve: handle.prepare(reserved(found)),
    foundKept: handle.prepare(foundKept),
    reserveKept: handle.prepare(reserved(foundKept)),
    mark: handle.prepare(
      `UPDATE run SET recording = coalesce(?, recording), record_at = ?, record_tries = ? WHERE id = ? AND token = ? AND ${isLeft}`,
    ),
    keep: handle.prepare('UPDATE run SET recording = ?, record_at = ?, record_tries = ? WHERE id = ?'),
    wanted: handle.prepare(
      `SELECT count(*) AS count FROM (SELECT 1 FROM run INDEXED BY run_by_recording
         WHERE graph = ? AND recording = 'wanted' AND ${isLeft} LIMIT ?)`,
    ),
    bytes: handle.prepare(
      `SELECT (SELECT coalesce(sum(octet_length(json)), 0) FROM entry WHERE run = number)
         + (SELECT coalesce(sum(octet_length(json)), 0) FROM part WHERE run = number) AS bytes
       FROM run WHERE id = ?`,
    ),
    lastStep: handle.prepare('SELECT step FROM entry WHERE run = ? ORDER BY sequence DESC LIMIT 1'),
    checkpoints: handle.prepare('SELECT json FROM checkpoint WHERE run = ?'),
    partNames: handle.prepare('SELECT digest FROM part WHERE run = ? AND digest > ? ORDER BY digest LIMIT ?'),
    deletePart: handle.prepare('DELETE FROM part WHERE run = ? AND digest = ?'),
  };
}
