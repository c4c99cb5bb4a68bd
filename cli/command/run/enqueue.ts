import { RepriseError } from '../../../src/index.ts';
import { timeText } from '../../../src/report/index.ts';
import { inTermsOfOptions } from '../../project/store/drive-run.ts';
import { storedEngineOf } from '../../project/store/engine-of.ts';
import type { ExitCode } from '../../terminal/io.ts';
import { readInput } from '../../terminal/read-input.ts';
import { shellOption } from '../../terminal/words/shell-word.ts';
import type { CliCommand, CommandContext } from '../command.ts';
import {
  attachOption,
  graphArgument,
  inputOption,
  runIdOption,
  seedOption,
  storeOption,
  tenantOption,
} from '../shared-options.ts';
import { declareTerms, termsOf } from '../term-options.ts';
import type { TermArguments } from '../term-options.ts';

interface EnqueueArguments extends TermArguments {
  readonly input: string;
  readonly runId?: string;
  readonly at?: string;
  readonly attach?: boolean;
  readonly store?: string;
  readonly seed?: string;
  readonly tenant?: string;
  readonly json?: boolean;
}

export const enqueueCommand: CliCommand = {
  declare: (command) =>
    declareTerms(
      command
        .summary('Store a run for a worker')
        .description('Store a run for a worker, which takes it up when it is due. Nothing of it is run here.')
        .argument(...graphArgument)
        .requiredOption(...inputOption)
        .option(...runIdOption)
        .option('--at <time>', 'When it is due, such as 2030-01-31T08:00Z (default: at once)')
        .option(...attachOption)
        .option(...storeOption)
        .option(...seedOption)
        .option(...tenantOption),
    )
      .option('--json', 'Print the run as JSON')
      .addHelpText(
        'after',
        '\nExample:\n  $ npx reprise enqueue src/desk.ts#desk --input \'{"question":"What changed?"}\' --at 2030-01-31T08:00Z',
      ),
  run: enqueue,
};

async function enqueue(context: CommandContext, name: string, given: EnqueueArguments): Promise<ExitCode> {
  const { io } = context;
  const at = given.at === undefined ? undefined : dateOf(given.at);
  const project = await context.openProject();
  const input = readInput('--input', given.input, io);
  const graph = await project.loadGraph(name);
  const path = project.storePath(given.store);
  await using engine = storedEngineOf(graph, path, project.config);
  const options = {
    ...(given.runId === undefined ? {} : { runId: given.runId }),
    ...(given.seed === undefined ? {} : { seed: given.seed }),
    ...(given.tenant === undefined ? {} : { tenant: given.tenant }),
    ...(given.attach === true ? { onExisting: 'attach' as const } : {}),
    ...(at === undefined ? {} : { at }),
    ...termsOf(given),
  };
  const runId = await engine.enqueue(input, options).catch((thrown: unknown) => {
    throw inTermsOfOptions(thrown);
  });
  const due = at === undefined ? '' : `, due at ${timeText(at.getTime())}`;
  io.writeOut(given.json === true ? `${JSON.stringify({ version: 1, run: runId })}\n` : `run ${runId}: queued${due}\n`);
  io.writeTalk(`  next: npx reprise work${shellOption('--store', path)}${shellOption('--graph', name)}\n`);
  return 0;
}

function dateOf(text: string): Date {
  const date = new Date(text);
  if (!Number.isNaN(date.getTime())) return date;
  throw new RepriseError('usage', `--at ${JSON.stringify(text)} is no time`, {
    nextStep: 'Give a date and a time with its zone, such as 2030-01-31T08:00Z.',
  });
}
