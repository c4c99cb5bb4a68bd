import { InvalidArgumentError, Option } from 'commander';
import { RepriseError, explainError } from '../../src/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import { fixtureStore, installPlaceholders, replay, sealProcess } from '../../src/replay/index.ts';
import type { BodyCut, ReplayReport, SealedProcess } from '../../src/replay/index.ts';
import {
  PageRunBuilder,
  briefReport,
  causeKey,
  checkedOf,
  jsonOf,
  printedJson,
  pageReport,
  replayLine,
  replayText,
  sameCauseText,
} from '../../src/report/index.ts';
import type { Checked, Json } from '../../src/report/index.ts';
import { comparisonIn, engineOf } from '../project/engine-of.ts';
import { GraphOfLooks } from '../project/graph-of-looks.ts';
import { graphOfFixture } from '../project/graph-of-fixture.ts';
import { knownDivergence, knownText } from '../../src/config.ts';
import type { Known } from '../../src/config.ts';
import { htmlOption, onlyOne, pageRunOf, writePage } from '../project/page.ts';
import type { Project } from '../project/project.ts';
import { counted } from '../terminal/counted.ts';
import { redactOf } from '../project/redact-of.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';
import { startProgress } from '../terminal/progress.ts';
import { report, reporterOption } from '../terminal/reporter.ts';
import type { ReporterName } from '../terminal/reporter.ts';
import { reportEnd } from '../terminal/report-run.ts';
import { shellWord } from '../terminal/shell-word.ts';
import { wholeNumber } from '../terminal/whole-number.ts';
import type { CliCommand, CommandContext } from './command.ts';
import { updateAll } from './replay-update.ts';
import { graphOption } from './shared-options.ts';

interface ReplayArguments {
  readonly graph?: string;
  readonly mode: 'effects' | 'outputs';
  readonly cut?: BodyCut;
  readonly liveFrom?: number;
  readonly lenient?: boolean;
  readonly repeat?: number;
  readonly update?: boolean;
  readonly live?: boolean;
  readonly sendMarks?: boolean;
  readonly json?: boolean;
  readonly full?: boolean;
  readonly html?: string;
  readonly reporter?: ReporterName;
}

export const replayCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Replay fixtures with the current code')
      .description('Replay fixtures offline with the current code, and report where runs come out differently.')
      .argument('[fixtures...]', 'Files or globs (default: all fixtures of the config)')
      .option(...graphOption)
      .addOption(
        new Option('--mode <mode>', 'Run nodes against recorded effects, or reuse recorded node outputs')
          .choices(['effects', 'outputs'])
          .default('effects'),
      )
      .option(
        '--cut <where>',
        'Cut recorded HTTP bodies differently: `bytes` for single bytes, or a number of bytes',
        cutOf,
      )
      .option('--live-from <step>', 'Keep the recording up to this step, then run live (one fixture only)', wholeNumber)
      .option('--lenient', 'Continue after a difference, from the recorded value')
      .option(
        '--repeat <n>',
        'Replay each fixture so often, and report one that does not always come out alike',
        atLeastOne,
      )
      .option('--update', 'Accept what the code does now: write the fixtures again, with what was recorded of effects')
      .option('--live', 'With --update: perform for real what the code asks for and the fixtures do not hold')
      .option('--send-marks', 'With --live: perform also what is made of redacted values, with their marks')
      .option(...htmlOption)
      .addOption(reporterOption())
      .option('--json', 'Print the reports as JSON')
      .option('--full', 'With --json: all of them, however long')
      .addHelpText(
        'after',
        '\nExamples:\n  $ npx reprise replay\n  $ npx reprise replay fixtures/desk/desk-1.run.jsonl --graph src/desk.ts#desk',
      ),
  run: replayOrRunLive,
};

function atLeastOne(text: string): number {
  const number = wholeNumber(text);
  if (number === 0) throw new InvalidArgumentError('It must be 1 or more.');
  return number;
}

function cutOf(text: string): BodyCut {
  return text === 'recorded' || text === 'bytes' ? text : wholeNumber(text);
}

async function replayOrRunLive(
  { io, openProject }: CommandContext,
  named: readonly string[],
  given: ReplayArguments,
): Promise<ExitCode> {
  if (given.liveFrom !== undefined) return runLiveFrom(given.liveFrom, named, given, await openProject(), io);
  if (given.update === true || given.live === true || given.sendMarks === true) {
    checkUpdate(given);
    return updateAll(named, given, openProject, io);
  }
  // Before any module of the user is imported, the config included.
  using sealed = sealProcess();
  return await replayAll(named, given, await openProject(), sealed, io);
}

