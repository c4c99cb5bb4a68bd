import { sealFixture } from '../../src/update/index.ts';
import type { ExitCode } from '../terminal/io.ts';
import type { CliCommand, CommandContext } from './command.ts';

export const sealCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Renew the digests of an edited fixture')
      .description('Renew the digests of a fixture after a deliberate edit, and mark the file as edited.')
      .argument('<fixtures...>', 'Files or globs')
      .addHelpText('after', '\nExample:\n  $ npx reprise seal fixtures/desk/desk-1.run.jsonl'),
  run: seal,
};

async function seal({ io, openProject }: CommandContext, named: readonly string[]): Promise<ExitCode> {
  const project = await openProject();
  for (const path of project.fixturePaths(named)) {
    const verdict = await sealFixture(path);
    const words = { sealed: 'sealed, and marked as edited', unchanged: 'its digests fit, so nothing is to be sealed' };
    io.writeOut(`${project.shorten(path)}: ${words[verdict]}\n`);
  }
  return 0;
}
