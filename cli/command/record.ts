import { recordRun } from '../../src/record/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { loadConfig, shortPath } from '../config.ts';
import type { CliIo, ExitCode } from '../io.ts';
import { loadGraph } from '../load-graph.ts';
import type { AddCommand } from '../program.ts';
import { startProgress } from '../progress.ts';
import { readInput } from '../read-input.ts';

interface RecordArguments {
  readonly input: string;
  readonly out: string;
  readonly runId?: string;
  readonly seed?: string;
  readonly force?: boolean;
  readonly observed: boolean;
}

export const recordCommand: AddCommand = (program, io, finish) => {
  program
    .command('record')
    .description('run a graph live and write what happened to a fixture')
    .argument('<graph>', 'a name of the config, or path/to/module.ts#export')
    .requiredOption('--input <json or @file>', 'the input of the run')
    .requiredOption('--out <fixture>', 'the file; or a folder, which gets <graph>/<run id>.run.jsonl')
    .option('--run-id <id>', 'names the run; by default one is made up')
    .option('--seed <text>', 'what random draws derive from; by default one is made up')
    .option('--force', 'replace a file that is there already')
    .option('--no-observed', 'leave out times and real order')
    .addHelpText(
      'after',
      '\nExample:\n  $ reprise record src/desk.ts#desk --input @input.json --run-id desk-1 --out fixtures/',
    )
    .action(async (graph: string, given: RecordArguments) => finish(await record(graph, given, io)));
};

async function record(name: string, given: RecordArguments, io: CliIo): Promise<ExitCode> {
  const config = await loadConfig(io.cwd);
  const input = readInput(given.input, io.cwd);
  const graph = await loadGraph(name, config, io.cwd);
  const controller = new AbortController();
  const stopListening = io.onInterrupt(() => controller.abort(new Error('interrupted')));
  const progress = startProgress(io, `recording ${graph.name}`);
  try {
    const { run, path } = await recordRun(graph, input as object, {
      out: given.out,
      force: given.force === true,
      observed: given.observed,
      signal: controller.signal,
      effects: [httpEffects(config.origins === undefined ? {} : { origins: config.origins })],
      ...(given.runId === undefined ? {} : { runId: given.runId }),
      ...(given.seed === undefined ? {} : { seed: given.seed }),
    });
    progress.done();
    io.writeOut(`${shortPath(path, io.cwd)}: run ${run.id}, ${run.status}\n`);
    for (const note of run.notes) io.writeTalk(`note: ${note.kind} in ${note.at} ("${note.node}"): ${note.message}\n`);
    if (run.status === 'failed') io.writeTalk(`reprise: ${run.error.message} [${run.error.code}]\n`);
    return run.status === 'done' ? 0 : 1;
  } finally {
    progress.done();
    stopListening();
  }
}
