import { closeSync, existsSync, openSync, readFileSync, readSync, renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { RepriseError } from '../../src/index.ts';
import { scanFixture, scrubFixture, scrubRuns } from '../../src/record/index.ts';
import type { RedactOptions } from '../../src/record/index.ts';
import { checkIsFile } from '../project/open-store.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import type { Project } from '../project/project.ts';
import { counted } from '../terminal/counted.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';
import { shellWord } from '../terminal/shell-word.ts';
import type { CliCommand, CommandContext } from './command.ts';

interface ScrubArguments {
  readonly value?: string;
  readonly path?: readonly string[];
  readonly matchCase?: boolean;
}

export const scrubCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Take a secret out of fixtures or a store')
      .description('Rewrite fixtures, or a store whose runs have ended, without a value or what stands at a path.')
      .argument('<targets...>', 'Fixtures, globs of them, or a SQLite store')
      .option('--value <@file>', 'Values to take out, one per line: of a file, or of standard input with @-')
      .option('--match-case', 'Take a value out only as it is written, for one that is a word elsewhere')
      .option('--path <paths...>', 'Paths of values to take out, such as state.customer.email')
      .addHelpText(
        'after',
        "\nExamples:\n  $ pass show api-key | npx reprise scrub 'fixtures/**/*.run.jsonl' --value @-\n  $ npx reprise scrub runs.db --path state.customer.email",
      ),
  run: scrub,
};

async function scrub({ io, openProject }: CommandContext, targets: string[], given: ScrubArguments): Promise<ExitCode> {
  const project = await openProject();
  const sought = soughtBy(given, io);
  const redact = rulesOf(sought);
  const fixtures: string[] = [];
  const found = new Set<string>();
  for (const target of targets) {
    checkIsFile(target, 'scrub');
    if (isStore(resolve(io.cwd, target)))
      for (const one of await scrubStore(resolve(io.cwd, target), redact, { io, project })) found.add(one);
    else fixtures.push(...project.fixturePaths([target]));
  }
  let leftCount = 0;
  const rewritten: string[] = [];
  for (const path of fixtures) {
    const { isChanged, paths, texts } = await scrubFixture(path, redact);
    for (const one of [...paths, ...texts]) found.add(one);
    if (isChanged) rewritten.push(path);
    const left = await scanFixture(path, redact);
    leftCount += left.length;
    io.writeOut(`${project.shorten(path)}: ${isChanged ? 'rewritten' : 'unchanged, nothing to take out'}\n`);
    for (const { rule, place, line } of left) io.writeTalk(`  line ${line} still holds a secret: ${place}: ${rule}\n`);
  }
  if (rewritten.length > 0) io.writeTalk(whatRemains(rewritten.map((path) => project.shorten(path))));
  const isAllFound = tellNotFound(sought, found, io);
  if (leftCount > 0) return 2;
  return isAllFound ? 0 : 1;
}

/** Says which of what was to be taken out stands nowhere, and never what it is. */
function tellNotFound({ values, paths }: Sought, found: ReadonlySet<string>, io: CliIo): boolean {
  const missing = [
    ...values.flatMap((value, index) => (found.has(value) ? [] : [`value ${index + 1} of ${values.length}`])),
    ...paths.filter((path) => !found.has(path)),
  ];
  for (const one of missing) io.writeTalk(`${one}: found nowhere\n`);
  if (missing.length > 0)
    io.writeTalk('  next: Check how it is written: it may stand encoded, in parts, or in other words.\n');
  return missing.length === 0;
}

/** What is to be taken out. */
interface Sought {
  readonly values: readonly string[];
  readonly paths: readonly string[];
  readonly matchCase: boolean;
}

function soughtBy({ value, path = [], matchCase = false }: ScrubArguments, io: CliIo): Sought {
  const values = value === undefined ? [] : valuesOf(value, io);
  if (values.length > 0 || path.length > 0) return { values, paths: path, matchCase };
  throw new RepriseError('usage', 'scrub needs `--value` or `--path`', {
    nextStep: 'See `npx reprise scrub --help`.',
  });
}

function rulesOf({ values, paths, matchCase }: Sought): RedactOptions {
  return { paths, values: values.length === 0 ? [] : [{ name: 'scrubbed', texts: values, matchCase }] };
}

/** Never from the command line itself: shells and process lists keep what stands there. */
function valuesOf(given: string, io: CliIo): readonly string[] {
  if (!given.startsWith('@')) {
    throw new RepriseError('usage', '--value takes a file, not the secret itself', {
      nextStep: 'Pass it on standard input (`--value @-`), so that it stays out of the history of your shell.',
    });
  }
  const text = readFileSync(given === '@-' ? 0 : resolve(io.cwd, given.slice(1)), 'utf8');
  const values = text.split(/\r?\n/).flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  const short = values.findIndex(({ length }) => length < 4);
  if (values.length > 0 && short < 0) return values;
  throw new RepriseError(
    'usage',
    values.length === 0 ? 'there is no value to take out' : `value ${short + 1} is shorter than 4 characters`,
    {
      nextStep: 'Give values of at least 4 characters, one per line. For a shorter one, name its place: --path.',
    },
  );
}

const sqliteMagic = 'SQLite format 3\0';

function isStore(path: string): boolean {
  if (!existsSync(path)) return false;
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(sqliteMagic.length);
    return readSync(file, bytes, 0, bytes.length, 0) === bytes.length && bytes.toString('latin1') === sqliteMagic;
  } finally {
    closeSync(file);
  }
}

interface StoreContext {
  readonly io: CliIo;
  readonly project: Project;
}

/** Returns what was found. */
async function scrubStore(
  path: string,
  redact: RedactOptions,
  { io, project }: StoreContext,
): Promise<readonly string[]> {
  const beside = `${path}.scrubbing`;
  removeStore(beside);
  const from = sqliteStore(path);
  const to = sqliteStore(beside);
  let scrubbed: Awaited<ReturnType<typeof scrubRuns>>;
  try {
    scrubbed = await scrubRuns(from, to, redact);
  } catch (thrown) {
    await to.close();
    removeStore(beside);
    throw thrown;
  } finally {
    await from.close();
  }
  await to.close();
  const found = [...scrubbed.paths, ...scrubbed.texts];
  const runs = counted(scrubbed.runCount, 'run');
  if (found.length === 0) {
    removeStore(beside);
    io.writeOut(`${project.shorten(path)}: unchanged, nothing to take out of ${runs}\n`);
    return found;
  }
  // The log of the old file holds what was written last.
  for (const log of ['-wal', '-shm']) rmSync(path + log, { force: true });
  renameSync(beside, path);
  io.writeOut(`${project.shorten(path)}: ${runs} rewritten\n`);
  io.writeTalk('  Backups and copies of the file still hold the old one. Revoke the secret.\n');
  return found;
}

function removeStore(path: string): void {
  for (const part of ['', '-wal', '-shm']) rmSync(path + part, { force: true });
}

function whatRemains(paths: readonly string[]): string {
  const [first = ''] = paths;
  return [
    '',
    'What remains:',
    '  1. Revoke the secret: everyone who had the old files has it.',
    `  2. If they were committed, the history of git still holds it: git log --all --oneline -- ${shellWord(first)}`,
    '     Rewrite it with git filter-repo (--replace-text with a file of values), push with force, and have every clone replaced.',
    '  3. Ask the host of the repository to drop cached views, pull requests and forks of the old commits.',
    '',
  ].join('\n');
}
