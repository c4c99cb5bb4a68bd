import { createEngine, memoryStore } from '../../src/index.ts';
import type { Run } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { checkFixturePlace, exportRunTo } from '../../src/record/index.ts';
import { loadConfig, shortPath } from '../project/config.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';
import { loadGraph } from '../project/load-graph.ts';
import type { AddCommand } from './command.ts';
import { startProgress } from '../terminal/progress.ts';
import { readInput } from '../terminal/read-input.ts';
import { reportEnd } from '../terminal/report-run.ts';
import { shellWord } from '../terminal/shell-word.ts';

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
  if (given.force !== true) checkFixturePlace(given.out, graph.name, given.runId);
  const store = memoryStore();
  await using engine = createEngine(graph, {
    store,
    effects: [httpEffects(config.origins === undefined ? {} : { origins: config.origins })],
  });
  const stopListening = io.onInterrupt(() => void engine.close());
  const progress = startProgress(io, `recording ${graph.name}`);
  let finished: Run<unknown>;
  try {
    finished = await engine.run(input as object, {
      ...(given.runId === undefined ? {} : { runId: given.runId }),
      ...(given.seed === undefined ? {} : { seed: given.seed }),
    });
  } finally {
    progress.done();
    stopListening();
  }
  if (finished.status === 'interrupted') {
    io.writeTalk('reprise: interrupted; no fixture was written\n');
    return 130;
  }
  const path = await exportRunTo(store, finished.id, given.out, {
    force: given.force === true,
    observed: given.observed,
  });
  io.writeOut(`${shortPath(path, io.cwd)}: run ${finished.id}, ${finished.status}\n`);
  return reportEnd(finished, `reprise show ${shellWord(shortPath(path, io.cwd))}`, io);
}
