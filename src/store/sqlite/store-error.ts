import { RepriseError, messageOf } from '../../base/error.ts';

/** What SQLite says, as a coded error that says what to do; errors that are coded already stay as they are. */
export function storeError(thrown: unknown, path: string): unknown {
  if (thrown instanceof RepriseError) return thrown;
  const code: unknown = (thrown as { code?: unknown } | null)?.code;
  if (typeof code !== 'string') return thrown;
  // What the index of a log has no room for is told as an error of reading and writing.
  const kind = code === 'SQLITE_IOERR_SHMSIZE' ? 'SQLITE_FULL' : code.split('_').slice(0, 2).join('_');
  const fields = { path, sqlite: code };
  switch (kind) {
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return new RepriseError('store-locked', `the store ${path} is locked by another process`, {
        nextStep: 'Close what holds it (a backup, a shell with an open transaction), and try again.',
        cause: thrown,
        fields,
      });
    case 'SQLITE_READONLY':
      return new RepriseError('store-read-only', `the store ${path} cannot be written`, {
        nextStep: 'Give the process the right to write to the file and its folder, or choose another store.',
        cause: thrown,
        fields,
      });
    case 'SQLITE_FULL':
      return new RepriseError('store-full', `there is no room to write to the store ${path}`, {
        nextStep: 'Make room; what was committed before is intact, and the run can be resumed.',
        cause: thrown,
        fields,
      });
    case 'SQLITE_NOTADB':
    case 'SQLITE_CORRUPT':
      return unreadable(path, 'is no SQLite database, or is damaged', thrown, fields);
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
    nextStep: 'Check the path, and that the file is whole.',
    cause,
    fields,
  });
}

export function damagedRequest(path: string, runId: string, cause: Error): RepriseError {
  return new RepriseError('store-unreadable', `the request to cancel run "${runId}" in ${path} is damaged`, {
    nextStep: 'Ask again for the run to be cancelled: that replaces it.',
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
