import { RepriseError, explainError } from '../../../src/index.ts';
import { existingStore } from '../../project/store/stored-run.ts';
import { checkConfirmed } from '../../terminal/confirmed.ts';
import type { ConfirmArguments } from '../../terminal/confirmed.ts';
import type { ExitCode } from '../../terminal/io.ts';
import { shownPlace } from '../../terminal/words/server-address.ts';
import type { CliCommand, CommandContext } from '../command.ts';
import { dryRunOption, storeOption, yesOption } from '../shared-options.ts';

interface DeleteArguments extends ConfirmArguments {
  readonly store?: string;
}

export const deleteCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Delete runs')
      .description('Delete runs with all that is stored of them. A run that a process is driving is refused.')
      .argument('<run-ids...>', 'Runs to delete')
      .option(...storeOption)
      .option(...dryRunOption)
      .option(...yesOption)
      .addHelpText('after', '\nExample:\n  $ npx reprise delete desk-1 desk-2 --yes'),
  run: deleteRuns,
};

/** One run that cannot be deleted does not stop the others. */
async function deleteRuns(
  { io, openProject }: CommandContext,
  runIds: readonly string[],
  given: DeleteArguments,
): Promise<ExitCode> {
  checkConfirmed(given, 'npx reprise delete …');
  const path = (await openProject()).storePath(given.store);
  const store = await existingStore(path);
  let code: ExitCode = 0;
  try {
    for (const runId of runIds) {
      try {
        if (given.dryRun === true) {
          const run = await store.find(runId);
          if (run === undefined) throw unknown(runId, path);
          io.writeOut(`${runId}: ${run.status}, graph ${run.graph}, would be deleted\n`);
        } else {
          await store.delete(runId);
          io.writeOut(`${runId}: deleted\n`);
        }
      } catch (thrown) {
        if (!(thrown instanceof RepriseError)) throw thrown;
        code = 2;
        io.writeTalk(`reprise: ${explainError(thrown)}\n`);
      }
    }
    return code;
  } finally {
    await store.close();
  }
}

function unknown(runId: string, path: string): RepriseError {
  return new RepriseError('run-unknown', `there is no run "${runId}" in ${shownPlace(path)}`, {
    nextStep: 'List its runs: npx reprise list',
    fields: { runId },
  });
}
