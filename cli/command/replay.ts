import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Option } from 'commander';
import { RepriseError, createEngine, explainError } from '../../src/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import { fixtureStore, installPlaceholders, openRun, replay } from '../../src/replay/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import type { BodyCut, ReplayReport } from '../../src/replay/index.ts';
import { jsonOf, replayText } from '../../src/report/index.ts';
import { filesOf, fixturesDefault, loadConfig, shortPath } from '../project/config.ts';
import type { LoadedConfig } from '../project/config.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';
import { graphOfRun, loadGraph } from '../project/load-graph.ts';
import type { AddCommand } from './command.ts';
import { reportEnd } from '../terminal/report-run.ts';
import { startProgress } from '../terminal/progress.ts';
import { shellOption, shellWord } from '../terminal/shell-word.ts';
import { wholeNumber } from '../terminal/whole-number.ts';

interface ReplayArguments {
  readonly graph?: string;
  readonly mode: 'effects' | 'outputs';
  readonly cut?: BodyCut;
  readonly liveFrom?: number;
  readonly lenient?: boolean;
  readonly json?: boolean;
}

export const replayCommand: AddCommand = (program, io, finish) => {
  program
    .command('replay')
    .description('replay recorded runs with the code as it is now, offline, and say where they come out differently')
    .argument('[fixtures...]', 'files or globs; by default those of the config')
    .option('--graph <graph>', 'path/to/module.ts#export; by default the graph of the recorded name in the config')
    .addOption(
      new Option('--mode <mode>', '`effects` runs the nodes, `outputs` feeds their recorded outputs in')
        .choices(['effects', 'outputs'])
        .default('effects'),
    )
    .option(
      '--cut <where>',
      'cut recorded HTTP bodies elsewhere: `bytes` for every byte, or how many bytes a part',
      cutOf,
    )
    .option(
      '--live-from <step>',
      'one fixture: keep what was recorded up to this step, and run on live from there',
      wholeNumber,
    )
    .option('--lenient', 'go on from the recorded value after each divergence')
    .option('--json', 'print the reports as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ reprise replay\n  $ reprise replay fixtures/desk/desk-1.run.jsonl --graph src/desk.ts#desk',
    )
    .action(async (fixtures: string[], given: ReplayArguments) => finish(await replayAll(fixtures, given, io)));
};

function cutOf(text: string): BodyCut {
  return text === 'recorded' || text === 'bytes' ? text : wholeNumber(text);
}

interface Fault {
  readonly fixture: string;
  readonly code: string;
  readonly message: string;
}

async function replayAll(fixtures: readonly string[], given: ReplayArguments, io: CliIo): Promise<ExitCode> {
  const config = await loadConfig(io.cwd);
  const paths = fixturePaths(fixtures, config, io.cwd);
  if (given.liveFrom !== undefined) return liveFrom(paths, given.liveFrom, given, config, io);
  // Before any module is imported: clients may be made there.
  installPlaceholders(config.env);
  const progress = startProgress(io, 'replaying');
  const reports: ReplayReport[] = [];
  const faults: Fault[] = [];
  try {
    for (const [index, path] of paths.entries()) {
      progress.note(`${index + 1} of ${paths.length}, ${shortPath(path, io.cwd)}`);
      try {
        const report = await replayOne(path, given, config, io.cwd);
        reports.push(report);
        progress.clear();
        if (given.json !== true) io.writeOut(replayText(report, reproduceLine(report, given)));
      } catch (thrown) {
        // One bad file does not hide what the others show; whatever else is wrong would be wrong with all of them.
        if (!(thrown instanceof RepriseError && thrown.code.startsWith('fixture-'))) throw thrown;
        progress.clear();
        io.writeTalk(`reprise: ${explainError(thrown)}\n`);
        faults.push({ fixture: shortPath(path, io.cwd), code: thrown.code, message: thrown.message });
      }
    }
  } finally {
    progress.done();
  }
  if (given.json === true) io.writeOut(`${jsonOf({ version: 1, reports, faults })}\n`);
  if (faults.length > 0) return 2;
  return reports.every((report) => report.verdict === 'same') ? 0 : 1;
}

