// Keeps which ended runs become fixtures.
//   R1. `record_at` is set while something is left to do: a run leaves the index `run_by_recording` with its last mark.
//   R2. A mark counts only while the reservation that it belongs to does: the token of a run changes when it is resumed.
import type { KeptRecording, RecordingMark, Recordings, ReservedRun, ReserveQuery } from '../../../port/recordings.ts';
import type { Later } from '../../../port/store.ts';
import { recordingText } from '../../recording-text.ts';
import type { OpenFile, StoreFile } from '../file/store-file.ts';
import { dropBodies } from './dropping.ts';
import { unknownRun } from './found-run.ts';

interface ReservedRow {
  readonly number: number;
  readonly id: string;
  readonly status: ReservedRun['status'];
  readonly token: number;
  readonly record_tries: number;
}

export function fileRecordings(file: StoreFile): Recordings {
  return {
    reserve: (query) => reserve(file, query),
    mark: ({ runId, token }, mark) => {
      const { afterMs, tries } = leftBy(mark);
      const at = afterMs === null ? null : file.now() + afterMs;
      return file.write((sql) => {
        sql.recordings.mark.run(recordingText(mark) ?? null, at, tries, runId, token);
      });
    },
    kept: (runId) => file.read((open) => keptIn(open, file, runId)),
    keep: (runId, { text, afterMs, tries }) => {
      const at = afterMs === undefined ? null : file.now() + afterMs;
      return file.write((sql) => {
        if (sql.recordings.keep.run(text, at, tries, runId).changes === 0) throw unknownRun(file.path, runId);
      });
    },
    wantedCount: (graph, limit) =>
      file.read(
        ({ write }) =>
          (write?.recordings.wanted.get(graph, limit) as { readonly count: number } | undefined)?.count ?? 0,
      ),
    bytesOf: (runId) =>
      file.read(
        ({ write }) => (write?.recordings.bytes.get(runId) as { readonly bytes: number } | undefined)?.bytes ?? 0,
      ),
    dropBodies: (run, keeps) => dropBodies(file, run, keeps),
  };
}

interface KeptRow {
  readonly recording: string | null;
  readonly record_at: number | null;
  readonly record_tries: number;
}

function keptIn({ read }: OpenFile, file: StoreFile, runId: string): KeptRecording | undefined {
  if (read.run.get(runId) === undefined) throw unknownRun(file.path, runId);
  const { recording, record_at: at, record_tries: tries } = (read.recordingOf?.get(runId) ?? noRecording) as KeptRow;
  if (recording === null) return undefined;
  return { text: recording, tries, ...(at === null ? {} : { afterMs: Math.max(0, at - file.now()) }) };
}

const noRecording: KeptRow = { recording: null, record_at: null, record_tries: 0 };

/** What there is left to do. */
function leftBy(mark: RecordingMark): { readonly afterMs: number | null; readonly tries: number } {
  if (mark.status === 'wanted') return mark;
  return { afterMs: mark.status === 'not-recorded' ? (mark.keepsMs ?? null) : null, tries: 0 };
}

function reserve(file: StoreFile, { graph, stage, forMs, limit }: ReserveQuery): Later<readonly ReservedRun[]> {
  const now = file.now();
  const isKept = stage === 'not-recorded';
  const query = { graph, now, limit, ...(isKept ? {} : { stage }) };
  // Looked up first: where there is nothing to do, no other writer has to wait.
  const isIdle = file.read(({ write }) => write?.recordings[isKept ? 'foundKept' : 'found'].get(query) === undefined);
  const reserved = (idle: boolean): Later<readonly ReservedRun[]> =>
    idle
      ? []
      : file.write((sql) => {
          const statement = sql.recordings[isKept ? 'reserveKept' : 'reserve'];
          const rows = statement.all({ ...query, until: now + forMs }) as readonly ReservedRow[];
          return [...rows].sort((one, other) => one.number - other.number).map(reservedRun);
        });
  return isIdle instanceof Promise ? isIdle.then(reserved) : reserved(isIdle);
}

function reservedRun({ id, status, token, record_tries: tries }: ReservedRow): ReservedRun {
  return { runId: id, status, token, tries };
}
