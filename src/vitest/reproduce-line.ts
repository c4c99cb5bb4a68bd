import type { ReplayReport } from '../replay/replay-report.ts';
import { replayLine } from '../report/reproduce-line.ts';
import { shellWord } from '../report/shell-word.ts';
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
export function commandsOf(testPath: string | undefined): { readonly update?: string } {
  return testPath === undefined ? {} : { update: `npx vitest run ${shellWord(shorten(testPath))} -u` };
}
