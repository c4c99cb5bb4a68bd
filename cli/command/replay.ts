import { RepriseError } from '../../src/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import { openRun, replay } from '../../src/replay/index.ts';
import type { ReplayReport } from '../../src/replay/index.ts';
import { jsonOf, replayText } from '../../src/report/index.ts';
import { filesOf, loadConfig, shortPath } from '../config.ts';
import type { LoadedConfig } from '../config.ts';
import type { CliIo, ExitCode } from '../io.ts';
import { loadGraph } from '../load-graph.ts';
import { setPlaceholders } from '../placeholders.ts';
import type { AddCommand } from '../program.ts';
import { startProgress } from '../progress.ts';

interface ReplayArguments {
  readonly graph?: string;
  readonly mode: 'effects' | 'outputs';
  readonly lenient?: boolean;
  readonly json?: boolean;
}

export const fixturesDefault = 'fixtures/**/*.run.jsonl';

export const replayCommand: AddCommand = (program, io, finish) => {
  program
    .command('replay')
    .description('replay recorded runs with the code as it is now, offline, and say where they come out differently')
    .argument('[fixtures...]', 'files or globs; by default those of the config')
    .option('--graph <graph>', 'path/to/module.ts#export; by default the graph of the recorded name in the config')
    .option('--mode <mode>', '`effects` runs the nodes, `outputs` feeds their recorded outputs in', 'effects')
    .option('--lenient', 'go on from the recorded value after each divergence')
    .option('--json', 'print the reports as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ reprise replay\n  $ reprise replay fixtures/desk/desk-1.run.jsonl --graph src/desk.ts#desk',
    )
    .action(async (fixtures: string[], given: ReplayArguments) => finish(await replayAll(fixtures, given, io)));
};

async function replayAll(fixtures: readonly string[], given: ReplayArguments, io: CliIo): Promise<ExitCode> {
  const config = await loadConfig(io.cwd);
  const paths = fixturePaths(fixtures, config, io.cwd);
  setPlaceholders(config.env);
  const progress = startProgress(io, 'replaying');
  const reports: ReplayReport[] = [];
  try {
    for (const [index, path] of paths.entries()) {
      progress.note(`${index} of ${paths.length}`);
      const graph = await graphFor(path, given.graph, config, io.cwd);
      const { report } = await replay(graph, path, {
        mode: given.mode,
        strictness: given.lenient === true ? 'lenient' : 'strict',
        ...(config.origins === undefined ? {} : { origins: config.origins }),
      });
      reports.push({ ...report, fixture: shortPath(path, io.cwd) });
      if (given.json !== true) {
        progress.done();
        io.writeOut(replayText(reports.at(-1) as ReplayReport, reproduceLine(reports.at(-1) as ReplayReport, given)));
      }
    }
  } finally {
    progress.done();
  }
  if (given.json === true) io.writeOut(`${jsonOf({ version: 1, reports })}\n`);
  return reports.every((report) => report.verdict === 'same') ? 0 : 1;
}

function fixturePaths(given: readonly string[], config: LoadedConfig, cwd: string): readonly string[] {
  const patterns = given.length > 0 ? given : (config.fixtures ?? fixturesDefault);
  const folder = given.length > 0 ? cwd : config.folder;
  // A path that is named and does not exist is told as such, not skipped like a glob without a match.
  const paths =
    given.length > 0
      ? given.flatMap((one) =>
          /[*?[{]/.test(one) ? filesOf(one, folder) : filesOf(one, folder).length > 0 ? filesOf(one, folder) : [one],
        )
      : filesOf(patterns, folder);
  if (paths.length > 0) return paths;
  throw new RepriseError('usage', `no fixture matches ${String(patterns)}`, {
    nextStep: 'Record one: reprise record <graph> --input <json> --out fixtures/',
  });
}

async function graphFor(path: string, given: string | undefined, config: LoadedConfig, cwd: string): Promise<AnyGraph> {
  if (given !== undefined) return loadGraph(given, config, cwd);
  const opened = await openRun({ kind: 'fixture', path });
  opened.close();
  return loadGraph(opened.run.graph.name, config, cwd);
}

function reproduceLine(report: ReplayReport, given: ReplayArguments): string {
  const graph = given.graph === undefined ? '' : ` --graph ${given.graph}`;
  const mode = report.mode === 'effects' ? '' : ` --mode ${report.mode}`;
  return `npx reprise replay ${report.fixture}${graph}${mode}${report.strictness === 'lenient' ? ' --lenient' : ''}`;
}
