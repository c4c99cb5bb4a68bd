import { driveRun } from '../../project/store/drive-run.ts';
import { storedEngineOf } from '../../project/store/engine-of.ts';
import { tellOfWorkers } from '../../project/store/on-workers.ts';
import { summaryOf } from '../../project/store/stored-run.ts';
import type { ExitCode } from '../../terminal/io.ts';
import { readObject } from '../../terminal/read-input.ts';
import { reportRun } from '../../terminal/words/report-run.ts';
import type { CliCommand, CommandContext } from '../command.ts';
import { graphOption, runIdOption, storeOption } from '../shared-options.ts';

interface ForkArguments {
  readonly step: string;
  readonly patch?: string;
  readonly seed?: string;
  readonly runId?: string;
  readonly graph?: string;
  readonly store?: string;
  readonly json?: boolean;
}

export const forkCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Start a new run from a step of another run')
      .description('Start a new run from a committed step of another run, optionally with a changed state.')
      .argument('<run-id>', 'Run to fork')
      .requiredOption('--step <step>', 'Committed step to start from: its number or a label (required)')
      .option('--patch <json>', 'State fields to set before the new run starts: JSON or @file')
      .option('--seed <text>', 'Seed of the random draws after that step (default: that of the run)')
      .option(...runIdOption)
      .option(...graphOption)
      .option(...storeOption)
      .option('--json', 'Print the result as JSON')
      .addHelpText(
        'after',
        '\nExample:\n  $ npx reprise fork desk-1 --step 2 --patch \'{"question":"Why?"}\' --run-id desk-1-why',
      ),
  run: fork,
};

async function fork(context: CommandContext, runId: string, given: ForkArguments): Promise<ExitCode> {
  const { io } = context;
  const project = await context.openProject();
  const store = project.storePath(given.store);
  const summary = await summaryOf(store, runId);
  const graph = await project.loadGraphOfRun(summary.graph, given.graph);
  tellOfWorkers(graph, given, io);
  await using engine = storedEngineOf(graph, store, project.config);
  const forked = await driveRun(engine, `forking ${runId}`, io, () =>
    engine.fork(runId, {
      step: /^\d+$/.test(given.step) ? Number(given.step) : given.step,
      ...(given.patch === undefined ? {} : { patch: readObject('--patch', given.patch, '{"count": 3}', io) }),
      ...(given.seed === undefined ? {} : { seed: given.seed }),
      ...(given.runId === undefined ? {} : { runId: given.runId }),
    }),
  );
  const form = given.json === true ? 'json' : 'text';
  return reportRun(forked, { form, store, graph: given.graph ?? summary.graph }, io);
}
