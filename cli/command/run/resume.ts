import { existsSync } from 'node:fs';
import type { Decided, ResumeOptions } from '../../../src/index.ts';
import { RepriseError } from '../../../src/index.ts';
import { isAddress } from '../../../src/report/index.ts';
import { driveRun } from '../../project/store/drive-run.ts';
import { storedEngineOf } from '../../project/store/engine-of.ts';
import { tellOfWorkers } from '../../project/store/on-workers.ts';
import { checkIsThere, summaryOf } from '../../project/store/stored-run.ts';
import { work } from '../../project/store/work.ts';
import type { CliIo, ExitCode } from '../../terminal/io.ts';
import { readInput, readObject } from '../../terminal/read-input.ts';
import { reportRun } from '../../terminal/words/report-run.ts';
import type { CliCommand, CommandContext } from '../command.ts';
import { graphOption, storeOption } from '../shared-options.ts';
import { declareTerms, termsOf } from '../term-options.ts';
import type { TermArguments } from '../term-options.ts';

interface ResumeArguments extends TermArguments {
  readonly all?: boolean;
  readonly answer?: string;
  readonly answers?: string;
  readonly decide?: readonly string[];
  readonly decidedBy?: string;
  readonly fresh?: boolean;
  readonly force?: boolean;
  readonly graph?: string;
  readonly store?: string;
  readonly json?: boolean;
}

export const resumeCommand: CliCommand = {
  declare: (command) =>
    declareTerms(
      command
        .summary('Resume a run that stopped before its end')
        .description(
          'Resume a run that is paused, was interrupted, has failed, or whose process died. Effects that are already recorded are not performed again.',
        )
        .argument('[run-id]', 'Run to resume')
        .option('--all', 'Resume every run that can continue now and that no process is driving')
        .option('--answer <json>', 'Answer, if a single question is open: JSON or @file')
        .option('--answers <json>', 'Answers by question key: JSON or @file')
        .option(
          '--decide <address=decision>',
          'What became of an effect in doubt: `retry`, {"value": …} or {"error": "…"}; may be repeated',
          (given: string, before: readonly string[] = []) => [...before, given],
        )
        .option('--decided-by <name>', 'Who decides; kept beside what is decided')
        .option('--fresh', 'Ask for everything again in the further attempts of a failed run')
        .option(
          '--force',
          'Resume even if the graph, or what its code requests, has changed; what it calls by another name is performed again',
        )
        .option(...graphOption)
        .option(...storeOption),
    )
      .option('--json', 'Print the result as JSON')
      .addHelpText(
        'after',
        "\nExamples:\n  $ npx reprise resume desk-1 --graph src/desk.ts#desk\n  $ npx reprise resume desk-1 --answer true\n  $ npx reprise resume desk-1 --decide '2.0#1:call:charge=retry'\n  $ npx reprise resume --all",
      ),
  run: resumeNamedOrAll,
};

async function resumeNamedOrAll(
  context: CommandContext,
  runId: string | undefined,
  given: ResumeArguments,
): Promise<ExitCode> {
  if (runId !== undefined && given.all !== true) return resume(context, runId, given);
  if (runId === undefined && given.all === true) {
    const [forOne] = Object.keys(resumeOptions(given, context.io));
    if (forOne === undefined) return resumeAll(context, given);
    throw new RepriseError('usage', `--all takes no options of a single run, and "${forOne}" is one`, {
      nextStep: 'Resume such a run by its ID. `npx reprise resume --all` without it says which runs need one.',
    });
  }
  throw new RepriseError('usage', 'give either a run ID or --all', {
    nextStep: 'Name one run (`npx reprise list` shows them), or give --all to resume all that can continue.',
  });
}

async function resume(context: CommandContext, runId: string, given: ResumeArguments): Promise<ExitCode> {
  const { io } = context;
  const project = await context.openProject();
  const store = project.storePath(given.store);
  // Looked up even if --graph is given, since a look-up creates no store.
  const summary = await summaryOf(store, runId);
  const graph = await project.loadGraphOfRun(summary.graph, given.graph);
  const options = resumeOptions(given, io);
  tellOfWorkers(graph, given, io);
  await using engine = storedEngineOf(graph, store, project.config);
  const resumed = await driveRun(engine, `resuming ${runId}`, io, () => engine.resume(runId, options));
  const form = given.json === true ? 'json' : 'text';
  return reportRun(resumed, { form, store, graph: given.graph ?? summary.graph }, io);
}

async function resumeAll(context: CommandContext, given: ResumeArguments): Promise<ExitCode> {
  const project = await context.openProject();
  const store = project.storePath(given.store);
  // A misspelled `--store` must not create an empty store. The default one may not be there yet.
  if (given.store !== undefined || existsSync(store)) await checkIsThere(store);
  const graphs = await project.loadGraphs(given.graph);
  const form = given.json === true ? 'json line' : 'text';
  return work({ graphs, store, config: project.config, lasts: 'one pass', form }, context.io);
}

function resumeOptions(given: ResumeArguments, io: CliIo): ResumeOptions {
  const { answer, answers, decide, decidedBy, fresh, force } = given;
  return {
    ...termsOf(given),
    ...(answer === undefined ? {} : { answer: readInput('--answer', answer, io) }),
    ...(answers === undefined ? {} : { answers: readObject('--answers', answers, '{"2.0:approve": true}', io) }),
    ...(decide === undefined ? {} : { decide: Object.fromEntries(decide.map((decided) => decisionIn(decided, io))) }),
    ...(decidedBy === undefined ? {} : { decidedBy }),
    ...(fresh === undefined ? {} : { fresh }),
    ...(force === undefined ? {} : { force }),
  };
}

/** The names in an address may hold `=` as well: the first one after which a decision stands ends the address. */
function decisionIn(given: string, io: CliIo): readonly [string, Decided] {
  for (let end = given.indexOf('='); end >= 0; end = given.indexOf('=', end + 1)) {
    const address = given.slice(0, end);
    if (!isAddress(address)) continue;
    const decision = given.slice(end + 1);
    return [address, decision === 'retry' ? decision : (readInput('--decide', decision, io) as Decided)];
  }
  throw new RepriseError('usage', `--decide ${JSON.stringify(given)} does not begin with the address of an effect`, {
    nextStep:
      "Give address and decision, such as --decide '2.0#1:call:charge=retry'; `npx reprise list --in-doubt` shows the addresses.",
  });
}
