import type { KnownDivergence } from './config.ts';
import type { LoadedConfig } from './load-config.ts';
import { filesMatching } from './files.ts';

/** What the config says about a fixture that does not replay. `isOver`: its last day has passed. */
export interface Known extends KnownDivergence {
  readonly isOver: boolean;
}

/**
 * Looks up a fixture among the `known` divergences of the config, for a test runner that does not want to fail because
 * of one. `path` is absolute. `now` decides whether the last day has passed, in UTC. Undefined if the config does not
 * name the fixture.
 */
export function knownDivergence(path: string, { known = [], folder }: LoadedConfig, now: Date): Known | undefined {
  const found = known.find(({ fixture }) => filesMatching(fixture, folder).includes(path));
  return found === undefined ? undefined : { ...found, isOver: now.toISOString().slice(0, 10) > found.until };
}

/** For the report of such a fixture. */
export function knownText({ until, why, isOver }: Known): string {
  return isOver
    ? `  known until ${until}, which has passed: ${why}\n`
    : `  known until ${until}, and no failure until then: ${why}\n`;
}
