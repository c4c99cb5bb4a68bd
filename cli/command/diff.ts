import { compareRuns } from '../../src/diff/index.ts';
import type { OpenRun } from '../../src/replay/index.ts';
import { checkedOf, comparisonText, jsonOf, pageReport } from '../../src/report/index.ts';
import { htmlOption, pageRunOf, writePage } from '../project/page.ts';
import type { Project } from '../project/project.ts';
import type { ExitCode } from '../terminal/io.ts';
import { report, reporterOption } from '../terminal/reporter.ts';
import type { ReporterName } from '../terminal/reporter.ts';
import { shellOption, shellWord } from '../terminal/shell-word.ts';
import type { CliCommand, CommandContext } from './command.ts';
import { rawOption, storeOption } from './shared-options.ts';

interface DiffArguments {
  readonly store?: string;
  readonly json?: boolean;
  readonly raw?: boolean;
  readonly html?: string;
  readonly reporter?: ReporterName;
}

export const diffCommand: CliCommand = {
  name: 'diff',
  declare: (command) =>
    command
      .summary('Compare two recorded runs')
      .description('Compare two recorded runs: where they diverge, and what follows from it. No code is run.')
      .argument('<a>', 'Fixture, or ID of a stored run')
      .argument('<b>', 'Fixture or run ID to compare it with')
      .option(...storeOption)
      .option('--json', 'Print the comparison as JSON')
      .option(...htmlOption)
      .addOption(reporterOption())
      .option(...rawOption)
      .addHelpText('after', '\nExample:\n  $ npx reprise diff fixtures/desk/desk-1.run.jsonl desk-2'),
  run: diff,
};

async function diff(context: CommandContext, a: string, b: string, given: DiffArguments): Promise<ExitCode> {
  const project = await context.openProject();
  const store = project.storePath(given.store);
  const how = given.raw === true ? 'raw' : 'redacted';
  const comparison = await withBoth(project, [a, b], store, how, compareRuns);
  const reproduce = `npx reprise diff ${shellWord(a)} ${shellWord(b)}${shellOption('--store', given.store)}`;
  const text = comparisonText(comparison, { recorded: a, replayed: b, reproduce });
  if (given.html !== undefined) {
    const runs = await withBoth(project, [a, b], store, how, async (recorded, replayed) => [
      await pageRunOf(recorded, a),
      await pageRunOf(replayed, b),
    ]);
    const shown = pageReport(comparison, text, comparison.verdict === 'same');
    writePage(given.html, { version: 1, title: `${a} and ${b}`, runs, report: shown }, context.io.cwd);
    context.io.writeTalk(`written: ${given.html}\n`);
  }
  if (given.reporter !== undefined) {
    const checked = checkedOf({ name: b, graph: a, text }, comparison, comparison.verdict === 'same');
    report(given.reporter, 'diff', [checked], context.io);
    return comparison.verdict === 'same' ? 0 : 1;
  }
  context.io.writeOut(
    given.json === true ? `${jsonOf({ version: 1, recorded: a, replayed: b, ...comparison })}\n` : text,
  );
  return comparison.verdict === 'same' ? 0 : 1;
}

/** Both runs, open. They can be read only once. */
async function withBoth<Result>(
  project: Project,
  [a, b]: readonly [string, string],
  store: string,
  how: 'raw' | 'redacted',
  use: (recorded: OpenRun, replayed: OpenRun) => Promise<Result>,
): Promise<Result> {
  const recorded = await project.openRun(a, store, how);
  try {
    const replayed = await project.openRun(b, store, how);
    try {
      return await use(recorded, replayed);
    } finally {
      replayed.close();
    }
  } finally {
    recorded.close();
  }
}
