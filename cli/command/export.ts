import { saveRun } from '../../src/record/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import type { ExitCode } from '../terminal/io.ts';
import { tellMayNotReplay } from '../terminal/may-not-replay.ts';
import { startProgress } from '../terminal/progress.ts';
import type { CliCommand, CommandContext } from './command.ts';
import { forceOutOption, noObservedOption, outOption, storeOption } from './shared-options.ts';

interface ExportArguments {
  readonly out: string;
  readonly store?: string;
  readonly force?: boolean;
  readonly observed: boolean;
}

export const exportCommand: CliCommand = {
  name: 'export',
  declare: (command) =>
    command
      .summary('Export a stored run to a fixture')
      .description('Export a stored run to a redacted fixture. Its code is not needed.')
      .argument('<run-id>', 'Run to export')
      .requiredOption(...outOption)
      .option(...storeOption)
      .option(...forceOutOption)
      .option(...noObservedOption)
      .addHelpText('after', '\nExample:\n  $ reprise export desk-1 --store runs.db --out fixtures/'),
  run: exportStored,
};

async function exportStored(context: CommandContext, runId: string, given: ExportArguments): Promise<ExitCode> {
  const { io } = context;
  const project = await context.openProject();
  const store = sqliteStore(project.storePath(given.store), { mode: 'read' });
  const progress = startProgress(io, `exporting ${runId}`);
  try {
    const { force = false, observed } = given;
    const saved = await saveRun(store, runId, given.out, { force, observed });
    progress.done();
    const path = project.shorten(saved.path);
    io.writeOut(`${path}\n`);
    tellMayNotReplay(saved.mayNotReplay, path, io);
    return 0;
  } finally {
    progress.done();
    await store.close();
  }
}
