import { sqliteStore } from '../../../src/store/sqlite/index.ts';
import { checkIsFile } from '../../project/store/open-store.ts';
import { existingStore } from '../../project/store/stored-run.ts';
import type { ExitCode } from '../../terminal/io.ts';
import { startProgress } from '../../terminal/progress.ts';
import type { CliCommand, CommandContext } from '../command.ts';
import { storeOption } from '../shared-options.ts';

interface VacuumArguments {
  readonly store?: string;
  readonly rewrite?: boolean;
}

export const vacuumCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Return the space of deleted runs to the disk')
      .description('Return the space of deleted runs to the disk, in small steps. Other processes may use the store.')
      .option(...storeOption)
      .option('--rewrite', 'Rewrite a file of an older release once; nobody else can write meanwhile')
      .addHelpText('after', '\nExample:\n  $ npx reprise vacuum --store runs.db'),
  run: vacuum,
};

async function vacuum({ io, openProject }: CommandContext, given: VacuumArguments): Promise<ExitCode> {
  const project = await openProject();
  const path = project.storePath(given.store);
  checkIsFile(path, 'vacuum');
  await (await existingStore(path)).close();
  const store = sqliteStore(path);
  const progress = startProgress(io, 'vacuuming');
  try {
    const { freedBytes, fileBytes, logBytes } = await store.vacuum({ rewrite: given.rewrite === true });
    progress.done();
    io.writeOut(`${project.shorten(path)}: ${megabytes(freedBytes)} freed, ${megabytes(fileBytes)} left\n`);
    if (logBytes > 0)
      io.writeTalk(
        `the log beside it keeps ${megabytes(logBytes)}: another process is reading\n  next: vacuum again later\n`,
      );
    return 0;
  } finally {
    progress.done();
    await store.close();
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
