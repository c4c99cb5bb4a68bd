import { exportRunTo } from '../../src/record/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { loadConfig, shortPath } from '../project/config.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';
import type { AddCommand } from './command.ts';
import { startProgress } from '../terminal/progress.ts';
import { storePath } from '../project/store-path.ts';

interface ExportArguments {
  readonly out: string;
  readonly store?: string;
  readonly force?: boolean;
  readonly observed: boolean;
}

export const exportCommand: AddCommand = (program, io, finish) => {
  program
    .command('export')
    .description('make a fixture of a stored run, redacted; its code is not needed')
    .argument('<run-id>', 'the run')
    .requiredOption('--out <fixture>', 'the file; or a folder, which gets <graph>/<run id>.run.jsonl')
    .option('--store <file>', 'the SQLite file; by default that of the config, or runs.db')
    .option('--force', 'replace a file that is there already')
    .option('--no-observed', 'leave out times and real order')
    .addHelpText('after', '\nExample:\n  $ reprise export desk-1 --store runs.db --out fixtures/')
    .action(async (runId: string, given: ExportArguments) => finish(await exportStored(runId, given, io)));
};

async function exportStored(runId: string, given: ExportArguments, io: CliIo): Promise<ExitCode> {
  const config = await loadConfig(io.cwd);
  const store = sqliteStore(storePath(given.store, config, io.cwd), { mode: 'read' });
  const progress = startProgress(io, `exporting ${runId}`);
  try {
    const path = await exportRunTo(store, runId, given.out, { force: given.force === true, observed: given.observed });
    progress.done();
    io.writeOut(`${shortPath(path, io.cwd)}\n`);
    return 0;
  } finally {
    progress.done();
    await store.close();
  }
}
