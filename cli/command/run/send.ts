import { awaitedSignalsOf, sendToStoredRun } from '../../../src/index.ts';
import { openStore } from '../../project/store/open-store.ts';
import { summaryOf } from '../../project/store/stored-run.ts';
import type { ExitCode } from '../../terminal/io.ts';
import { nextOfSignal } from '../../terminal/words/next-of-signal.ts';
import { readInput } from '../../terminal/read-input.ts';
import type { CliCommand, CommandContext } from '../command.ts';
import { storeOption } from '../shared-options.ts';

interface SendArguments {
  readonly store?: string;
}

export const sendCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Send a signal to a run')
      .description(
        'Send a signal to a run, whichever process is driving it. Its code is not needed. The run receives it once, as soon as a node waits for it.',
      )
      .argument('<run-id>', 'Run to send it to')
      .argument('<name>', 'Name of the signal')
      .argument('[json]', 'What it brings: JSON or @file')
      .option(...storeOption)
      .addHelpText('after', '\nExample:\n  $ npx reprise send order-1 paid \'{"amount":44}\''),
  run: send,
};

async function send(
  context: CommandContext,
  runId: string,
  name: string,
  json: string | undefined,
  given: SendArguments,
): Promise<ExitCode> {
  const { io } = context;
  const project = await context.openProject();
  const path = project.storePath(given.store);
  const hasGraphs = project.config.graphs !== undefined;
  const value = json === undefined ? undefined : readInput('<json>', json, io);
  // Checked first, since a look-up creates no store.
  await summaryOf(path, runId);
  const store = openStore(path);
  try {
    // Asked for before: the process that drives the run may take it at once.
    const awaited = await awaitedSignalsOf(store, runId);
    await sendToStoredRun(store, runId, name, value);
    io.writeOut(`run ${runId}: sent ${JSON.stringify(name)}\n`);
    io.writeTalk(nextOfSignal(await summaryOf(path, runId), name, awaited, { store: given.store, hasGraphs }));
    return 0;
  } finally {
    await store.close();
  }
}
