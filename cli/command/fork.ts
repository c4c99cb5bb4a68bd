import { RepriseError } from '../../src/index.ts';
import { loadConfig } from '../project/config.ts';
import { driven, engineOf } from '../project/engine-of.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';
import { graphOfRun } from '../project/load-graph.ts';
import type { AddCommand } from './command.ts';
import { readInput } from '../terminal/read-input.ts';
import { reportRun } from '../terminal/report-run.ts';
import { summaryOf } from '../project/stored-run.ts';
import { storePath } from '../project/store-path.ts';

interface ForkArguments {
  readonly step: string;
  readonly patch?: string;
  readonly runId?: string;
  readonly graph?: string;
  readonly store?: string;
  readonly json?: boolean;
}

export const forkCommand: AddCommand = (program, io, finish) => {
  program
    .command('fork')
    .description('begin a new run from an earlier commit of another, with a changed state if asked')
    .argument('<run-id>', 'the run to fork')
    .requiredOption('--step <step>', 'the commit to go on from: its number, or a label')
    .option('--patch <json>', 'fields of the state to set before the new run goes on')
    .option('--run-id <id>', 'names the new run; by default one is made up')
    .option('--graph <graph>', 'path/to/module.ts#export; by default the graph of that name in the config')
    .option('--store <file>', 'the SQLite file; by default that of the config, or runs.db')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ reprise fork desk-1 --step 2 --patch \'{"question":"Why?"}\' --run-id desk-1-why',
    )
    .action(async (runId: string, given: ForkArguments) => finish(await fork(runId, given, io)));
};

async function fork(runId: string, given: ForkArguments, io: CliIo): Promise<ExitCode> {
  const config = await loadConfig(io.cwd);
  const path = storePath(given.store, config, io.cwd);
  const summary = await summaryOf(path, runId);
  const name = given.graph ?? summary.graph;
  const graph = await graphOfRun(summary.graph, given.graph, config, io.cwd);
  await using engine = engineOf(graph, path, config);
  const finished = await driven(engine, `forking ${runId}`, io, () =>
    engine.fork(runId, {
      step: /^\d+$/.test(given.step) ? Number(given.step) : given.step,
      ...(given.patch === undefined ? {} : { patch: patchOf(given.patch, io.cwd) }),
      ...(given.runId === undefined ? {} : { runId: given.runId }),
    }),
  );
  return reportRun(finished, { form: given.json === true ? 'json' : 'text', store: path, graph: name }, io);
}

function patchOf(text: string, cwd: string): object {
  const patch = readInput(text, cwd, '--patch');
  if (typeof patch === 'object' && patch !== null && !Array.isArray(patch)) return patch;
  throw new RepriseError('usage', '--patch is no JSON object', { nextStep: `Give fields: --patch '{"count": 3}'.` });
}
