import { RepriseError } from '../../../src/index.ts';
import { copyRuns } from '../../../src/record/index.ts';
import { openStore } from '../../project/store/open-store.ts';
import { existingStore } from '../../project/store/stored-run.ts';
import { counted } from '../../terminal/words/counted.ts';
import type { ExitCode } from '../../terminal/io.ts';
import { startProgress } from '../../terminal/progress.ts';
import type { CliCommand, CommandContext } from '../command.ts';

interface CopyArguments {
  readonly from: string;
  readonly to: string;
}

export const copyCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Copy all runs into another store')
      .description(
        'Copy all runs of a store into another, entry for entry, such as from a file to a server. It may be repeated.',
      )
      .requiredOption('--from <place>', 'The store to read: a file, or the address of a server (required)')
      .requiredOption('--to <place>', 'The store to write (required)')
      .addHelpText(
        'after',
        '\nExamples:\n  $ npx reprise copy --from runs.db --to postgres://reprise@db.example/runs\n  $ npx reprise copy --from postgres://reprise@db.example/runs --to runs.db',
      ),
  run: copy,
};

async function copy({ io, openProject }: CommandContext, given: CopyArguments): Promise<ExitCode> {
  const project = await openProject();
  const [source, target] = [project.storePath(given.from), project.storePath(given.to)];
  if (source === target)
    throw new RepriseError('usage', 'both places are the same store', { nextStep: 'Name another one with --to.' });
  const from = await existingStore(source, 'read');
  const to = openStore(target);
  const progress = startProgress(io, 'copying');
  try {
    const { copied, there, driven } = await copyRuns(from, to);
    progress.done();
    io.writeOut(`${counted(copied, 'run')} copied${there === 0 ? '' : `, ${there} there already`}\n`);
    if (driven.length === 0) return 0;
    io.writeTalk(`  left out, since a process drives them: ${driven.join(', ')}\n  next: stop it, and copy again\n`);
    return 1;
  } finally {
    progress.done();
    await from.close();
    await to.close();
  }
}
