import { RepriseError } from '../../src/index.ts';
import type { RunSummary } from '../../src/index.ts';
import type { Entry } from '../../src/observe/index.ts';
import { RunTeller, effectAddresses, jsonOf, timeText } from '../../src/report/index.ts';
import { loadConfig } from '../project/config.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';
import type { AddCommand } from './command.ts';
import { openNamed } from '../project/stored-run.ts';
import { shellOption, shellWord } from '../terminal/shell-word.ts';
import { storePath } from '../project/store-path.ts';
import { wholeNumber } from '../terminal/whole-number.ts';

interface ShowArguments {
  readonly store?: string;
  readonly step?: number;
  readonly json?: boolean;
}

export const showCommand: AddCommand = (program, io, finish) => {
  program
    .command('show')
    .description('what happened in a run, step by step; no code is run')
    .argument('<run>', 'a fixture, or the id of a stored run')
    .option('--store <file>', 'the SQLite file for run ids; by default that of the config, or runs.db')
    .option('--step <n>', 'one step only, with the whole state behind it', wholeNumber)
    .option('--json', 'print the entries as JSON, one a line')
    .addHelpText(
      'after',
      '\nExamples:\n  $ reprise show desk-1\n  $ reprise show fixtures/desk/desk-1.run.jsonl --step 2',
    )
    .action(async (run: string, given: ShowArguments) => finish(await show(run, given, io)));
};

/** How a run stands that has not ended, and what can be done about it. */
function tellStanding(run: RunSummary | undefined, { store }: ShowArguments, io: CliIo): void {
  if (run === undefined || (run.status !== 'paused' && run.status !== 'interrupted' && run.status !== 'running'))
    return;
  const until = run.wakeAt === undefined ? '' : `, until ${timeText(run.wakeAt)} at most`;
  io.writeOut(`\n${run.status}${until}\n`);
  const named = `${shellWord(run.runId)}${shellOption('--store', store)}`;
  const next =
    run.status === 'paused'
      ? `see what it asks with reprise list --paused${shellOption('--store', store)}, and go on with reprise resume ${named}`
      : `reprise resume ${named}${run.status === 'running' ? ', if its process has died' : ''}`;
  io.writeTalk(`  next: ${next}\n`);
}

function jsonLines(step: number, entries: readonly Entry[]): string {
  const addresses = effectAddresses(entries);
  const lines = entries.map((entry) => {
    const address = addresses.get(entry);
    const line = { version: 1, step, ...(address === undefined ? {} : { address }), ...JSON.parse(jsonOf(entry)) };
    return `${JSON.stringify(line)}\n`;
  });
  return lines.join('');
}

async function show(name: string, given: ShowArguments, io: CliIo): Promise<ExitCode> {
  const config = await loadConfig(io.cwd);
  const opened = await openNamed(name, storePath(given.store, config, io.cwd), io.cwd);
  const teller = new RunTeller();
  let isShown = false;
  try {
    for await (const { step, entries } of opened.steps) {
      const isWanted = given.step === undefined || given.step === step;
      const lines = teller.tell(entries, given.step === step ? 'full' : 'short');
      if (!isWanted) continue;
      isShown = true;
      if (given.json === true) io.writeOut(jsonLines(step, entries));
      else io.writeOut(`${lines.join('\n').replace(/^\n/, '')}\n`);
      if (given.step === step) break;
    }
  } finally {
    opened.close();
  }
  if (isShown && given.step === undefined && given.json !== true) tellStanding(opened.summary, given, io);
  if (isShown) return 0;
  const isAsked = given.step !== undefined;
  throw new RepriseError('usage', `run ${name} has ${isAsked ? `no step ${given.step}` : 'not begun'}`, {
    nextStep: isAsked
      ? `See its steps: reprise show ${name}`
      : 'Nothing of it has been committed yet: try again later.',
  });
}
