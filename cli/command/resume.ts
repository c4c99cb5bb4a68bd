import { createEngine } from '../../src/index.ts';
import type { Run } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { loadConfig } from '../config.ts';
import type { CliIo, ExitCode } from '../io.ts';
import { loadGraph } from '../load-graph.ts';
import type { AddCommand } from '../program.ts';
import { startProgress } from '../progress.ts';
import { reportRun } from '../report-run.ts';
import { summaryOf } from '../stored-run.ts';
import { storePath } from '../store-path.ts';

interface ResumeArguments {
  readonly graph?: string;
  readonly store?: string;
  readonly json?: boolean;
}

export const resumeCommand: AddCommand = (program, io, finish) => {
  program
    .command('resume')
    .description('go on with a run that was interrupted, or whose process died')
    .argument('<run-id>', 'the run')
    .option('--graph <graph>', 'path/to/module.ts#export; by default the graph of that name in the config')
    .option('--store <file>', 'the SQLite file; by default that of the config, or runs.db')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  $ reprise resume desk-1 --graph src/desk.ts#desk')
    .action(async (runId: string, given: ResumeArguments) => finish(await resume(runId, given, io)));
};

async function resume(runId: string, given: ResumeArguments, io: CliIo): Promise<ExitCode> {
  const config = await loadConfig(io.cwd);
  const path = storePath(given.store, config, io.cwd);
  // Also where the graph is named: looking a run up only reads, and makes no store where there is none.
  const summary = await summaryOf(path, runId);
  const name = given.graph ?? summary.graph;
  const graph = await loadGraph(name, config, io.cwd);
  await using engine = createEngine(graph, {
    store: sqliteStore(path),
    effects: [httpEffects(config.origins === undefined ? {} : { origins: config.origins })],
  });
  const stopListening = io.onInterrupt(() => void engine.close());
  const progress = startProgress(io, `resuming ${runId}`);
  let finished: Run<unknown>;
  try {
    finished = await engine.resume(runId);
  } finally {
    progress.done();
    stopListening();
  }
  return reportRun(finished, { isJson: given.json === true, store: path, graph: name }, io);
}
