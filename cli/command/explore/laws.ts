import { RepriseError } from '../../../src/index.ts';
import type { AnyGraph } from '../../../src/index.ts';
import { reducerLaws } from '../../../src/explore/index.ts';
import type { LawsReport } from '../../../src/explore/index.ts';
import { installPlaceholders, openRun } from '../../../src/replay/index.ts';
import { jsonOf, lawsText } from '../../../src/report/index.ts';
import type { GraphPlace } from '../../../src/report/index.ts';
import { graphAddress } from '../../project/load-graph.ts';
import { configuredFixtures } from '../../project/fixture/fixture-paths.ts';
import type { Project } from '../../project/project.ts';
import type { CliIo, ExitCode } from '../../terminal/io.ts';
import { startProgress } from '../../terminal/progress.ts';
import { shellWord } from '../../terminal/words/shell-word.ts';
import { wholeNumber } from '../../terminal/whole-number.ts';
import type { CliCommand, CommandContext } from '../command.ts';

interface LawsArguments {
  readonly seed?: number;
  readonly runs?: number;
  readonly json?: boolean;
}

export const lawsCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Check how the fields of a graph are merged')
      .description(
        'Check how the fields of a graph are merged: that reducers are pure, deterministic and total, and keep what they promise. Nodes are not run.',
      )
      .argument('[graph]', 'Name in the config, or path/to/module.ts#export (default: every graph of the config)')
      .argument('[fixtures...]', 'Files or globs with values to try (default: the fixtures of the graph in the config)')
      .option('--seed <number>', 'Selects the cases (default: 1)', wholeNumber)
      .option('--runs <number>', 'Arbitrary cases that each law tries (default: 100)', wholeNumber)
      .option('--json', 'Print the reports as JSON')
      .addHelpText(
        'after',
        '\nExamples:\n  $ npx reprise laws\n  $ npx reprise laws src/desk.ts#desk fixtures/desk/desk-1.run.jsonl --runs 1000',
      ),
  run: checkLaws,
};

async function checkLaws(
  { io, openProject }: CommandContext,
  named: string | undefined,
  fixtures: readonly string[],
  given: LawsArguments,
): Promise<ExitCode> {
  const project = await openProject();
  // Before any module is imported, since a module may make its client while it is imported.
  installPlaceholders(project.config.env);
  const graphs = await project.loadGraphs(named);
  if (graphs.length === 0) throw nothingNamed();
  const paths = await pathsByGraph(fixtures, project);
  const progress = startProgress(io, 'checking laws');
  const reports: LawsReport[] = [];
  try {
    for (const graph of graphs) {
      progress.note(graph.name);
      const from = pathsOf(graph, fixtures, paths);
      const report = await reducerLaws(graph, {
        from,
        ...(given.seed === undefined ? {} : { seed: given.seed }),
        ...(given.runs === undefined ? {} : { numRuns: given.runs }),
      });
      reports.push(report);
      progress.clear();
      if (given.json === true) continue;
      const reproduce = reproduceLine(named ?? graph.name, from, report, project);
      io.writeOut(lawsText(report, { reproduce, graph: placeOf(named) }));
    }
  } finally {
    progress.done();
  }
  if (given.json === true) io.writeOut(`${jsonOf({ version: 1, reports })}\n`);
  return exitCodeOf(reports, named, io);
}

function nothingNamed(): RepriseError {
  return new RepriseError('usage', 'no graph is named, and the config has none', {
    nextStep: 'Name one: npx reprise laws path/to/module.ts#export',
  });
}

function exitCodeOf(reports: readonly LawsReport[], named: string | undefined, io: CliIo): ExitCode {
  const unchecked = reports.filter(({ verdict }) => verdict === 'unchecked');
  for (const { graph } of unchecked) {
    io.writeTalk(`reprise: no recorded run writes to a reducer of graph "${graph}", so nothing shows what it takes\n`);
    io.writeTalk(
      `  next: record one: npx reprise record ${shellWord(named ?? graph)} --input <json> --out fixtures/\n`,
    );
  }
  if (reports.some(({ verdict }) => verdict === 'broken')) return 1;
  return unchecked.length > 0 ? 2 : 0;
}

/** The named fixtures, or those of the config, by the graph that they name. */
async function pathsByGraph(
  named: readonly string[],
  project: Project,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const paths = named.length > 0 ? project.fixturePaths(named) : configuredFixtures(project.config);
  const byGraph = new Map<string, string[]>();
  for (const path of paths) {
    const opened = await openRun({ kind: 'fixture', path });
    opened.close();
    const { name } = opened.run.graph;
    byGraph.set(name, [...(byGraph.get(name) ?? []), path]);
  }
  return byGraph;
}

/** A fixture of another graph is an error if it was named, and is left to its own graph if it was found. */
function pathsOf(
  graph: AnyGraph,
  named: readonly string[],
  paths: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  return named.length > 0 ? [...paths.values()].flat() : (paths.get(graph.name) ?? []);
}

/** Where a test would import the graph from, if the command line says it. */
function placeOf(named: string | undefined): GraphPlace | undefined {
  const address = named === undefined ? undefined : graphAddress(named);
  if (address?.kind !== 'module' || address.exported === undefined) return undefined;
  const { path, exported } = address;
  return { module: /^(?:\.\.?\/|\/)/.test(path) ? path : `./${path}`, exported };
}

/** The command that makes this report again. */
function reproduceLine(
  graph: string,
  from: readonly string[],
  { seed, numRuns }: LawsReport,
  project: Project,
): string {
  const words = [graph, ...from.map((path) => project.shorten(path))].map(shellWord);
  return `npx reprise laws ${words.join(' ')} --seed ${seed} --runs ${numRuns}`;
}
