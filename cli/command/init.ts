import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fixtureFolder, recordRun } from '../../src/record/index.ts';
import { findProject } from '../project/init/found-project.ts';
import type { FoundGraph, FoundProject } from '../project/init/found-project.ts';
import { planFiles, usesVitest } from '../project/init/planned-files.ts';
import type { InitChoices, Plan, PlannedFile } from '../project/init/planned-files.ts';
import { graphOfModule } from '../project/load-graph.ts';
import { Questions } from '../terminal/words/questions.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';
import type { CliCommand, CommandContext } from './command.ts';

interface InitArguments {
  readonly graphs?: readonly string[];
  readonly ci: boolean;
  readonly yes?: boolean;
}

export const initCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Set a project up')
      .description(
        'Write a config, a first test, the lines for Git and a CI workflow, from what the project has. Files that exist are kept.',
      )
      .option('--graphs <globs...>', 'Modules with graphs (default: those that are found)')
      .option('--no-ci', 'Write no workflow for CI')
      .option('--yes', 'Ask nothing')
      .addHelpText(
        'after',
        "\nExamples:\n  $ npx reprise init\n  $ npx reprise init --graphs 'src/graphs/*.ts' --no-ci --yes",
      ),
  run: init,
};

async function init({ io }: CommandContext, given: InitArguments): Promise<ExitCode> {
  const project = findProject(io.cwd);
  const { files, example, unsure } = await planFiles(project, await choicesOf(given, project, io));
  for (const file of files) io.writeOut(`${write(file, io.cwd).padEnd(9)}${file.path}\n`);
  if (example !== undefined) await recordExample(example, io);
  io.writeTalk(
    nextSteps(project, { example, unsure })
      .map((step) => `  next: ${step}\n`)
      .join(''),
  );
  return 0;
}

/** Asks a person at a terminal, unless the command line says it already. */
async function choicesOf(given: InitArguments, project: FoundProject, io: CliIo): Promise<InitChoices> {
  const { graphs, ci } = given;
  const choices: InitChoices = { ci, ...(graphs === undefined ? {} : { graphs }) };
  if (given.yes === true || !io.isTty || !process.stdin.isTTY) return choices;
  using questions = new Questions();
  const found = project.graphs.map(({ path }) => path).join(' ');
  const answered =
    graphs ?? (await questions.text('Modules with graphs, separated by spaces', found)).split(' ').filter(Boolean);
  return {
    ci: ci && project.otherCi === undefined && (await questions.isYes('Write a workflow for GitHub that replays')),
    ...(answered.join(' ') === found ? {} : { graphs: answered }),
  };
}

type Done = 'wrote' | 'kept' | 'added to';

function write({ path, text, unless, added }: PlannedFile, folder: string): Done {
  const target = join(folder, path);
  if (!existsSync(target)) {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text, { flag: 'wx' });
    return 'wrote';
  }
  if (unless === undefined || added === undefined) return 'kept';
  const before = readFileSync(target, 'utf8');
  if (unless.test(before)) return 'kept';
  appendFileSync(target, before === '' || before.endsWith('\n') ? added : `\n${added}`);
  return 'added to';
}

/** Its answers are made up, so that it needs nobody. */
async function recordExample({ path, exported }: FoundGraph, io: CliIo): Promise<void> {
  const graph = await graphOfModule(join(io.cwd, path), exported);
  const out = `${join(io.cwd, 'fixtures')}/`;
  if (existsSync(join(out, 'hello/hello-1.run.jsonl'))) return;
  await recordRun(graph, { name: 'world' }, { runId: 'hello-1', seed: 'hello', out });
  io.writeOut(`${'wrote'.padEnd(9)}fixtures/hello/hello-1.run.jsonl\n`);
}

function nextSteps(project: FoundProject, { example, unsure }: Omit<Plan, 'files'>): readonly string[] {
  const missing = ['better-sqlite3', ...(usesVitest(project) ? ['vitest'] : [])].filter(
    (name) => !project.packages.has(name),
  );
  const [graph] = project.graphs;
  const isRecorded = graph !== undefined && existsSync(fixtureFolder(join(project.folder, 'fixtures'), graph.name));
  return [
    ...(project.graphs.some(({ isModule }) => !isModule)
      ? ['make ES modules of the files of your graphs: npm pkg set type=module']
      : []),
    ...(missing.length === 0 ? [] : [`npm install --save-dev ${missing.join(' ')}`]),
    ...(unsure === undefined ? [] : [stepOf(unsure)]),
    "let git show runs in its diffs: git config diff.reprise.textconv 'npx reprise show --plain'",
    ...(project.otherCi === undefined ? [] : [`add a step to ${project.otherCi}: npx reprise replay`]),
    example === undefined && graph !== undefined && !isRecorded
      ? `record a run: npx reprise record ${graph.name} --input <json> --out fixtures/`
      : 'npx reprise replay',
  ];
}

/** A test that nobody runs is green for ever. */
function stepOf({ tests, config, areLeftOut }: NonNullable<Plan['unsure']>): string {
  const paths = tests.join(' ');
  return areLeftOut
    ? `vitest does not run ${paths}: let test.include of ${config} match it, or replay with npx reprise replay`
    : `see that vitest runs ${paths}, by test.include of ${config}: npx vitest list --filesOnly`;
}
