import { Option } from 'commander';
import type { RunStatus } from '../../../src/index.ts';
import { runListText } from '../../../src/report/index.ts';
import { existingStore } from '../../project/store/stored-run.ts';
import { runStatuses } from '../../project/store/stored-runs.ts';
import { checkConfirmed } from '../../terminal/confirmed.ts';
import type { ConfirmArguments } from '../../terminal/confirmed.ts';
import { counted } from '../../terminal/words/counted.ts';
import type { ExitCode } from '../../terminal/io.ts';
import { startProgress } from '../../terminal/progress.ts';
import { isServerAddress } from '../../terminal/words/server-address.ts';
import { shellOption } from '../../terminal/words/shell-word.ts';
import { timeBefore } from '../../terminal/time-option.ts';
import { wholeNumber } from '../../terminal/whole-number.ts';
import type { CliCommand, CommandContext } from '../command.ts';
import { dryRunOption, storeOption, yesOption } from '../shared-options.ts';

interface PruneArguments extends ConfirmArguments {
  readonly olderThan: number;
  readonly keep?: number;
  readonly status?: readonly RunStatus[];
  readonly graph?: string;
  readonly store?: string;
}

export const pruneCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Delete old runs')
      .description(
        'Delete runs that have ended and that nothing was written to for a while. Running runs are left alone.',
      )
      .requiredOption('--older-than <time>', 'Last entry before: 30m, 24h, 7d ago, or a date (required)', timeBefore)
      .option('--keep <n>', 'Keep so many of the newest of each graph', wholeNumber)
      .addOption(
        new Option('--status <statuses...>', 'Only runs with these (default: done, failed, cancelled)').choices(
          runStatuses,
        ),
      )
      .option('--graph <name>', 'Only runs of this graph')
      .option(...storeOption)
      .option(...dryRunOption)
      .option(...yesOption)
      .addHelpText(
        'after',
        '\nExamples:\n  $ npx reprise prune --older-than 30d --dry-run\n  $ npx reprise prune --older-than 30d --keep 100 --yes',
      ),
  run: prune,
};

async function prune({ io, openProject }: CommandContext, given: PruneArguments): Promise<ExitCode> {
  checkConfirmed(given, 'npx reprise prune --older-than …');
  const { olderThan, keep, status, graph, dryRun = false } = given;
  const path = (await openProject()).storePath(given.store);
  const store = await existingStore(path);
  const progress = startProgress(io, 'pruning');
  try {
    const runs = await store.prune({
      olderThan,
      dryRun,
      ...(keep === undefined ? {} : { keep }),
      ...(status === undefined ? {} : { status }),
      ...(graph === undefined ? {} : { graph }),
    });
    progress.done();
    if (dryRun) io.writeOut(runListText(runs));
    else io.writeOut(`${counted(runs.length, 'run')} deleted\n`);
    if (!dryRun && runs.length > 0 && !isServerAddress(path))
      io.writeTalk(`  next: return the space to the disk: npx reprise vacuum${shellOption('--store', given.store)}\n`);
    return 0;
  } finally {
    progress.done();
    await store.close();
  }
}
