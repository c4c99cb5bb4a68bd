import { availableParallelism } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';
import { RepriseError, explainError } from '../../../src/index.ts';
import { FreshModules, explore, plannedFaults } from '../../../src/explore/index.ts';
import type { ExploreOptions, ExploreReport } from '../../../src/explore/index.ts';
import { installPlaceholders, sealProcess } from '../../../src/replay/index.ts';
import { pageReport, pageSchedule } from '../../../src/report/index.ts';
import { graphMakerOf } from '../../project/graph-of-fixture.ts';
import { htmlOption, onlyOne, pageRunOf, writePage } from '../../project/fixture/page.ts';
import type { Project } from '../../project/project.ts';
import type { ExitCode } from '../../terminal/io.ts';
import { reporterOption } from '../../terminal/reporter.ts';
import { startProgress } from '../../terminal/progress.ts';
import { wholeNumber } from '../../terminal/whole-number.ts';
import type { CheckArguments } from './check-arguments.ts';
import { Told, foundBy, isFine } from './check-told.ts';
import { checkInWorkers } from './check-workers.ts';
import type { CheckPlan, Telling } from './check-workers.ts';
import type { CliCommand, CommandContext } from '../command.ts';
import { atLeastOne, graphOption } from '../shared-options.ts';

export const checkCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Run fixtures in other orders of completion')
      .description('Run recorded runs in other orders of completion, and report an order that changes the result.')
      .argument('[fixtures...]', 'Files or globs (default: all fixtures of the config)')
      .option(...graphOption)
      .option('--schedules <number>', 'How many orders to try for each fixture (default: 500)', atLeastOne)
      .option('--time <ms>', 'Stop looking after this time, for each fixture', atLeastOne)
      .option('--seed <text>', 'What the drawn orders are drawn from (default: 0)')
      .option('--schedule <schedule>', 'Try only this order, as a report printed it, or `recorded` (one fixture only)')
      .option('--crashes [number]', 'Die at every write and every request too, or at so many of them', atLeastOne)
      .addOption(
        new Option('--faults <which>', 'Let tools, model answers, or all of them fail, one in each run').choices(
          plannedFaults,
        ),
      )
      .option('--save', 'Keep a schedule that is found beside its fixture: later checks try it first')
      .option('--from <number>', 'Continue an exploration that has stopped, with this drawn order', wholeNumber)
      .option('--shard <i/n>', 'Try only part i of n of the drawn orders', shardOf)
      .option(
        '--workers <number>',
        'Processes that share the work (default: one for each core and fixture)',
        atLeastOne,
      )
      .option(...htmlOption)
      .addOption(reporterOption())
      .option('--json', 'Print the reports as JSON')
      .addHelpText(
        'after',
        "\nExamples:\n  $ npx reprise check\n  $ npx reprise check fixtures/desk/desk-1.run.jsonl --schedule 'fifo hold(2.0#1:start until 2.1#1:start)'",
      ),
  run: check,
};

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
  const plan = await planOf({ io, openProject }, named, given);
  if (given.html !== undefined) onlyOne(plan.paths);
  const told = new Told(io, given);
  const progress = startProgress(io, 'exploring');
  try {
    if (plan.workers > 1) await checkInWorkers(io, plan, given, { progress, told });
    else await checkHere({ io, openProject }, plan.paths, given, { progress, told });
  } finally {
    progress.done();
  }
  const [report] = told.reports;
  if (given.html !== undefined && report !== undefined)
    await writeCheck(given.html, plan, report, told, { io, openProject });
  return told.end();
}

async function writeCheck(
  html: string,
  { paths }: CheckPlan,
  report: ExploreReport,
  told: Told,
  { io, openProject }: Pick<CommandContext, 'io' | 'openProject'>,
): Promise<void> {
  const project = await openProject();
  const opened = await project.openRun(onlyOne(paths), project.storePath(undefined));
  try {
    const run = await pageRunOf(opened, project.shorten(onlyOne(paths)));
    const { finding, verdict } = report;
    const shown = pageReport(foundBy(report), {
      text: told.textOf(report),
      isGood: isFine(report),
      names: verdict === 'other than recorded' ? ['recorded', 'now'] : sidesOf(finding),
      ...(finding === undefined ? {} : { schedule: pageSchedule(finding, run) }),
    });
    writePage(html, { version: 1, title: run.name, runs: [run], report: shown }, io.cwd);
  } finally {
    opened.close();
  }
  io.writeTalk(`written: ${html}\n`);
}

