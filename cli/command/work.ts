import { loadConfig } from '../project/config.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';
import { graphsOfConfig, loadGraph } from '../project/load-graph.ts';
import type { AddCommand } from './command.ts';
import { storePath } from '../project/store-path.ts';
import { wholeNumber } from '../terminal/whole-number.ts';
import { work } from '../project/work.ts';

interface WorkArguments {
  readonly graph?: string;
  readonly store?: string;
  readonly maxRuns?: number;
  readonly poll?: number;
  readonly json?: boolean;
}

export const workCommand: AddCommand = (program, io, finish) => {
  program
    .command('work')
    .description('take over runs that others left behind and wake those that are due, until stopped')
    .option('--graph <graph>', 'path/to/module.ts#export; by default all graphs of the config')
    .option('--store <file>', 'the SQLite file; by default that of the config, or runs.db')
    .option('--max-runs <n>', 'how many runs of a graph are driven at once; 8 by default', wholeNumber)
    .option('--poll <ms>', 'how often to look for runs; 1,000 by default', wholeNumber)
    .option('--json', 'print a line of JSON for each run')
    .addHelpText('after', '\nExample:\n  $ reprise work --store runs.db')
    .action(async (given: WorkArguments) => finish(await workUntilStopped(given, io)));
};

async function workUntilStopped(given: WorkArguments, io: CliIo): Promise<ExitCode> {
  const config = await loadConfig(io.cwd);
  const graphs =
    given.graph === undefined
      ? [...(await graphsOfConfig(config)).values()]
      : [await loadGraph(given.graph, config, io.cwd)];
  return work(
    {
      graphs,
      store: storePath(given.store, config, io.cwd),
      config,
      isOnce: false,
      isJson: given.json === true,
      ...(given.maxRuns === undefined ? {} : { maxRuns: given.maxRuns }),
      ...(given.poll === undefined ? {} : { pollMs: given.poll }),
    },
    io,
  );
}
