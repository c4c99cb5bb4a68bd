import { RepriseError } from '../../src/base/error.ts';

/** The coded error that a call throws. */
export function thrownBy(call: () => unknown): RepriseError {
  try {
    call();
  } catch (thrown) {
    if (thrown instanceof RepriseError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}
