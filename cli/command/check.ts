import { InvalidArgumentError, Option } from 'commander';
import { RepriseError, explainError } from '../../src/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import { FreshModules, explore, plannedFaults } from '../../src/explore/index.ts';
import type { ExploreOptions, ExploreReport, PlannedFaults } from '../../src/explore/index.ts';
import { installPlaceholders, openRun, sealProcess } from '../../src/replay/index.ts';
import { checkLine, exploreText, jsonOf, plainPalette, terminalPalette } from '../../src/report/index.ts';
import type { Project } from '../project/project.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';
import { startProgress } from '../terminal/progress.ts';
import { wholeNumber } from '../terminal/whole-number.ts';
import type { CliCommand, CommandContext } from './command.ts';
import { graphOption } from './shared-options.ts';

interface CheckArguments {
  readonly graph?: string;
  readonly schedules?: number;
  readonly time?: number;
  readonly seed?: string;
  readonly schedule?: string;
  readonly crashes?: number | true;
  readonly faults?: PlannedFaults;
  readonly shard?: NonNullable<ExploreOptions['shard']>;
  readonly json?: boolean;
}

export const checkCommand: CliCommand = {
  name: 'check',
  declare: (command) =>
    command
      .summary('Run fixtures in other orders of completion')
      .description('Run recorded runs in other orders of completion, and report an order that changes the result.')
      .argument('[fixtures...]', 'Files or globs (default: all fixtures of the config)')
      .option(...graphOption)
      .option('--schedules <number>', 'How many orders to try for each fixture (default: 500)', atLeastOne)
      .option('--time <ms>', 'Stop looking after this time, for each fixture', atLeastOne)
      .option('--seed <text>', 'What the drawn orders are drawn from (default: 0)')
      .option('--schedule <schedule>', 'Try only this order, as a report printed it (one fixture only)')
      .option('--crashes [number]', 'Die at every write and every request too, or at so many of them', atLeastOne)
      .addOption(
        new Option('--faults <which>', 'Let tools, model answers, or all of them fail, one in each run').choices(
          plannedFaults,
        ),
      )
      .option('--shard <i/n>', 'Try only part i of n of the drawn orders', shardOf)
      .option('--json', 'Print the reports as JSON')
      .addHelpText(
        'after',
        "\nExamples:\n  $ reprise check\n  $ reprise check fixtures/desk/desk-1.run.jsonl --schedule 'fifo hold(2.0#1:start until 2.1#1:start)'",
      ),
  run: check,
};

function atLeastOne(text: string): number {
  const number = wholeNumber(text);
  if (number === 0) throw new InvalidArgumentError('It must be 1 or more.');
  return number;
}

function shardOf(text: string): NonNullable<ExploreOptions['shard']> {
  const [, number, count] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const shard = { index: Number(number) - 1, count: Number(count) };
  if (number === undefined || shard.index < 0 || shard.index >= shard.count)
    throw new InvalidArgumentError('It must be like 1/4, up to 4/4.');
  return shard;
}

async function check(
  { io, openProject }: CommandContext,
  named: readonly string[],
  given: CheckArguments,
): Promise<ExitCode> {
  // Before any module of the user is imported, the config included.
  using _sealed = sealProcess();
  const project = await openProject();
  const paths = project.fixturePaths(named);
  if (given.schedule !== undefined && paths.length > 1) {
    throw new RepriseError('usage', `--schedule takes one fixture, but ${paths.length} are named`, {
      nextStep: 'Name a single fixture.',
    });
  }
  // Before any module is imported, since a module may make its client while it is imported.
  installPlaceholders(project.config.env);
  const reports: ExploreReport[] = [];
  const faults: { readonly fixture: string; readonly code: string; readonly message: string }[] = [];
  const progress = startProgress(io, 'exploring');
  try {
    for (const [index, path] of paths.entries()) {
      const fixture = project.shorten(path);
      progress.note(`${index + 1} of ${paths.length}, ${fixture}`);
      try {
        const report = await checkOne(path, given, project);
        reports.push(report);
        progress.clear();
        if (given.json !== true) io.writeOut(textOf(report, given, io));
      } catch (thrown) {
        progress.clear();
        if (!(thrown instanceof RepriseError)) throw thrown;
        faults.push({ fixture, code: thrown.code, message: thrown.message });
        io.writeTalk(`reprise: ${thrown.message.includes(fixture) ? '' : `${fixture}: `}${explainError(thrown)}\n`);
      }
    }
  } finally {
    progress.done();
  }
  if (given.json === true) io.writeOut(`${jsonOf({ version: 1, reports, faults })}\n`);
  if (faults.length > 0) return 2;
  return reports.every(({ verdict }) => fine.has(verdict)) ? 0 : 1;
}

const fine: ReadonlySet<ExploreReport['verdict']> = new Set(['proved', 'no difference', 'nothing to explore']);

async function checkOne(path: string, given: CheckArguments, project: Project): Promise<ExploreReport> {
  // Each run has modules of its own: what one has left in a variable would hide from the next what it does to it.
  using modules = new FreshModules();
  const fresh = project.loadedBy((url) => modules.load(url));
  const name = await graphName(path);
  const { schedules, time, seed, schedule, shard, crashes, faults } = given;
  const report = await explore(() => graphOf(name, given.graph, fresh), path, {
    ...(schedules === undefined ? {} : { schedules }),
    ...(time === undefined ? {} : { timeMs: time }),
    ...(seed === undefined ? {} : { seed }),
    ...(schedule === undefined ? {} : { only: schedule }),
    ...(crashes === undefined ? {} : { crashes }),
    ...(faults === undefined ? {} : { faults }),
    ...(shard === undefined ? {} : { shard }),
  });
  return { ...report, fixture: project.shorten(path) };
}

async function graphName(path: string): Promise<string> {
  const opened = await openRun({ kind: 'fixture', path });
  opened.close();
  return opened.run.graph.name;
}

function graphOf(name: string, given: string | undefined, project: Project): Promise<AnyGraph> {
  return given === undefined ? project.loadGraphOfFixture(name) : project.loadGraph(given);
}

function textOf(report: ExploreReport, { graph }: CheckArguments, io: CliIo): string {
  return exploreText(report, checkLine(report, graph), io.isTty ? terminalPalette : plainPalette);
}
