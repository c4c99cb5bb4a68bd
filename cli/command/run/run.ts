import { driveRun } from '../../project/store/drive-run.ts';
import { storedEngineOf } from '../../project/store/engine-of.ts';
import { tellOfWorkers } from '../../project/store/on-workers.ts';
import type { ExitCode } from '../../terminal/io.ts';
import { printStream } from '../../terminal/print-stream.ts';
import { readInput } from '../../terminal/read-input.ts';
import { reportRun } from '../../terminal/words/report-run.ts';
import { wholeNumber } from '../../terminal/whole-number.ts';
import type { CliCommand, CommandContext } from '../command.ts';
import {
  attachOption,
  graphArgument,
  inputOption,
  lateAnswersOption,
  runIdOption,
  seedOption,
  storeOption,
  tenantOption,
} from '../shared-options.ts';
import { declareTerms, termsOf } from '../term-options.ts';
import type { TermArguments } from '../term-options.ts';

interface RunArguments extends TermArguments {
  readonly input: string;
  readonly runId?: string;
  readonly store?: string;
  readonly seed?: string;
  readonly tenant?: string;
  readonly attach?: boolean;
  readonly maxConcurrent?: number;
  readonly lateAnswers?: number;
  readonly stream?: boolean;
  readonly json?: boolean;
}

export const runCommand: CliCommand = {
  declare: (command) =>
    declareTerms(
      command
        .summary('Run a graph and store the run')
        .description(
          'Run a graph and keep the run in a SQLite store, where it can be inspected, resumed, exported and replayed.',
        )
        .argument(...graphArgument)
        .requiredOption(...inputOption)
        .option(...runIdOption)
        .option(...attachOption)
        .option(...storeOption)
        .option(...seedOption)
        .option(...tenantOption)
        .option('--max-concurrent <n>', 'Maximum number of tasks at once (default: 64)', wholeNumber)
        .option(...lateAnswersOption)
        .option('--stream', 'Print what the nodes yield as it arrives'),
    )
      .option('--json', 'Print the result as JSON')
      .addHelpText(
        'after',
        '\nExample:\n  $ npx reprise run src/desk.ts#desk --input \'{"question":"What changed?"}\' --run-id desk-1',
      ),
  run,
};

async function run(context: CommandContext, name: string, given: RunArguments): Promise<ExitCode> {
  const { io } = context;
  const project = await context.openProject();
  const input = readInput('--input', given.input, io);
  const graph = await project.loadGraph(name);
  const store = project.storePath(given.store);
  const { runId, seed, maxConcurrent, lateAnswers: lateAnswersMs } = given;
  const limits = {
    ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
    ...(lateAnswersMs === undefined ? {} : { lateAnswersMs }),
  };
  const options = {
    ...(runId === undefined ? {} : { runId }),
    ...(seed === undefined ? {} : { seed }),
    ...(given.tenant === undefined ? {} : { tenant: given.tenant }),
    ...(given.attach === true ? { onExisting: 'attach' as const } : {}),
    ...termsOf(given),
  };
  // Each item of a stream is a line, so its result is a line, too.
  const streamForm = given.json === true ? 'json line' : 'text';
  const resultForm = given.json === true ? 'json' : 'text';
  tellOfWorkers(graph, { graph: name, store: given.store }, io);
  await using engine = storedEngineOf(graph, store, project.config, limits);
  const finished = await driveRun(engine, `running ${graph.name}`, io, () =>
    given.stream === true ? printStream(engine.stream(input, options), streamForm, io) : engine.run(input, options),
  );
  return reportRun(finished, { form: given.stream === true ? streamForm : resultForm, store, graph: name }, io);
}
