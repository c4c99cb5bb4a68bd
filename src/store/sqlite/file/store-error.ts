import { RepriseError, messageOf } from '../../../base/error.ts';

/** Turns an error of SQLite into a coded one with a next step. Coded errors are returned unchanged. */
export function storeError(thrown: unknown, path: string): unknown {
  if (thrown instanceof RepriseError) return thrown;
  const code: unknown = (thrown as { code?: unknown } | null)?.code;
  if (typeof code !== 'string') return thrown;
  // SQLite reports a log index that cannot grow as an I/O error; the cause is a full disk.
  const kind = code === 'SQLITE_IOERR_SHMSIZE' ? 'SQLITE_FULL' : code.split('_').slice(0, 2).join('_');
  const fields = { path, sqlite: code };
  switch (kind) {
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return new RepriseError('store-locked', `the store ${path} is locked by another process`, {
        nextStep: 'Close whatever holds the lock (a backup, a shell with an open transaction), and try again.',
        cause: thrown,
        fields,
      });
    case 'SQLITE_READONLY':
      return new RepriseError('store-read-only', `the store ${path} is not writable`, {
        nextStep: 'Give the process write permission for the file and its folder, or choose another store.',
        cause: thrown,
        fields,
      });
    case 'SQLITE_FULL':
      return new RepriseError('store-full', `there is no space left to write to the store ${path}`, {
        nextStep: 'Free some space. Everything committed so far is intact, and the run can be resumed.',
        cause: thrown,
        fields,
      });
    case 'SQLITE_NOTADB':
    case 'SQLITE_CORRUPT':
      return unreadable(path, 'is not a SQLite database, or is damaged', thrown, fields);
    case 'SQLITE_CANTOPEN':
      return unreadable(path, 'cannot be opened', thrown, fields);
    default:
      return kind.startsWith('SQLITE_') ? unreadable(path, `failed: ${messageOf(thrown)}`, thrown, fields) : thrown;
  }
}

function unreadable(
  path: string,
  what: string,
  cause: unknown,
  fields: Readonly<Record<string, unknown>>,
): RepriseError {
  return new RepriseError('store-unreadable', `the store ${path} ${what}`, {
    nextStep: 'Check the path, and that the file is intact.',
    cause,
    fields,
  });
}

export function damagedRequest(path: string, runId: string, cause: Error): RepriseError {
  return new RepriseError('store-unreadable', `the request to cancel run "${runId}" in ${path} is damaged`, {
    nextStep: 'Request the cancellation again: that replaces the damaged one.',
    cause,
    fields: { path, runId },
  });
}

export function damagedLabel(path: string, runId: string): RepriseError {
  return new RepriseError('store-unreadable', `a label of run "${runId}" in ${path} is damaged`, {
    nextStep: 'Restore the file from a copy, or label the step again under the same name.',
    fields: { path, runId },
  });
}

export function damagedMessage(path: string, runId: string, cause: Error): RepriseError {
  return new RepriseError('store-unreadable', `a message to run "${runId}" in ${path} is damaged`, {
    nextStep: 'Restore the file from a backup, or fork the run: a fork begins with an empty inbox.',
    cause,
    fields: { path, runId },
  });
}

export function isBusy(thrown: unknown): boolean {
  const code: unknown = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' && (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'));
}

export function readOnlyError(path: string): RepriseError {
  return new RepriseError('store-read-only', `the store ${path} was opened for reading`, {
    nextStep: "Open it without mode: 'read'.",
    fields: { path },
  });
}
