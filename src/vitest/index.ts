// The door `reprise/vitest`. Importing it, in `setupFiles` or in a test, adds the matchers.
import type { ExploreMatchers } from './explore-matchers.ts';
import type { LawMatchers } from './law-matchers.ts';
import type { ReplayMatchers } from './replay-matchers.ts';
import './explore-matchers.ts';
import './law-matchers.ts';
import './replay-matchers.ts';

export { describeFixtures } from './describe-fixtures.ts';
export type { DescribeFixturesOptions } from './describe-fixtures.ts';
export { replay } from './project-replay.ts';

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown>
    extends ReplayMatchers<R, T>,
      LawMatchers<R, T>,
      ExploreMatchers<R, T> {}
}
