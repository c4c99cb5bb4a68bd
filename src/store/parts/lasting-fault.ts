// Which faults of a part store are there again at the next try.
import { RepriseError } from '../../base/error.ts';

const isWindows = process.platform === 'win32';
/** On Windows a file that somebody else looks at is one that may not be touched. */
const lastingCodes: ReadonlySet<unknown> = new Set([
  ...(isWindows ? [] : ['EACCES', 'EPERM']),
  'EROFS',
  'ENOTDIR',
  'EISDIR',
  'ENAMETOOLONG',
]);
/** Of the answers that blame the request: it came too slowly, beside another, too early, or as one of too many. */
const passingStatuses: ReadonlySet<number> = new Set([408, 409, 425, 429]);

interface Fault {
  readonly code?: unknown;
  readonly status?: unknown;
  readonly statusCode?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: unknown };
}

/** Whether the same call fails in the same way until somebody sets something right. What is not known passes. */
export function isLasting(thrown: unknown): boolean {
  if (thrown instanceof RepriseError) return thrown.code !== 'store-unreachable' || isRefusal(thrown.fields.status);
  const { code, status, statusCode, $metadata } = (thrown ?? {}) as Fault;
  return lastingCodes.has(code) || [status, statusCode, $metadata?.httpStatusCode].some(isRefusal);
}

function isRefusal(status: unknown): boolean {
  return typeof status === 'number' && status >= 300 && status < 500 && !passingStatuses.has(status);
}
