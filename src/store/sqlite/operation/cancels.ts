// Requests to cancel runs, as they are stored.
import { decodeValue } from '../../../base/encode.ts';
import type { Json } from '../../../base/encode.ts';
import type { Value } from '../../../base/value.ts';
import type { CancelRequest, RunStatus } from '../../../port/store.ts';
import { damagedRequest } from '../file/store-error.ts';
import type { OpenFile } from '../file/store-file.ts';
import { isEnded } from '../../progress.ts';
import { unknownRun } from './found-run.ts';
import { isMalformed } from '../../row/stored-entry.ts';

/** Those of an owner's runs. @throws RepriseError `store-unreadable` */
export function cancelRequests(file: OpenFile, path: string, owner: string): readonly CancelRequest[] {
  const rows = file.read.cancels.all(owner) as readonly { readonly id: string; readonly cancel: unknown }[];
  return rows.map(({ id, cancel }) => cancelRequest(file, path, id, cancel));
}

/** That of a run which has not ended. @throws RepriseError `run-unknown`, `store-unreadable` */
export function requestedCancel(file: OpenFile, path: string, runId: string): CancelRequest | undefined {
  const row = file.read.cancelOf.get(runId) as { readonly status: RunStatus; readonly cancel: unknown } | undefined;
  if (row === undefined) throw unknownRun(path, runId);
  return row.cancel === null || isEnded(row.status) ? undefined : cancelRequest(file, path, runId, row.cancel);
}

export function isReadable(file: OpenFile, column: unknown): boolean {
  try {
    reasonIn(file, column);
    return true;
  } catch (cause) {
    if (!isMalformed(cause)) throw cause;
    return false;
  }
}

function reasonIn({ codec }: OpenFile, column: unknown): Value {
  return decodeValue(JSON.parse(codec.decode(column)) as Json);
}

/** @throws RepriseError `store-unreadable` */
export function cancelRequest(file: OpenFile, path: string, runId: string, column: unknown): CancelRequest {
  try {
    return { runId, reason: reasonIn(file, column) };
  } catch (cause) {
    if (!isMalformed(cause)) throw cause;
    throw damagedRequest(path, runId, cause);
  }
}
