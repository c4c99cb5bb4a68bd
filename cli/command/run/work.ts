import { work } from '../../project/store/work.ts';
import type { ExitCode } from '../../terminal/io.ts';
import { wholeNumber } from '../../terminal/whole-number.ts';
import type { CliCommand, CommandContext } from '../command.ts';
import { storeOption } from '../shared-options.ts';

interface WorkArguments {
  readonly graph?: string;
  readonly store?: string;
  readonly build?: string;
  readonly maxRuns?: number;
  readonly maxRunsPerTenant?: number;
  readonly poll?: number;
  readonly json?: boolean;
}

export const workCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Take over abandoned runs and wake due ones')
      .description('Take over runs whose process died and wake runs that are due, until stopped.')
      .option('--graph <graph>', 'Only this graph: path/to/module.ts#export (default: all graphs of the config)')
      .option(...storeOption)
      .option('--build <text>', 'Which release of your code this is, for the list of workers')
      .option('--max-runs <n>', 'Maximum number of runs per graph at once (default: 8)', wholeNumber)
      .option('--max-runs-per-tenant <n>', 'Maximum number of runs of a tenant at once, over all workers', wholeNumber)
      .option('--poll <ms>', 'How often to look for runs, in milliseconds (default: 1000)', wholeNumber)
      .option('--json', 'Print a line of JSON per run')
      .addHelpText('after', '\nExample:\n  $ npx reprise work --store runs.db'),
  run: workUntilStopped,
};

async function workUntilStopped(context: CommandContext, given: WorkArguments): Promise<ExitCode> {
  const project = await context.openProject();
  return work(
    {
      graphs: await project.loadGraphs(given.graph),
      store: project.storePath(given.store),
      config: project.config,
      lasts: 'until stopped',
      form: given.json === true ? 'json line' : 'text',
      ...(given.build === undefined ? {} : { build: given.build }),
      ...(given.maxRuns === undefined ? {} : { maxRuns: given.maxRuns }),
      ...(given.maxRunsPerTenant === undefined ? {} : { maxRunsPerTenant: given.maxRunsPerTenant }),
      ...(given.poll === undefined ? {} : { pollMs: given.poll }),
    },
    context.io,
  );
}
