import { cancelStoredRun } from '../../src/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { loadConfig } from '../project/config.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';
import type { AddCommand } from './command.ts';
import { summaryOf } from '../project/stored-run.ts';
import { storePath } from '../project/store-path.ts';

interface CancelArguments {
  readonly reason?: string;
  readonly store?: string;
}

export const cancelCommand: AddCommand = (program, io, finish) => {
  program
    .command('cancel')
    .description('cancel a run, whichever process drives it; its code is not needed')
    .argument('<run-id>', 'the run')
    .option('--reason <text>', 'why: it is kept with the run')
    .option('--store <file>', 'the SQLite file; by default that of the config, or runs.db')
    .addHelpText('after', '\nExample:\n  $ reprise cancel desk-1 --reason "not needed any more"')
    .action(async (runId: string, given: CancelArguments) => finish(await cancel(runId, given, io)));
};

async function cancel(runId: string, given: CancelArguments, io: CliIo): Promise<ExitCode> {
  const config = await loadConfig(io.cwd);
  const path = storePath(given.store, config, io.cwd);
  // Looking it up only reads, and makes no store where there is none.
  await summaryOf(path, runId);
  const store = sqliteStore(path);
  try {
    const isCancelled = await cancelStoredRun(store, runId, given.reason);
    const { status } = await summaryOf(path, runId);
    if (!isCancelled) io.writeOut(`run ${runId}: ${status} already\n`);
    else if (status === 'cancelled') io.writeOut(`run ${runId}: cancelled\n`);
    else io.writeOut(`run ${runId}: ${status}; the process that drives it will cancel it with its next entry\n`);
    return isCancelled ? 0 : 1;
  } finally {
    await store.close();
  }
}
