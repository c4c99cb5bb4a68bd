import { RepriseError } from '../../../src/index.ts';
import { work } from '../../project/store/work.ts';
import type { ExitCode } from '../../terminal/io.ts';
import { wholeNumber } from '../../terminal/whole-number.ts';
import type { CliCommand, CommandContext } from '../command.ts';
import { atLeastOne, storeOption } from '../shared-options.ts';

interface WorkArguments {
  readonly graph?: string;
  readonly store?: string;
  readonly build?: string;
  readonly maxRuns?: number;
  readonly maxRunsPerTenant?: number;
  readonly poll?: number;
  readonly tasks?: readonly string[];
  readonly width?: number;
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
      .option('--tasks <nodes...>', "Run tasks of these nodes, which are marked on: 'workers', and drive no runs")
      .option('--width <n>', 'With --tasks: how many at once per graph (default: 8)', atLeastOne)
      .option('--json', 'Print a line of JSON per run')
      .addHelpText(
        'after',
        '\nExamples:\n  $ npx reprise work --store runs.db\n  $ npx reprise work --tasks research --width 20 --store runs.db',
      ),
  run: workUntilStopped,
};

async function workUntilStopped(context: CommandContext, given: WorkArguments): Promise<ExitCode> {
  checkArguments(given);
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
      ...(given.tasks === undefined ? {} : { tasks: given.tasks }),
      ...(given.width === undefined ? {} : { width: given.width }),
    },
    context.io,
  );
}

/** An option that would mean nothing is refused. */
function checkArguments({ tasks, width, maxRuns, maxRunsPerTenant, json }: WorkArguments): void {
  const useless =
    tasks === undefined
      ? width !== undefined && '--width is about tasks: give --tasks as well'
      : [maxRuns, maxRunsPerTenant, json].some((given) => given !== undefined) &&
        'with --tasks no runs are driven: leave out --max-runs, --max-runs-per-tenant and --json';
  if (useless !== false) throw new RepriseError('usage', useless, { nextStep: 'See npx reprise work --help.' });
}
