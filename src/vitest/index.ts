// The door `reprise/vitest`. Importing it, in `setupFiles` or in a test, adds the matchers.
//   V1. They are added here: a build drops a module that is imported for its effect alone.
import { expect } from 'vitest';
import { awaited } from './awaited.ts';
import { exploreMatchers } from './explore-matchers.ts';
import type { ExploreMatchers } from './explore-matchers.ts';
import { lawMatchers } from './law-matchers.ts';
import type { LawMatchers } from './law-matchers.ts';
import { replayMatchers } from './replay-matchers.ts';
import type { ReplayMatchers } from './replay-matchers.ts';

export { describeFixtures } from './describe-fixtures.ts';
export type { DescribeFixturesOptions } from './describe-fixtures.ts';
export type { ExploreMatchers } from './explore-matchers.ts';
export type { LawMatchers } from './law-matchers.ts';
export type { ReplayMatchers } from './replay-matchers.ts';
export { replay } from './project-replay.ts';

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown>
    extends ReplayMatchers<R, T>,
      LawMatchers<R, T>,
      ExploreMatchers<R, T> {}
}

const matchers = { ...replayMatchers, ...lawMatchers, ...exploreMatchers };
expect.extend(Object.fromEntries(Object.entries(matchers).map(([name, matcher]) => [name, awaited(matcher)])));
