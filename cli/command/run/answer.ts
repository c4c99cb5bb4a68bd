import { answerStoredRun } from '../../../src/index.ts';
import { askedText } from '../../../src/report/index.ts';
import { openStore } from '../../project/store/open-store.ts';
import { summaryOf } from '../../project/store/stored-run.ts';
import type { ExitCode } from '../../terminal/io.ts';
import { readInput } from '../../terminal/read-input.ts';
import { nextOfRun } from '../../terminal/words/next-of-run.ts';
import type { CliCommand, CommandContext } from '../command.ts';
import { storeOption } from '../shared-options.ts';

interface AnswerArguments {
  readonly store?: string;
}

export const answerCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Answer a question of a run')
      .description(
        'Answer an open question of a run, whichever process is driving it. Its code is not needed. Without a key, the run must have one open question.',
      )
      .usage('[options] <run-id> [key] <json>')
      .argument('<run-id>', 'Run to answer')
      .argument('<key>', 'Key or ID of the question')
      .argument('[json]', 'Answer: JSON or @file')
      .option(...storeOption)
      .addHelpText(
        'after',
        '\nExamples:\n  $ npx reprise answer desk-1 true\n  $ npx reprise answer desk-1 2.0:approve \'{"approved":true}\'',
      ),
  run: answer,
};

async function answer(
  context: CommandContext,
  runId: string,
  first: string,
  second: string | undefined,
  given: AnswerArguments,
): Promise<ExitCode> {
  const { io } = context;
  const project = await context.openProject();
  const path = project.storePath(given.store);
  const hasGraphs = project.config.graphs !== undefined;
  const value = readInput('<json>', second ?? first, io);
  // Checked first, since a look-up creates no store.
  await summaryOf(path, runId);
  const store = openStore(path);
  try {
    const { key, question } = await answerStoredRun(store, runId, second === undefined ? undefined : first, value);
    io.writeOut(`run ${runId}: answered ${key} ${askedText(question)}\n`);
    io.writeTalk(nextOfRun(await summaryOf(path, runId), { store: given.store, hasGraphs }));
    return 0;
  } finally {
    await store.close();
  }
}
