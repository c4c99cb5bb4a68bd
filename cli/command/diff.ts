import { compareRuns } from '../../src/diff/index.ts';
import { comparisonText, jsonOf } from '../../src/report/index.ts';
import type { ExitCode } from '../terminal/io.ts';
import { shellOption, shellWord } from '../terminal/shell-word.ts';
import type { CliCommand, CommandContext } from './command.ts';
import { rawOption, storeOption } from './shared-options.ts';

interface DiffArguments {
  readonly store?: string;
  readonly json?: boolean;
  readonly raw?: boolean;
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
      .option(...rawOption)
      .addHelpText('after', '\nExample:\n  $ npx reprise diff fixtures/desk/desk-1.run.jsonl desk-2'),
  run: diff,
};

async function diff(context: CommandContext, a: string, b: string, given: DiffArguments): Promise<ExitCode> {
  const project = await context.openProject();
  const store = project.storePath(given.store);
  const how = given.raw === true ? 'raw' : 'redacted';
  const recorded = await project.openRun(a, store, how);
  try {
    const replayed = await project.openRun(b, store, how);
    try {
      const comparison = await compareRuns(recorded, replayed);
      const reproduce = `npx reprise diff ${shellWord(a)} ${shellWord(b)}${shellOption('--store', given.store)}`;
      context.io.writeOut(
        given.json === true
          ? `${jsonOf({ version: 1, recorded: a, replayed: b, ...comparison })}\n`
          : comparisonText(comparison, { recorded: a, replayed: b, reproduce }),
      );
      return comparison.verdict === 'same' ? 0 : 1;
    } finally {
      replayed.close();
    }
  } finally {
    recorded.close();
  }
}
