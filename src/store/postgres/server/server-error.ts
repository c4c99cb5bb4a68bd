// What an error of the server or of the way to it means.
import { RepriseError, messageOf } from '../../../base/error.ts';

/** Nobody knows whether the statement was committed, or nobody could be asked at all. */
const lostCodes = /^(?:08|57P0[1-5]|53300|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)/;
const lostMessages =
  /connection (?:terminated|closed|ended|lost|timeout)|terminating connection|server conn crashed|query read timeout|timeout exceeded when trying to connect|server_login_retry|query_wait_timeout|not queryable|client was closed|closed the connection/i;
const silence = /read timeout|connection timeout|timeout exceeded|timeout expired/i;

/** A deadlock, a lock that was waited for long enough, or another conflict of two statements: nothing of it was committed. */
const conflictCodes: readonly string[] = ['40P01', '40001', '55P03'];
/** A replica that does not take writes yet, or a server that never will. Nothing was executed. */
const readOnlyCode = '25006';
/** A pooler gave another connection than that which keeps the statement: nothing was executed. */
const keptCodes: readonly string[] = ['26000', '42P05'];

export function codeOf(thrown: unknown): string {
  const code: unknown = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

export function isLost(thrown: unknown): boolean {
  if (thrown instanceof AggregateError) return thrown.errors.some((each) => isLost(each));
  return lostCodes.test(codeOf(thrown)) || lostMessages.test(messageOf(thrown));
}

export function isSilence(thrown: unknown): boolean {
  return silence.test(messageOf(thrown));
}

/** A migration has waited for a table for as long as it may. */
export function isLockTimeout(thrown: unknown): boolean {
  return codeOf(thrown) === '55P03';
}

export function isConflict(thrown: unknown): boolean {
  return conflictCodes.includes(codeOf(thrown));
}

export function isReadOnly(thrown: unknown): boolean {
  return codeOf(thrown) === readOnlyCode;
}

export function isNotKept(thrown: unknown): boolean {
  return keptCodes.includes(codeOf(thrown));
}

/** `shown`: the address without its password. Coded errors are returned unchanged. */
export function serverError(thrown: unknown, shown: string): unknown {
  if (thrown instanceof RepriseError) return thrown;
  const code = codeOf(thrown);
  const fields = { store: shown, ...(code === '' ? {} : { postgres: code }) };
  const coded = (kind: 'store-full' | 'store-unreachable' | 'store-unreadable', what: string, nextStep: string) =>
    new RepriseError(kind, `the store ${shown} ${what}`, { nextStep, cause: thrown, fields });
  if (isLost(thrown))
    return coded(
      'store-unreachable',
      `does not answer: ${messageOf(thrown)}`,
      'See whether the server runs and can be reached from here. Runs continue when it is back.',
    );
  if (isConflict(thrown))
    return coded(
      'store-unreachable',
      `is too busy: ${messageOf(thrown)}`,
      'See what else holds locks in this database.',
    );
  if (/^(?:28|3D000|42501)/.test(code))
    return coded(
      'store-unreachable',
      `lets nobody in: ${messageOf(thrown)}`,
      'Check user, password, database and privileges.',
    );
  if (code === '53100')
    return coded(
      'store-full',
      'has no space left',
      'Free some space. Everything committed so far is intact, and the run can be resumed.',
    );
  return coded('store-unreadable', `failed: ${messageOf(thrown)}`, 'See the log of the server.');
}
