import { abandonedRunsOf, cancelStoredRun } from '../../../src/index.ts';
import type { RunStore } from '../../../src/index.ts';
import { openStore } from '../../project/store/open-store.ts';
import { shellOption, shellWord } from '../../terminal/words/shell-word.ts';
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
    const { status, graph } = await summaryOf(path, runId);
    if (!isCancelled) io.writeOut(`run ${runId}: already ${status}\n`);
    else if (status === 'cancelled') io.writeOut(`run ${runId}: cancelled\n`);
    else if (status === 'running' && !(await isAbandoned(store, graph, runId)))
      io.writeOut(`run ${runId}: running; the process driving it will cancel it when it next writes an entry\n`);
    else
      io.writeOut(
        `run ${runId}: ${status}, and to be cancelled; it has to clean up first, so the next process with its code will end it: a worker, or \`npx reprise resume ${shellWord(runId)}${shellOption('--store', given.store)}\`\n`,
      );
    return isCancelled ? 0 : 1;
  } finally {
    await store.close();
  }
}

/** Nobody drives it, though nobody has released it. */
async function isAbandoned(store: RunStore, graph: string, runId: string): Promise<boolean> {
  return (await abandonedRunsOf(store, graph)).some((run) => run.runId === runId);
}