/** @throws RepriseError `usage` */
function checkUpdate({ update, live, sendMarks, mode, cut, lenient, repeat, liveFrom }: ReplayArguments): void {
  if (sendMarks === true && live !== true) {
    throw new RepriseError('usage', '--send-marks is about what is performed, and is given without --live', {
      nextStep: 'Add --update --live, or leave --send-marks out.',
    });
  }
  if (update !== true) {
    throw new RepriseError('usage', '--live performs what an update needs, and is given without --update', {
      nextStep: 'Add --update, or leave --live out.',
    });
  }
  const [other] = [
    ...(mode === 'outputs' ? ['--mode outputs'] : []),
    ...(cut === undefined ? [] : ['--cut']),
    ...(lenient === true ? ['--lenient'] : []),
    ...(repeat === undefined ? [] : ['--repeat']),
    ...(liveFrom === undefined ? [] : ['--live-from']),
  ];
  if (other === undefined) return;
  throw new RepriseError('usage', `--update writes what a plain replay does, so it cannot be combined with ${other}`, {
    nextStep: `Leave ${other} out.`,
  });
}

/** A fixture that could not be replayed. */
interface Fault {
  readonly fixture: string;
  readonly code: string;
  readonly message: string;
  readonly nextStep: string;
}

async function replayAll(
  fixtures: readonly string[],
  given: ReplayArguments,
  project: Project,
  sealed: SealedProcess,
  io: CliIo,
): Promise<ExitCode> {
  const paths = project.fixturePaths(fixtures);
  if (given.html !== undefined) onlyOne(paths);
  // Before any module is imported, since a module may make its client while it is imported.
  installPlaceholders(project.config.env);
  const progress = startProgress(io, 'replaying');
  const reports: (ReplayReport & { readonly known?: Known })[] = [];
  const replayed = given.html === undefined ? undefined : new PageRunBuilder();
  /** The fixtures whose reports are shown in full, by cause. */
  const shown = new Map<string, string>();
  const faults: Fault[] = [];
  /** Faults of Reprise, which must not hide what the other fixtures show either. */
  const bugs: unknown[] = [];
  const named = given.graph === undefined ? undefined : await project.loadGraph(given.graph);
  try {
    for (const [index, path] of paths.entries()) {
      const fixture = project.shorten(path);
      progress.note(`${index + 1} of ${paths.length}, ${fixture}`);
      try {
        const report = await replayOne(path, named, given, { project, replayed, isUsed: index > 0 });
        const known = report.verdict === 'same' ? undefined : knownDivergence(path, project.config, new Date());
        reports.push(known === undefined ? report : { ...report, known });
        progress.clear();
        if (given.json !== true && given.reporter === undefined)
          io.writeOut(
            `${shownText(report, textOf(report, given, fixtures), shown)}${known === undefined ? '' : knownText(known)}`,
          );
      } catch (thrown) {
        progress.clear();
        const fault = faultOf(fixture, thrown);
        faults.push(fault);
        if (thrown instanceof RepriseError) io.writeTalk(`reprise: ${placeOf(fault)}${explainError(thrown)}\n`);
        else bugs.push(thrown);
      }
    }
  } finally {
    progress.done();
  }
  // What was tried during a replay is in its report.
  const refused = sealed.refused.filter((call) => !reports.some((report) => report.refused.includes(call)));
  for (const { what, stack } of refused) {
    const [place = ''] = stack.split('\n');
    io.writeTalk(`reprise: refused outside of any node: ${what}\n${place}\n`);
  }
  const [first] = reports;
  if (given.html !== undefined && first !== undefined)
    await writeReplay(onlyOne(paths), first, given, { project, replayed }, io);
  if (given.reporter !== undefined)
    report(given.reporter, 'replay', checkedFixtures(reports, faults, given, fixtures), io);
  else if (given.json === true) {
    const whole = JSON.parse(jsonOf({ version: 1, faults, refused, reports: given.full === true ? reports : [] })) as {
      readonly [key: string]: Json;
    };
    const briefs = reports.map((each) => briefReport(each, moreOf(each, given)));
    io.writeOut(`${printedJson(given.full === true ? whole : { ...whole, reports: briefs })}\n`);
  }
  if (bugs.length > 0) throw bugs[0];
  if (faults.length > 0) return 2;
  return reports.every(({ verdict, known }) => verdict === 'same' || known?.isOver === false) ? 0 : 1;
}

function moreOf(report: ReplayReport, { graph }: ReplayArguments): string {
  return `${replayLine(report, graph)} --json --full`;
}

/** In full, unless another one with the same cause is. */
function shownText(report: ReplayReport, text: string, shown: Map<string, string>): string {
  const cause = causeKey(report);
  const like = cause === undefined ? undefined : shown.get(cause);
  if (like !== undefined) return sameCauseText(report, like);
  if (cause !== undefined) shown.set(cause, report.fixture);
  return `${text}${sharedText(report)}`;
}

/** A loader gave no fresh modules for the second look. */
function sharedText({ looks }: ReplayReport): string {
  if (looks?.modules !== 'shared') return '';
  return `  replayed ${looks.count} times in the same modules: what they keep in variables is not seen\n`;
}

