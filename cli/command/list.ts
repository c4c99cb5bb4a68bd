import { Option } from 'commander';
import type { RunStatus } from '../../src/index.ts';
import { openQuestionsOf } from '../../src/index.ts';
import type { RunStore, RunSummary } from '../../src/index.ts';
import { jsonOf, questionText, runListText, sleepText } from '../../src/report/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { loadConfig } from '../project/config.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';
import type { AddCommand } from './command.ts';
import { storePath } from '../project/store-path.ts';
import { wholeNumber } from '../terminal/whole-number.ts';

interface ListArguments {
  readonly store?: string;
  readonly graph?: string;
  readonly status?: RunStatus;
  readonly paused?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

const statuses: readonly RunStatus[] = ['running', 'paused', 'done', 'failed', 'cancelled', 'interrupted'];

export const listCommand: AddCommand = (program, io, finish) => {
  program
    .command('list')
    .description('the runs of a store, newest first')
    .option('--store <file>', 'the SQLite file; by default that of the config, or runs.db')
    .option('--graph <name>', 'only those of one graph')
    .addOption(new Option('--status <status>', 'only those of one status').choices(statuses))
    .option('--paused', 'only those that wait, with their open questions')
    .option('--limit <n>', 'how many', wholeNumber, 100)
    .option('--json', 'print them as JSON')
    .addHelpText('after', '\nExample:\n  $ reprise list --status failed')
    .action(async (given: ListArguments) => finish(await list(given, io)));
};

async function list(given: ListArguments, io: CliIo): Promise<ExitCode> {
  const config = await loadConfig(io.cwd);
  const store = sqliteStore(storePath(given.store, config, io.cwd), { mode: 'read' });
  try {
    const runs = await store.list({
      limit: given.limit,
      ...(given.graph === undefined ? {} : { graph: given.graph }),
      ...(given.paused === true ? { status: 'paused' } : given.status === undefined ? {} : { status: given.status }),
    });
    if (given.paused === true) return await listPaused(runs, store, given.json === true, io);
    io.writeOut(given.json === true ? `${jsonOf({ version: 1, runs })}\n` : runListText(runs));
    return 0;
  } finally {
    await store.close();
  }
}

async function listPaused(runs: readonly RunSummary[], store: RunStore, isJson: boolean, io: CliIo): Promise<ExitCode> {
  const waiting = await Promise.all(
    runs.map(async (run) => ({ ...run, questions: await openQuestionsOf(store, run.runId) })),
  );
  if (isJson) io.writeOut(`${jsonOf({ version: 1, runs: waiting })}\n`);
  else {
    io.writeOut(runListText(waiting));
    for (const { runId, questions, wakeAt } of waiting) {
      for (const question of questions) io.writeOut(questionText(runId, question));
      if (questions.length === 0 && wakeAt !== undefined) io.writeOut(sleepText(runId, wakeAt));
    }
  }
  return 0;
}
