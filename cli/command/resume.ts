import type { ResumeOptions } from '../../src/index.ts';
import { RepriseError } from '../../src/index.ts';
import { loadConfig } from '../project/config.ts';
import { driven, engineOf } from '../project/engine-of.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';
import { graphOfRun, graphsOfConfig, loadGraph } from '../project/load-graph.ts';
import type { AddCommand } from './command.ts';
import { readInput } from '../terminal/read-input.ts';
import { reportRun } from '../terminal/report-run.ts';
import { summaryOf } from '../project/stored-run.ts';
import { storePath } from '../project/store-path.ts';
import { work } from '../project/work.ts';

interface ResumeArguments {
  readonly all?: boolean;
  readonly answer?: string;
  readonly answers?: string;
  readonly force?: boolean;
  readonly graph?: string;
  readonly store?: string;
  readonly json?: boolean;
}

export const resumeCommand: AddCommand = (program, io, finish) => {
  program
    .command('resume')
    .description('go on with a run that is paused, was interrupted, has failed, or whose process died')
    .argument('[run-id]', 'the run')
    .option('--all', 'instead of one run: each that nobody drives and that could go on now, once')
    .option('--answer <json>', 'the answer to the one question that is open')
    .option('--answers <json>', 'answers by the keys of their questions')
    .option('--force', 'go on though the graph, or what the code asks for, has changed')
    .option('--graph <graph>', 'path/to/module.ts#export; by default the graph of that name in the config')
    .option('--store <file>', 'the SQLite file; by default that of the config, or runs.db')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ reprise resume desk-1 --graph src/desk.ts#desk\n  $ reprise resume desk-1 --answer true\n  $ reprise resume --all',
    )
    .action(async (runId: string | undefined, given: ResumeArguments) => finish(await resume(runId, given, io)));
};

async function resume(runId: string | undefined, given: ResumeArguments, io: CliIo): Promise<ExitCode> {
  if ((runId === undefined) !== (given.all === true)) {
    throw new RepriseError('usage', 'either a run or `--all` has to be given', {
      nextStep: 'Name one (`reprise list` shows them), or give --all for each that nobody drives.',
    });
  }
  const config = await loadConfig(io.cwd);
  const path = storePath(given.store, config, io.cwd);
  if (runId === undefined) {
    const graphs =
      given.graph === undefined
        ? [...(await graphsOfConfig(config)).values()]
        : [await loadGraph(given.graph, config, io.cwd)];
    return work({ graphs, store: path, config, isOnce: true, isJson: given.json === true }, io);
  }
  // Also where the graph is named: looking a run up only reads, and makes no store where there is none.
  const summary = await summaryOf(path, runId);
  const name = given.graph ?? summary.graph;
  const graph = await graphOfRun(summary.graph, given.graph, config, io.cwd);
  const options: ResumeOptions = {
    ...(given.answer === undefined ? {} : { answer: readInput(given.answer, io.cwd, '--answer') }),
    ...(given.answers === undefined ? {} : { answers: answersOf(given.answers, io.cwd) }),
    ...(given.force === undefined ? {} : { force: given.force }),
  };
  await using engine = engineOf(graph, path, config);
  const finished = await driven(engine, `resuming ${runId}`, io, () => engine.resume(runId, options));
  return reportRun(finished, { form: given.json === true ? 'json' : 'text', store: path, graph: name }, io);
}

function answersOf(text: string, cwd: string): Readonly<Record<string, unknown>> {
  const answers = readInput(text, cwd, '--answers');
  if (typeof answers === 'object' && answers !== null && !Array.isArray(answers)) return { ...answers };
  throw new RepriseError('usage', '--answers is no JSON object', {
    nextStep: `Give answers by key: --answers '{"2.0:approve": true}'.`,
  });
}
