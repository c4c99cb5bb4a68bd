import type { KnownDivergence } from '../../src/config.ts';
import type { LoadedConfig } from '../../src/config.ts';
import { filesMatching } from './files.ts';

/** What the config says about a fixture that does not replay. `isOver`: its last day has passed. */
export interface Known extends KnownDivergence {
  readonly isOver: boolean;
}

export function knownDivergence(path: string, { known = [], folder }: LoadedConfig, now: Date): Known | undefined {
  const found = known.find(({ fixture }) => filesMatching(fixture, folder).includes(path));
  return found === undefined ? undefined : { ...found, isOver: now.toISOString().slice(0, 10) > found.until };
}
