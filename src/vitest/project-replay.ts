import type { AnyGraph, StateOf } from '../graph/built-graph.ts';
import type { ReplayOptions } from '../replay/session/replay-options.ts';
import { replay as replayFixture } from '../replay/replay.ts';
import type { Replayed } from '../replay/replay.ts';
import { config, fixturePath, shorten } from './test-project.ts';

/** The options of a test, and for the others what the config says. */
export function asConfigured(options: ReplayOptions = {}): ReplayOptions {
  const { origins, match, outside, compare, redact } = config;
  return {
    ...(origins === undefined ? {} : { origins }),
    ...(match === undefined ? {} : { match }),
    ...(outside === undefined ? {} : { outside }),
    ...(compare === undefined ? {} : { compare }),
    ...(redact === undefined ? {} : { redact }),
    ...options,
  };
}

/**
 * Replays a fixture as the project's config says, for assertions of your own on `run` and `report`. It fails no test by
 * itself.
 *
 * `const { run, report } = await replay(desk, 'fixtures/desk/desk-1.run.jsonl')`
 *
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`, `fixture-other-graph`,
 *   `option-invalid`
 */
export async function replay<G extends AnyGraph>(
  graph: G,
  path: string,
  options?: ReplayOptions,
): Promise<Replayed<StateOf<G>>> {
  const { run, report } = await replayFixture(graph, fixturePath(path), asConfigured(options));
  return { run, report: { ...report, fixture: shorten(report.fixture) } };
}
