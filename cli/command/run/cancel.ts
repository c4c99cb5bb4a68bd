import { cancelStoredRun } from '../../../src/index.ts';
import { openStore } from '../../project/store/open-store.ts';
import { summaryOf } from '../../project/store/stored-run.ts';
import type { ExitCode } from '../../terminal/io.ts';
import type { CliCommand, CommandContext } from '../command.ts';
import { storeOption } from '../shared-options.ts';

interface CancelArguments {
  readonly reason?: string;
  readonly store?: string;
}

export const cancelCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Cancel a run')
      .description('Cancel a run, whichever process is driving it. Its code is not needed.')
      .argument('<run-id>', 'Run to cancel')
      .option('--reason <text>', 'Reason, stored with the run')
      .option(...storeOption)
      .addHelpText('after', '\nExample:\n  $ npx reprise cancel desk-1 --reason "no longer needed"'),
  run: cancel,
};

async function cancel(context: CommandContext, runId: string, given: CancelArguments): Promise<ExitCode> {
  const { io } = context;
  const path = (await context.openProject()).storePath(given.store);
  // Checked first, since a look-up creates no store.
  await summaryOf(path, runId);
  const store = openStore(path);
  try {
    const isCancelled = await cancelStoredRun(store, runId, given.reason);
    const { status } = await summaryOf(path, runId);
    if (!isCancelled) io.writeOut(`run ${runId}: already ${status}\n`);
    else if (status === 'cancelled') io.writeOut(`run ${runId}: cancelled\n`);
    else io.writeOut(`run ${runId}: ${status}; the process driving it will cancel it when it next writes an entry\n`);
    return isCancelled ? 0 : 1;
  } finally {
    await store.close();
  }
}
