import { loadConfig } from '../project/config.ts';
import { driven, engineOf, printed } from '../project/engine-of.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';
import { loadGraph } from '../project/load-graph.ts';
import type { AddCommand } from './command.ts';
import { readInput } from '../terminal/read-input.ts';
import { reportRun } from '../terminal/report-run.ts';
import type { ReportForm } from '../terminal/report-run.ts';
import { storePath } from '../project/store-path.ts';
import { wholeNumber } from '../terminal/whole-number.ts';

interface RunArguments {
  readonly input: string;
  readonly runId?: string;
  readonly store?: string;
  readonly seed?: string;
  readonly maxConcurrent?: number;
  readonly stream?: boolean;
  readonly pauseBefore?: readonly string[];
  readonly pauseAfter?: readonly string[];
  readonly json?: boolean;
}

export const runCommand: AddCommand = (program, io, finish) => {
  program
    .command('run')
    .description('run a graph on SQLite, so that the run can be looked at, exported and replayed')
    .argument('<graph>', 'a name of the config, or path/to/module.ts#export')
    .requiredOption('--input <json or @file>', 'the input of the run')
    .option('--run-id <id>', 'names the run; by default one is made up')
    .option('--store <file>', 'the SQLite file; by default that of the config, or runs.db')
    .option('--seed <text>', 'what random draws derive from; by default one is made up')
    .option('--max-concurrent <n>', 'how many tasks run at once', wholeNumber)
    .option('--stream', 'print what the nodes yield as it comes')
    .option('--pause-before <nodes...>', 'pause before these nodes')
    .option('--pause-after <nodes...>', 'pause after these nodes')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ reprise run src/desk.ts#desk --input \'{"question":"What changed?"}\' --run-id desk-1',
    )
    .action(async (graph: string, given: RunArguments) => finish(await run(graph, given, io)));
};

async function run(name: string, given: RunArguments, io: CliIo): Promise<ExitCode> {
  const config = await loadConfig(io.cwd);
  const input = readInput(given.input, io.cwd);
  const graph = await loadGraph(name, config, io.cwd);
  const path = storePath(given.store, config, io.cwd);
  await using engine = engineOf(
    graph,
    path,
    config,
    given.maxConcurrent === undefined ? {} : { maxConcurrent: given.maxConcurrent },
  );
  const options = {
    ...(given.runId === undefined ? {} : { runId: given.runId }),
    ...(given.seed === undefined ? {} : { seed: given.seed }),
    ...(given.pauseBefore === undefined ? {} : { pauseBefore: given.pauseBefore }),
    ...(given.pauseAfter === undefined ? {} : { pauseAfter: given.pauseAfter }),
  };
  const finished = await driven(engine, `running ${graph.name}`, io, () =>
    given.stream === true
      ? printed(engine.stream(input, options), given.json === true, io)
      : engine.run(input, options),
  );
  return reportRun(finished, { form: formOf(given), store: path, graph: name }, io);
}

/** Behind the items of a stream, which are a line each, the result is one, too. */
function formOf({ json, stream }: RunArguments): ReportForm {
  if (json !== true) return 'text';
  return stream === true ? 'json line' : 'json';
}
