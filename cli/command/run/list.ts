import { Option } from 'commander';
import type { RunStatus } from '../../../src/index.ts';
import {
  abandonedRunsOf,
  awaitedSignalsOf,
  effectsInDoubtOf,
  openQuestionsOf,
  strandedRunsOf,
} from '../../../src/index.ts';
import type { RunStore, RunSummary } from '../../../src/index.ts';
import { doubtText, jsonOf, questionText, runListText, signalsText, sleepText } from '../../../src/report/index.ts';
import { openStore, storeTimeOf } from '../../project/store/open-store.ts';
import { runStatuses, storedRuns } from '../../project/store/stored-runs.ts';
import { decideLines } from '../../terminal/words/decide-lines.ts';
import type { ExitCode } from '../../terminal/io.ts';
import { wholeNumber } from '../../terminal/whole-number.ts';
import type { CliCommand, CommandContext } from '../command.ts';
import { storeOption } from '../shared-options.ts';
import { addLabel } from '../term-options.ts';

interface ListArguments {
  readonly store?: string;
  readonly graph?: string;
  readonly status?: RunStatus;
  readonly tenant?: string;
  readonly paused?: boolean;
  readonly inDoubt?: boolean;
  readonly stranded?: boolean;
  readonly label?: Readonly<Record<string, string>>;
  readonly limit: number;
  readonly after?: string;
  readonly json?: boolean;
}

export const listCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('List the runs of a store')
      .description('List the runs of a store, newest first.')
      .option(...storeOption)
      .option('--graph <name>', 'Only runs of this graph')
      .addOption(new Option('--status <status>', 'Only runs with this status').choices(runStatuses))
      .option('--tenant <name>', 'Only runs that are for this tenant')
      .option('--paused', 'Only paused runs, with their open questions')
      .option('--in-doubt', 'Only runs with effects in doubt: nobody knows whether they happened')
      .option('--stranded', 'Only runs that are due and that no live worker has code for, or can continue with it')
      .option('--label <name=text>', 'Only runs with this label; may be repeated', addLabel)
      .option('--limit <n>', 'Maximum number of runs', wholeNumber, 100)
      .option('--after <run>', 'The runs that began before this one: the next page')
      .option('--json', 'Print the runs as JSON')
      .addHelpText(
        'after',
        '\nExamples:\n  $ npx reprise list --status failed\n  $ npx reprise list --paused\n  $ npx reprise list --in-doubt\n  $ npx reprise list --label customer=acme\n  $ npx reprise list --tenant acme',
      ),
  run: list,
};

async function list(context: CommandContext, given: ListArguments): Promise<ExitCode> {
  const project = await context.openProject();
  const store = openStore(project.storePath(given.store), 'read');
  try {
    const runs = await foundRuns(store, given);
    const text = given.inDoubt === true ? doubtfulText(runs, given.store) : listText(runs, await storeTimeOf(store));
    context.io.writeOut(given.json === true ? `${jsonOf({ version: 1, runs })}\n` : text);
    return 0;
  } finally {
    await store.close();
  }
}

async function foundRuns(store: RunStore, given: ListArguments): Promise<readonly ListedRun[]> {
  const { limit, graph, tenant, label, after } = given;
  const status = given.paused === true ? 'paused' : given.status;
  const found: ListedRun[] = [];
  const abandoned = new AbandonedRuns(store);
  if (limit === 0) return found;
  const stranded = given.stranded === true ? await strandedIds(store) : undefined;
  for await (const run of storedRuns(store, { graph, status, tenant, label, after })) {
    if (stranded?.has(run.runId) === false) continue;
    const listed = given.inDoubt === true ? await ifInDoubt(store, run, abandoned) : run;
    if (listed !== undefined) found.push(given.paused === true ? await withQuestions(listed, store) : listed);
    if (found.length === limit) break;
  }
  return found;
}

async function strandedIds(store: RunStore): Promise<ReadonlySet<string>> {
  return new Set((await strandedRunsOf(store, Number.MAX_SAFE_INTEGER)).map(({ runId }) => runId));
}

/** Of those that nobody drives. */
async function ifInDoubt(store: RunStore, run: RunSummary, abandoned: AbandonedRuns): Promise<ListedRun | undefined> {
  if (!doubtful.includes(run.status) || run.isDamaged === true) return undefined;
  if (run.status === 'running' && !(await abandoned.has(run))) return undefined;
  const inDoubt = await effectsInDoubtOf(store, run.runId);
  return inDoubt.length === 0 ? undefined : { ...run, inDoubt };
}

/** The statuses of runs in which something may be in doubt. What is under way in a run that is driven is not. */
const doubtful: readonly RunStatus[] = ['failed', 'interrupted', 'paused', 'cancelled', 'running'];

/** Asked for once for each graph. */
class AbandonedRuns {
  readonly #store: RunStore;
  readonly #idsByGraph = new Map<string, ReadonlySet<string>>();

  constructor(store: RunStore) {
    this.#store = store;
  }

  async has({ graph, runId }: RunSummary): Promise<boolean> {
    let ids = this.#idsByGraph.get(graph);
    if (ids === undefined) {
      ids = new Set((await abandonedRunsOf(this.#store, graph)).map((run) => run.runId));
      this.#idsByGraph.set(graph, ids);
    }
    return ids.has(runId);
  }
}

interface ListedRun extends RunSummary {
  readonly questions?: Awaited<ReturnType<typeof openQuestionsOf>>;
  readonly signals?: readonly string[];
  readonly inDoubt?: Awaited<ReturnType<typeof effectsInDoubtOf>>;
}

async function withQuestions(run: ListedRun, store: RunStore): Promise<ListedRun> {
  const { runId } = run;
  if (run.isDamaged === true) return run;
  return { ...run, questions: await openQuestionsOf(store, runId), signals: await awaitedSignalsOf(store, runId) };
}

function listText(runs: readonly ListedRun[], now: number): string {
  return [runListText(runs), ...runs.flatMap((run) => waitLines(run, now))].join('');
}

/** What a paused run waits for: answers and signals, or else a point in time. */
function waitLines({ runId, questions, signals = [], wakeAt }: ListedRun, now: number): readonly string[] {
  if (questions === undefined) return [];
  const asked = questions.map((question) => questionText(runId, question));
  if (asked.length + signals.length > 0) return signals.length === 0 ? asked : [...asked, signalsText(runId, signals)];
  return wakeAt === undefined ? [] : [sleepText(runId, wakeAt, now)];
}

/** Each effect in doubt, and the command that decides about it. */
function doubtfulText(runs: readonly ListedRun[], store: string | undefined): string {
  const lines = runs.flatMap(({ runId, status, inDoubt = [] }) =>
    inDoubt.flatMap((effect) => [
      doubtText(runId, effect),
      // A run that was cancelled has ended: what a decision would be about happens outside of it.
      ...(status === 'cancelled' ? [] : [decideLines(runId, effect, store)]),
    ]),
  );
  return [runListText(runs), ...lines].join('');
}