function faultOf(fixture: string, thrown: unknown): Fault {
  if (thrown instanceof RepriseError) {
    const { code, message, nextStep } = thrown;
    return { fixture, code, message, nextStep };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { fixture, code: 'bug', message, nextStep: 'Please report it: this is a fault of Reprise.' };
}

/** Names the fixture if the message does not. */
function placeOf({ fixture, message }: Fault): string {
  return message.includes(fixture) ? '' : `${fixture}: `;
}

interface Replaying {
  readonly project: Project;
  /** Gathers what the page shows of the replay. */
  readonly replayed: PageRunBuilder | undefined;
}

async function replayOne(
  path: string,
  named: AnyGraph | undefined,
  given: ReplayArguments,
  { project, replayed, isUsed }: Replaying & { readonly isUsed: boolean },
): Promise<ReplayReport> {
  using looks = new GraphOfLooks(path, { named, address: given.graph }, project, isUsed);
  const { report } = await replay(() => looks.next(), path, {
    ...redactOf(project.config),
    mode: given.mode,
    seal: 'process',
    strictness: given.lenient === true ? 'lenient' : 'strict',
    ...(given.cut === undefined ? {} : { cut: given.cut }),
    ...(given.repeat === undefined ? {} : { repeat: given.repeat }),
    ...comparisonIn(project.config),
    ...(replayed === undefined ? {} : { onStep: ({ entries }) => replayed.add(entries) }),
  });
  return { ...looks.told(report), fixture: project.shorten(path) };
}

/** Tries the current code on a recorded run: from the step on it runs for real, and nothing is compared. */
async function runLiveFrom(
  step: number,
  named: readonly string[],
  given: ReplayArguments,
  project: Project,
  io: CliIo,
): Promise<ExitCode> {
  const paths = project.fixturePaths(named);
  const [path, ...others] = paths;
  if (path === undefined || others.length > 0) {
    throw new RepriseError('usage', `--live-from takes one fixture, but ${paths.length} are named`, {
      nextStep: 'Name a single fixture.',
    });
  }
  const graph = await graphOfFixture(path, given.graph, project);
  const { store, runId } = await fixtureStore(path);
  await using engine = engineOf(graph, store, project.config);
  io.writeTalk(`reprise: live after step ${step}: nodes reach the network from here on\n`);
  const run = await engine.fork(runId, { step });
  const { id, status, steps, state } = run;
  io.writeOut(
    given.json === true
      ? `${jsonOf({ version: 1, run: id, status, steps, liveFrom: step, state })}\n`
      : `${status} after ${counted(steps, 'step')}, ${step} of them recorded\n${jsonOf(state)}\n`,
  );
  return reportEnd(run, `npx reprise show ${shellWord(project.shorten(path))}`, io);
}

function checkedFixtures(
  reports: readonly (ReplayReport & { readonly known?: Known })[],
  faults: readonly Fault[],
  given: ReplayArguments,
  fixtures: readonly string[],
): readonly Checked[] {
  return [
    ...reports.map((each) => {
      const { fixture: name, graph, known } = each;
      const isGood = each.verdict === 'same' || known?.isOver === false;
      return checkedOf({ name, graph, text: textOf(each, given, fixtures) }, each, isGood);
    }),
    ...faults.map(({ fixture: name, code, message, nextStep }): Checked => {
      return { name, graph: '', verdict: code, outcome: 'error', text: `${message}\n${nextStep}`, sentence: message };
    }),
  ];
}

async function writeReplay(
  path: string,
  report: ReplayReport,
  given: ReplayArguments & { readonly html?: string },
  { project, replayed }: Replaying,
  io: CliIo,
): Promise<void> {
  const { html = '' } = given;
  const opened = await project.openRun(path, project.storePath(undefined));
  try {
    const isGood = report.verdict === 'same';
    const recorded = await pageRunOf(opened, isGood ? report.fixture : 'recorded');
    const runs = isGood || replayed?.hasBegun !== true ? [recorded] : [recorded, replayed.run('replayed')];
    const commands = { fixture: report.fixture, name: report.graph, graph: given.graph };
    const shown = pageReport(report, { text: textOf(report, given), isGood, fixture: commands });
    writePage(html, { version: 1, title: report.fixture, runs, report: shown }, io.cwd);
  } finally {
    opened.close();
  }
  io.writeTalk(`written: ${html}\n`);
}

/** `fixtures`: as the command line named them. What one of them left in a module comes out only where it is replayed, too. */
function textOf(report: ReplayReport, given: ReplayArguments, fixtures: readonly string[] = []): string {
  const { verdict, looks } = report;
  const isAmongOthers = verdict === 'not deterministic' && looks?.isFirstUsed === true;
  const named = isAmongOthers ? fixtures : [report.fixture];
  return replayText(report, replayLine(report, given.graph, named), undefined, { graph: given.graph });
}
