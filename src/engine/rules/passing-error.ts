import { RepriseError } from '../../base/error.ts';

const passingCodes: readonly string[] = ['store-locked', 'store-full', 'store-read-only', 'store-unreachable'];

/** Whether a failure of the store may pass by itself: the same write is worth another try. */
export function mayPass(thrown: unknown): boolean {
  return !(thrown instanceof RepriseError) || passingCodes.includes(thrown.code);
}
