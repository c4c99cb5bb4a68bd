import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { RepriseError } from '../../src/index.ts';
import { openStore } from '../project/open-store.ts';
import { pageParts } from '../project/page.ts';
import type { Project } from '../project/project.ts';
import { pagesOf } from '../serve/pages.ts';
import { servedFolder } from '../serve/served-folder.ts';
import type { ServedRuns } from '../serve/served-runs.ts';
import { servedStore } from '../serve/served-store.ts';
import { startServer } from '../serve/server.ts';
import type { ExitCode } from '../terminal/io.ts';
import { portNumber } from '../terminal/whole-number.ts';
import type { CliCommand, CommandContext } from './command.ts';
import { rawOption, storeOption } from './shared-options.ts';

interface ServeArguments {
  readonly store?: string;
  readonly port?: number;
  readonly raw?: boolean;
}

export const serveCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Show runs in a browser, on this machine only')
      .description(
        'Show the runs of a store or of a folder of fixtures in a browser, on this machine only, until stopped.',
      )
      .argument('[fixtures]', 'A folder of fixtures, in place of the store')
      .option(...storeOption)
      .option('--port <number>', 'Port on the loopback address (default: a free one)', portNumber)
      .option(...rawOption)
      .addHelpText('after', '\nExamples:\n  $ npx reprise serve\n  $ npx reprise serve fixtures --port 4400'),
  run: serve,
};

async function serve(
  { io, openProject }: CommandContext,
  folder: string | undefined,
  given: ServeArguments,
): Promise<ExitCode> {
  const project = await openProject();
  const runs = folder === undefined ? await storeOf(project, given) : folderOf(resolve(io.cwd, folder), folder, given);
  const tell = (text: string): void => io.writeTalk(`reprise: ${text}`);
  const server = await startServer(pagesOf(runs, pageParts(), tell), given.port ?? 0);
  io.setActivity('serving');
  const stopped = new Promise<void>((stop) => void io.onInterrupt(stop));
  io.writeOut(`${server.url}\n`);
  io.writeTalk(`serving the ${runs.title}; Ctrl-C stops\n`);
  await stopped;
  server.close();
  return 0;
}

/** @throws RepriseError `store-unreadable` if there is none */
async function storeOf(project: Project, { store, raw }: ServeArguments): Promise<ServedRuns> {
  const path = project.storePath(store);
  const found = openStore(path, 'read');
  try {
    await found.list({ limit: 0 });
  } finally {
    await found.close();
  }
  const { redact = {} } = project.config;
  return servedStore(path, `runs of ${project.shorten(path)}`, raw === true ? {} : { redact });
}

/** @throws RepriseError `usage` */
function folderOf(path: string, name: string, { store, raw }: ServeArguments): ServedRuns {
  const other = store !== undefined ? '--store' : raw === true ? '--raw' : undefined;
  if (other !== undefined)
    throw new RepriseError('usage', `${other} is about stored runs, but a folder of fixtures is named`, {
      nextStep: `Leave out ${other} or the folder.`,
    });
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    return servedFolder(path, `fixtures of ${name}`);
  throw new RepriseError('usage', `${name} is not a folder`, {
    nextStep:
      'Name a folder of fixtures. A store: --store <file>. One fixture: npx reprise show <fixture> --html page.html',
  });
}
