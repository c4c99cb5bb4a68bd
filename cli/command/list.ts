import { Option } from 'commander';
import type { RunStatus } from '../../src/index.ts';
import { awaitedSignalsOf, effectsInDoubtOf, openQuestionsOf } from '../../src/index.ts';
import type { RunQuery, RunStore, RunSummary } from '../../src/index.ts';
import { doubtText, jsonOf, questionText, runListText, signalsText, sleepText } from '../../src/report/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { decideCommand } from '../terminal/decide-command.ts';
import type { ExitCode } from '../terminal/io.ts';
import { wholeNumber } from '../terminal/whole-number.ts';
import type { CliCommand, CommandContext } from './command.ts';
import { storeOption } from './shared-options.ts';

interface ListArguments {
  readonly store?: string;
  readonly graph?: string;
  readonly status?: RunStatus;
  readonly paused?: boolean;
  readonly inDoubt?: boolean;
  readonly limit: number;
  readonly after?: string;
  readonly json?: boolean;
}

const statuses: readonly RunStatus[] = ['queued', 'running', 'paused', 'done', 'failed', 'cancelled', 'interrupted'];

export const listCommand: CliCommand = {
  name: 'list',
  declare: (command) =>
    command
      .summary('List the runs of a store')
      .description('List the runs of a store, newest first.')
      .option(...storeOption)
      .option('--graph <name>', 'Only runs of this graph')
      .addOption(new Option('--status <status>', 'Only runs with this status').choices(statuses))
      .option('--paused', 'Only paused runs, with their open questions')
      .option('--in-doubt', 'Only runs with effects in doubt: nobody knows whether they happened')
      .option('--limit <n>', 'Maximum number of runs', wholeNumber, 100)
      .option('--after <run>', 'The runs that began before this one: the next page')
      .option('--json', 'Print the runs as JSON')
      .addHelpText(
        'after',
        '\nExamples:\n  $ reprise list --status failed\n  $ reprise list --paused\n  $ reprise list --in-doubt',
      ),
  run: list,
};

async function list(context: CommandContext, given: ListArguments): Promise<ExitCode> {
  const project = await context.openProject();
  const store = sqliteStore(project.storePath(given.store), { mode: 'read' });
  const status = given.paused === true ? 'paused' : given.status;
  try {
    const query = {
      limit: given.limit,
      ...(given.graph === undefined ? {} : { graph: given.graph }),
      ...(given.after === undefined ? {} : { after: given.after }),
    };
    if (given.inDoubt === true) {
      const doubtful = await runsInDoubt(store, status === undefined ? query : { ...query, status });
      if (given.json === true) context.io.writeOut(`${jsonOf({ version: 1, runs: doubtful })}\n`);
      else
        context.io.writeOut(
          [runListText(doubtful), ...doubtful.flatMap((run) => doubtLines(run, given.store))].join(''),
        );
      return 0;
    }
    const runs = await store.list(status === undefined ? query : { ...query, status });
    const listed = given.paused === true ? await withQuestions(runs, store) : runs;
    context.io.writeOut(given.json === true ? `${jsonOf({ version: 1, runs: listed })}\n` : listText(listed));
    return 0;
  } finally {
    await store.close();
  }
}

interface ListedRun extends RunSummary {
  readonly questions?: Awaited<ReturnType<typeof openQuestionsOf>>;
  readonly signals?: readonly string[];
}

function withQuestions(runs: readonly RunSummary[], store: RunStore): Promise<readonly ListedRun[]> {
  return Promise.all(
    runs.map(async (run) => ({
      ...run,
      questions: await openQuestionsOf(store, run.runId),
      signals: await awaitedSignalsOf(store, run.runId),
    })),
  );
}

function listText(runs: readonly ListedRun[]): string {
  return [runListText(runs), ...runs.flatMap(waitLines)].join('');
}

/** What a paused run waits for: answers and signals, or else a point in time. */
function waitLines({ runId, questions, signals = [], wakeAt }: ListedRun): readonly string[] {
  if (questions === undefined) return [];
  const asked = questions.map((question) => questionText(runId, question));
  if (asked.length + signals.length > 0) return signals.length === 0 ? asked : [...asked, signalsText(runId, signals)];
  return wakeAt === undefined ? [] : [sleepText(runId, wakeAt)];
}

interface DoubtfulRun extends RunSummary {
  readonly inDoubt: Awaited<ReturnType<typeof effectsInDoubtOf>>;
}

/** The statuses of runs that nobody drives and that a decision could continue. */
const undecided: readonly RunStatus[] = ['failed', 'interrupted', 'paused'];

/** Newest first. */
async function runsInDoubt(
  store: RunStore,
  query: RunQuery & { readonly limit: number },
): Promise<readonly DoubtfulRun[]> {
  const asked = query.status === undefined ? undecided : [query.status];
  const found: DoubtfulRun[] = [];
  for (const status of asked) {
    for (const run of await store.list({ ...query, status })) {
      const inDoubt = await effectsInDoubtOf(store, run.runId);
      if (inDoubt.length > 0) found.push({ ...run, inDoubt });
    }
  }
  return found.sort((left, right) => right.createdAt - left.createdAt).slice(0, query.limit);
}

/** Each effect in doubt, and the command that decides about it. */
function doubtLines({ runId, inDoubt }: DoubtfulRun, store: string | undefined): readonly string[] {
  return inDoubt.flatMap((effect) => [
    doubtText(runId, effect),
    `  next: ${decideCommand(runId, effect.address, store)}\n`,
  ]);
}
