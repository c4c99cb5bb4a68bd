import { RepriseError } from '../../../src/index.ts';
import { FreshModules, explain } from '../../../src/explore/index.ts';
import type { ExplainReport } from '../../../src/explore/index.ts';
import { installPlaceholders, sealProcess } from '../../../src/replay/index.ts';
import { explainText, jsonOf } from '../../../src/report/index.ts';
import { graphMakerOf } from '../../project/graph-of-fixture.ts';
import type { ExitCode } from '../../terminal/io.ts';
import { startProgress } from '../../terminal/progress.ts';
import { shellOption, shellWord } from '../../terminal/words/shell-word.ts';
import type { CliCommand, CommandContext } from '../command.ts';
import { atLeastOne, graphOption } from '../shared-options.ts';

interface ExplainArguments {
  readonly graph?: string;
  readonly schedules?: number;
  readonly time?: number;
  readonly seed?: string;
  readonly schedule?: string;
  readonly json?: boolean;
}

export const explainCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Find the order in which a run comes out as recorded')
      .description('Find an order of completion in which the current code comes out as a fixture was recorded.')
      .argument('<fixture>', 'A recorded run')
      .option(...graphOption)
      .option('--schedules <number>', 'How many orders to try (default: 2000)', atLeastOne)
      .option('--time <ms>', 'Stop looking after this time', atLeastOne)
      .option('--seed <text>', 'What the drawn orders are drawn from (default: 0)')
      .option('--schedule <schedule>', 'Try only this order, as a report printed it, or `recorded`')
      .option('--json', 'Print the report as JSON')
      .addHelpText('after', '\nExample:\n  $ npx reprise explain fixtures/desk/desk-1.run.jsonl'),
  run: explainFixture,
};

async function explainFixture(
  { io, openProject }: CommandContext,
  fixture: string,
  given: ExplainArguments,
): Promise<ExitCode> {
  // Before any module of the user is imported, the config included.
  using _sealed = sealProcess();
  const project = await openProject();
  const [path, ...others] = project.fixturePaths([fixture]);
  if (path === undefined || others.length > 0) {
    throw new RepriseError('usage', `explain takes one fixture, but ${1 + others.length} are named`, {
      nextStep: 'Name a single fixture.',
    });
  }
  installPlaceholders(project.config.env);
  const progress = startProgress(io, 'explaining');
  progress.note(project.shorten(path));
  let report: ExplainReport;
  try {
    // Each run has modules of its own: what one has left in a variable would hide from the next what it does to it.
    using modules = new FreshModules();
    const fresh = project.loadedBy((url) => modules.load(url));
    const { schedules, time, seed, schedule } = given;
    const explained = await explain(await graphMakerOf(path, given.graph, fresh), path, {
      ...(schedules === undefined ? {} : { schedules }),
      ...(time === undefined ? {} : { timeMs: time }),
      ...(seed === undefined ? {} : { seed }),
      ...(schedule === undefined ? {} : { only: schedule }),
    });
    report = { ...explained, fixture: project.shorten(path) };
  } finally {
    progress.done();
  }
  const again = `npx reprise explain ${shellWord(report.fixture)}${shellOption('--graph', given.graph)}${shellOption('--schedule', report.race?.schedule)}`;
  io.writeOut(given.json === true ? `${jsonOf(report)}\n` : explainText(report, again));
  return report.verdict === 'no race found' && report.fifo === 'as recorded' ? 0 : 1;
}
