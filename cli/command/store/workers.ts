import { liveWorkersOf } from '../../../src/index.ts';
import type { LiveWorker } from '../../../src/index.ts';
import { jsonOf, oneLine } from '../../../src/report/index.ts';
import { openStore } from '../../project/store/open-store.ts';
import { shellOption } from '../../terminal/words/shell-word.ts';
import { counted } from '../../terminal/words/counted.ts';
import type { ExitCode } from '../../terminal/io.ts';
import type { CliCommand, CommandContext } from '../command.ts';
import { storeOption } from '../shared-options.ts';

interface WorkersArguments {
  readonly store?: string;
  readonly json?: boolean;
}

export const workersCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('List the workers that live')
      .description(
        'List the workers of a store that live: their build, the graphs that they have code for, their runs; of those that take tasks (`npx reprise work --tasks`) the nodes.',
      )
      .option(...storeOption)
      .option('--json', 'Print the workers as JSON')
      .addHelpText('after', '\nExample:\n  $ npx reprise workers --store postgres://reprise@db.example/runs'),
  run: listWorkers,
};

async function listWorkers({ io, openProject }: CommandContext, given: WorkersArguments): Promise<ExitCode> {
  const store = openStore((await openProject()).storePath(given.store), 'read');
  try {
    const workers = await liveWorkersOf(store);
    if (given.json === true) io.writeOut(`${jsonOf({ version: 1, workers })}\n`);
    else io.writeOut(workers.map(workerText).join(''));
    if (workers.length === 0)
      io.writeTalk(
        `reprise: no worker lives\n  next: start one: npx reprise work${shellOption('--store', given.store)}\n`,
      );
    return 0;
  } finally {
    await store.close();
  }
}

function workerText({ owner, build, graphs, tasks = [], since, runCount }: LiveWorker): string {
  const parts = [
    ...(build === undefined ? [] : [`build ${oneLine(build)}`]),
    `since ${new Date(since).toISOString()}`,
    counted(runCount, tasks.length === 0 ? 'run' : 'task'),
  ];
  const lines = [
    ...graphs.map(({ name, fingerprint }) => `  ${oneLine(name)}  ${oneLine(fingerprint)}\n`),
    ...tasks.map(
      ({ graph, node, fingerprint }) => `  tasks of ${oneLine(node)} of ${oneLine(graph)}  ${oneLine(fingerprint)}\n`,
    ),
  ];
  return `${oneLine(owner)}: ${parts.join(', ')}\n${lines.join('')}`;
}
