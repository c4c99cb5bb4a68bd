import { compareRuns } from '../../src/diff/index.ts';
import { comparisonText, jsonOf } from '../../src/report/index.ts';
import { loadConfig } from '../project/config.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';
import type { AddCommand } from './command.ts';
import { shellOption, shellWord } from '../terminal/shell-word.ts';
import { openNamed } from '../project/stored-run.ts';
import { storePath } from '../project/store-path.ts';

interface DiffArguments {
  readonly store?: string;
  readonly json?: boolean;
}

export const diffCommand: AddCommand = (program, io, finish) => {
  program
    .command('diff')
    .description('compare two recorded runs: where they part, and what follows; no code is run')
    .argument('<a>', 'a fixture, or the id of a stored run')
    .argument('<b>', 'the other')
    .option('--store <file>', 'the SQLite file for run ids; by default that of the config, or runs.db')
    .option('--json', 'print the comparison as JSON')
    .addHelpText('after', '\nExample:\n  $ reprise diff fixtures/desk/desk-1.run.jsonl desk-2')
    .action(async (a: string, b: string, given: DiffArguments) => finish(await diff(a, b, given, io)));
};

async function diff(a: string, b: string, given: DiffArguments, io: CliIo): Promise<ExitCode> {
  const config = await loadConfig(io.cwd);
  const store = storePath(given.store, config, io.cwd);
  const recorded = await openNamed(a, store, io.cwd);
  try {
    const replayed = await openNamed(b, store, io.cwd);
    try {
      const comparison = await compareRuns(recorded, replayed);
      const reproduce = `npx reprise diff ${shellWord(a)} ${shellWord(b)}${shellOption('--store', given.store)}`;
      io.writeOut(
        given.json === true
          ? `${jsonOf({ version: 1, recorded: a, replayed: b, ...comparison })}\n`
          : comparisonText(comparison, { recorded: a, replayed: b, reproduce }),
      );
      return comparison.verdict === 'same' ? 0 : 1;
    } finally {
      replayed.close();
    }
  } finally {
    recorded.close();
  }
}
