// What is said about a request.
import { RepriseError } from '../../../base/error.ts';
import { redactRequest } from '../../../journal/redact/redact.ts';
import type { Asker } from './asker.ts';
import type { SentRequest } from './http-options.ts';

/** A larger request body is not buffered, and its request goes out unrecorded. */
export const requestBytesMax = 64 * 1024 * 1024;

/** Reports a request that goes out unrecorded because its body is over the limit. */
export function noteOversized({ attempt }: Asker, request: SentRequest): void {
  attempt.noteUnrecorded(`${described(request)}: its body is larger than ${requestBytesMax} bytes`);
}

/** A request in a message: credentials replaced, without its query. */
export function described({ method, url }: SentRequest): string {
  const { origin, pathname } = new URL(url);
  return redactRequest(`${method} ${origin}${pathname}`) as string;
}

export function abandonedError(request: SentRequest): RepriseError {
  return new RepriseError('effect-abandoned', `${described(request)} was still open when its task returned`, {
    nextStep: 'Read the answer to its end or cancel it before the node returns.',
  });
}
