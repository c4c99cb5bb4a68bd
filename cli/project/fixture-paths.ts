// Which fixtures a command works on.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { RepriseError } from '../../src/index.ts';
import type { LoadedConfig } from '../../src/config.ts';
import { filesMatching } from '../../src/config.ts';

const fixturesDefault = 'fixtures/**/*.run.jsonl';

/** The fixtures of the config; empty if there are none yet. */
export function configuredFixtures(config: LoadedConfig): readonly string[] {
  return filesMatching(config.fixtures ?? fixturesDefault, config.folder);
}

/**
 * The fixtures named on the command line, or those of the config if none are named.
 *
 * @throws RepriseError `usage` if nothing matches
 */
export function fixturePaths(named: readonly string[], config: LoadedConfig, cwd: string): readonly string[] {
  const paths = named.length > 0 ? named.flatMap((name) => namedPaths(name, cwd)) : configuredFixtures(config);
  if (paths.length > 0) return paths;
  const patterns = named.length > 0 ? named : (config.fixtures ?? fixturesDefault);
  throw new RepriseError('usage', `no fixture matches ${String(patterns)}`, {
    nextStep: 'Record one: npx reprise record <graph> --input <json> --out fixtures/',
  });
}

/** Keeps a plain path even if no file is there, so that a missing file is reported rather than skipped like a glob. */
function namedPaths(name: string, cwd: string): readonly string[] {
  const path = resolve(cwd, name);
  return existsSync(path) || !/[*?[{]/.test(name) ? [path] : filesMatching(name, cwd);
}
