// Captured at load: the fake timers of a test, and our own replacements, come later.
import { setImmediate as realWaitImmediate } from 'node:timers/promises';

const {
  clearImmediate: realClearImmediate,
  setImmediate: realSetImmediate,
  setTimeout: realSetTimeout,
  clearTimeout: realClearTimeout,
  performance: realPerformance,
} = globalThis;
const now = realPerformance.now.bind(realPerformance);

/** Milliseconds of a clock that no test can stop. */
export const realNow = (): number => now();

/** What code has noted by `performance.mark` and `measure`, without the times. */
export const namesOfMarks = (): string =>
  ['mark', 'measure'].flatMap((type) => realPerformance.getEntriesByType(type).map(({ name }) => name)).join('\n');

export { realClearImmediate, realClearTimeout, realSetImmediate, realSetTimeout, realWaitImmediate };