/** Tries today's code on a recorded run, from a step on: what it does from there is real, and nothing is compared. */
async function liveFrom(
  paths: readonly string[],
  step: number,
  given: ReplayArguments,
  config: LoadedConfig,
  io: CliIo,
): Promise<ExitCode> {
  const [path, ...others] = paths;
  if (path === undefined || others.length > 0) {
    throw new RepriseError('usage', `--live-from takes one fixture, and ${paths.length} were named`, {
      nextStep: 'Name the one to go on from.',
    });
  }
  const graph = await graphFor(path, given.graph, config, io.cwd);
  const { store, runId } = await fixtureStore(path);
  await using engine = createEngine(graph, {
    store,
    effects: [httpEffects(config.origins === undefined ? {} : { origins: config.origins })],
  });
  io.writeTalk(`reprise: live from behind step ${step}: nodes reach the network from here on\n`);
  const run = await engine.fork(runId, { step });
  const steps = `${run.steps} ${run.steps === 1 ? 'step' : 'steps'}, ${step} of them recorded`;
  const result = { version: 1, run: run.id, status: run.status, steps: run.steps, liveFrom: step, state: run.state };
  io.writeOut(given.json === true ? `${jsonOf(result)}\n` : `${run.status} after ${steps}\n${jsonOf(run.state)}\n`);
  return reportEnd(run, `reprise show ${shellWord(shortPath(path, io.cwd))}`, io);
}

async function replayOne(
  path: string,
  given: ReplayArguments,
  config: LoadedConfig,
  cwd: string,
): Promise<ReplayReport> {
  const graph = await graphFor(path, given.graph, config, cwd);
  const { report } = await replay(graph, path, {
    mode: given.mode,
    strictness: given.lenient === true ? 'lenient' : 'strict',
    ...(given.cut === undefined ? {} : { cut: given.cut }),
    ...(config.origins === undefined ? {} : { origins: config.origins }),
  });
  return { ...report, fixture: shortPath(path, cwd) };
}

function fixturePaths(given: readonly string[], config: LoadedConfig, cwd: string): readonly string[] {
  const patterns = given.length > 0 ? given : (config.fixtures ?? fixturesDefault);
  const paths = given.length > 0 ? given.flatMap((one) => namedPaths(one, cwd)) : filesOf(patterns, config.folder);
  if (paths.length > 0) return paths;
  throw new RepriseError('usage', `no fixture matches ${String(patterns)}`, {
    nextStep: 'Record one: reprise record <graph> --input <json> --out fixtures/',
  });
}

/** A path that is named and does not exist is told as such, not skipped like a glob without a match. */
function namedPaths(given: string, cwd: string): readonly string[] {
  const path = resolve(cwd, given);
  return existsSync(path) || !/[*?[{]/.test(given) ? [path] : filesOf(given, cwd);
}

async function graphFor(path: string, given: string | undefined, config: LoadedConfig, cwd: string): Promise<AnyGraph> {
  if (given !== undefined) return loadGraph(given, config, cwd);
  const opened = await openRun({ kind: 'fixture', path });
  opened.close();
  return graphOfRun(opened.run.graph.name, undefined, config, cwd);
}

function reproduceLine(report: ReplayReport, given: ReplayArguments): string {
  const mode = report.mode === 'effects' ? '' : ` --mode ${report.mode}`;
  const lenient = report.strictness === 'lenient' ? ' --lenient' : '';
  const cut = report.cut === 'recorded' ? '' : ` --cut ${report.cut}`;
  return `npx reprise replay ${shellWord(report.fixture)}${shellOption('--graph', given.graph)}${mode}${cut}${lenient}`;
}