/** What the divergences of a finding hold against each other. */
function sidesOf(finding: ExploreReport['finding']): readonly [string, string] {
  const isOfFifo = finding?.isAsRecorded === true || finding?.schedule === 'fifo';
  return [
    finding?.isFromRecorded === true ? 'recorded' : 'first in, first out',
    isOfFifo ? 'first in, first out' : 'in this order',
  ];
}

/** What is to be explored, by how many processes. */
async function planOf(
  { io, openProject }: Pick<CommandContext, 'io' | 'openProject'>,
  named: readonly string[],
  { schedule, workers }: CheckArguments,
): Promise<CheckPlan> {
  // Before any module of the user is imported, the config included.
  using _sealed = sealProcess();
  const project = await openProject();
  const paths = project.fixturePaths(named);
  if (schedule !== undefined && paths.length > 1) {
    throw new RepriseError('usage', `--schedule takes one fixture, but ${paths.length} are named`, {
      nextStep: 'Name a single fixture.',
    });
  }
  const isAlone = schedule !== undefined || io.program === undefined;
  return { paths, workers: isAlone ? 1 : (workers ?? Math.min(paths.length, availableParallelism())) };
}

async function checkHere(
  { io, openProject }: Pick<CommandContext, 'io' | 'openProject'>,
  paths: readonly string[],
  given: CheckArguments,
  { progress, told }: Telling,
): Promise<void> {
  using _sealed = sealProcess();
  const project = await openProject();
  // Before any module is imported, since a module may make its client while it is imported.
  installPlaceholders(project.config.env);
  const stop = new AbortController();
  const stopListening = io.onInterrupt(() => stop.abort());
  try {
    for (const [index, path] of paths.entries()) {
      const fixture = project.shorten(path);
      const place = `${index + 1} of ${paths.length}, ${fixture}`;
      progress.note(place);
      try {
        const { signal } = stop;
        const onProgress = (made: number, atMost: number, events: number): void =>
          progress.note(`${place}: ${made} of ${atMost}${events === 0 ? '' : `, ${events} events`}`);
        const report = await checkOne(path, given, project, { signal, onProgress });
        progress.clear();
        told.report(report);
      } catch (thrown) {
        progress.clear();
        if (!(thrown instanceof RepriseError)) throw thrown;
        told.fault({ fixture, code: thrown.code, message: thrown.message }, explainError(thrown));
      }
      if (stop.signal.aborted) return told.interrupted();
    }
  } finally {
    stopListening();
  }
}

async function checkOne(
  path: string,
  given: CheckArguments,
  project: Project,
  stopping: Pick<ExploreOptions, 'signal' | 'onProgress'>,
): Promise<ExploreReport> {
  // Each run has modules of its own: what one has left in a variable would hide from the next what it does to it.
  using modules = new FreshModules();
  const fresh = project.loadedBy((url) => modules.load(url));
  const { schedules, time, seed, schedule, from, shard, crashes, faults, save } = given;
  const report = await explore(await graphMakerOf(path, given.graph, fresh), path, {
    ...(schedules === undefined ? {} : { schedules }),
    ...(time === undefined ? {} : { timeMs: time }),
    ...(seed === undefined ? {} : { seed }),
    ...(schedule === undefined ? {} : { only: schedule }),
    ...(crashes === undefined ? {} : { crashes }),
    ...(faults === undefined ? {} : { faults }),
    ...stopping,
    ...(from === undefined ? {} : { from }),
    ...(shard === undefined ? {} : { shard }),
    ...(save === undefined ? {} : { save }),
  });
  const { kept } = report;
  return {
    ...report,
    fixture: project.shorten(path),
    ...(kept === undefined ? {} : { kept: project.shorten(kept) }),
  };
}
