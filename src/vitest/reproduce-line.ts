import type { ReplayReport } from '../replay/session/replay-report.ts';
import type { FixtureCommands } from '../report/divergence/fixture-commands.ts';
import { replayLine } from '../report/explore/reproduce-line.ts';
import { shellWord } from '../report/text/shell-word.ts';
import { graphModule } from './graph-module.ts';
import { config, shorten } from './test-project.ts';

/**
 * The command that shows a divergence again: the one of the command line where the config knows graphs, else the test.
 */
export function reproduceLine(report: ReplayReport, testPath: string | undefined): string {
  return config.graphs !== undefined || testPath === undefined
    ? replayLine(report)
    : `npx vitest run ${shellWord(shorten(testPath))}`;
}

/** What the reporter of a test knows for the next commands: a change is accepted by the test itself. */
export function commandsOf(
  testPath: string | undefined,
  graphName: string,
): Pick<FixtureCommands, 'update' | 'graph' | 'lenient'> {
  return {
    lenient: "`{ strictness: 'lenient' }`",
    ...(testPath === undefined ? {} : { update: `npx vitest run ${shellWord(shorten(testPath))} -u` }),
    ...(config.graphs === undefined ? { graph: moduleOf(testPath, graphName) } : {}),
  };
}

function moduleOf(testPath: string | undefined, graphName: string): string {
  const path = testPath === undefined ? undefined : graphModule(testPath, graphName);
  return path === undefined ? '<module>#<export>' : shorten(path);
}
