import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'vitest';
import { RepriseError } from '../base/error.ts';
import type { AnyGraph } from '../graph/built-graph.ts';
import type { ReplayOptions } from '../replay/session/replay-options.ts';
import { folders, shorten } from './test-project.ts';

/**
 * How `describeFixtures` replays each fixture, and what an empty folder means. Without options a pattern that matches
 * no file is a failure, so that a misspelled one is noticed.
 */
export interface DescribeFixturesOptions extends ReplayOptions {
  /** What comes of a glob that matches nothing: a test that fails (the default), or one that is still to be done. */
  readonly ifNone?: 'fail' | 'todo';
}

/**
 * Declares one test for each fixture that a glob matches, and one that fails if it matches none.
 *
 * `describeFixtures(desk, 'fixtures/desk/*.run.jsonl')`
 *
 * The glob is relative to the working folder, or to that of `reprise.config.ts`. `options` are those of `toReplay`, and `ifNone`.
 */
export function describeFixtures(
  graph: AnyGraph,
  glob: string | readonly string[],
  { ifNone = 'fail', ...options }: DescribeFixturesOptions = {},
): void {
  const paths = fixturesOf(typeof glob === 'string' ? [glob] : glob);
  describe(`recorded runs of ${graph.name}`, () => {
    for (const path of paths) it(shorten(path), ({ expect }) => expect(graph).toReplay(path, options));
    if (paths.length > 0) return;
    if (ifNone === 'todo') it.todo(`record one: ${recordLine(graph)}`);
    else {
      it('are there', () => {
        throw new RepriseError('fixture-unreadable', `no fixture matches ${String(glob)} in ${folders.join(' or ')}`, {
          nextStep: `Record one: ${recordLine(graph)}`,
        });
      });
    }
  });
}

function recordLine({ name }: AnyGraph): string {
  return `npx reprise record ${name} --input <json> --out fixtures/`;
}

function fixturesOf(globs: readonly string[]): readonly string[] {
  for (const folder of folders) {
    const found = globs.flatMap((glob) => globSync(glob, { cwd: folder })).map((path) => resolve(folder, path));
    if (found.length > 0) return [...new Set(found)].sort();
  }
  return [];
}
