import { existsSync, writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { RepriseError } from '../../../src/index.ts';
import { installPlaceholders, sealProcess } from '../../../src/replay/index.ts';
import { divergenceSentence, jsonOf, replayText } from '../../../src/report/index.ts';
import { shrinkFixture } from '../../../src/update/index.ts';
import type { ShrunkFixture } from '../../../src/update/index.ts';
import { comparisonIn } from '../../project/store/engine-of.ts';
import { graphMakerOf } from '../../project/graph-of-fixture.ts';
import { redactOf } from '../../project/redact-of.ts';
import { shrunkTestText } from '../../project/shrunk-test.ts';
import type { ExitCode } from '../../terminal/io.ts';
import { startProgress } from '../../terminal/progress.ts';
import { shellOption, shellWord } from '../../terminal/words/shell-word.ts';
import type { CliCommand, CommandContext } from '../command.ts';
import { atLeastOne, graphOption } from '../shared-options.ts';

interface ShrinkArguments {
  readonly graph?: string;
  readonly out?: string;
  readonly tries?: number;
  readonly json?: boolean;
}

export const shrinkCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Cut a failing fixture down to a small one')
      .description(
        'Cut a fixture that diverges down to a small one that diverges in the same way, with a test for vitest.',
      )
      .argument('<fixture>', 'A recorded run')
      .option(...graphOption)
      .option('--out <fixture>', 'The small fixture (default: <name>.shrunk.run.jsonl beside the given one)')
      .option('--tries <number>', 'How many smaller runs to try (default: 1000)', atLeastOne)
      .option('--json', 'Print the result as JSON')
      .addHelpText('after', '\nExample:\n  $ npx reprise shrink fixtures/desk/desk-1.run.jsonl'),
  run: shrink,
};

const ending = /\.(?:run\.)?jsonl(?:\.zst)?$/;

async function shrink({ io, openProject }: CommandContext, fixture: string, given: ShrinkArguments): Promise<ExitCode> {
  // Before any module of the user is imported, the config included.
  using _sealed = sealProcess();
  const project = await openProject();
  const [path, ...others] = project.fixturePaths([fixture]);
  if (path === undefined || others.length > 0) {
    throw new RepriseError('usage', `shrink takes one fixture, but ${1 + others.length} are named`, {
      nextStep: 'Name a single fixture.',
    });
  }
  const out = outOf(path, given.out, io.cwd);
  const test = out.replace(ending, '.test.ts');
  for (const file of [out, test]) if (existsSync(file)) throw existing(project.shorten(file));
  installPlaceholders(project.config.env);
  const progress = startProgress(io, 'shrinking');
  progress.note(project.shorten(path));
  let shrunk: ShrunkFixture;
  try {
    const { tries } = given;
    shrunk = await shrinkFixture(await graphMakerOf(path, given.graph, project), path, out, {
      ...redactOf(project.config),
      ...comparisonIn(project.config),
      ...(tries === undefined ? {} : { maxTries: tries }),
    });
  } finally {
    progress.done();
  }
  const { before, after, isAtLimit, report } = shrunk;
  const written = project.shorten(out);
  const source = await project.sourceOfRun(report.graph, given.graph);
  const first = report.divergences.find(({ kind }) => kind !== 'graph');
  const sentence = first === undefined ? 'The run diverges.' : divergenceSentence(first);
  if (source !== undefined)
    writeFileSync(test, shrunkTestText(test, { fixture: out, given: path, sentence }, source), { flag: 'wx' });
  if (given.json === true) {
    const files = {
      fixture: project.shorten(path),
      written,
      ...(source === undefined ? {} : { test: project.shorten(test) }),
    };
    io.writeOut(`${jsonOf({ ...shrunk, ...files, report: { ...report, fixture: written } })}\n`);
    return 0;
  }
  io.writeOut(
    `${replayText({ ...report, fixture: written }, undefined, undefined, { graph: given.graph })}\n${sizesText(before, after)}`,
  );
  if (isAtLimit) io.writeTalk('  next: it may become smaller still: name more with --tries\n');
  io.writeTalk(`written: ${written}${source === undefined ? '' : ` and ${project.shorten(test)}`}\n`);
  io.writeTalk(`  next: npx reprise replay ${shellWord(written)}${shellOption('--graph', given.graph)}\n`);
  return 0;
}

function sizesText(before: ShrunkFixture['before'], after: ShrunkFixture['after']): string {
  const names = { steps: 'steps', tasks: 'tasks', effects: 'effects', chunks: 'chunks', length: 'characters' } as const;
  const parts = (Object.keys(names) as (keyof typeof names)[])
    .filter((name) => before[name] > 0)
    .map((name) => `${before[name]} to ${after[name]} ${names[name]}`);
  return `shrunk: ${parts.join(', ')}\n`;
}

/** @throws RepriseError `usage` */
function outOf(path: string, given: string | undefined, cwd: string): string {
  const out = given === undefined ? path.replace(ending, '.shrunk.run.jsonl') : resolve(cwd, given);
  if (ending.test(out)) return out;
  throw new RepriseError('usage', `${relative(cwd, out)} is not the name of a fixture`, {
    nextStep: 'Name a file that ends in .run.jsonl.',
  });
}

function existing(path: string): RepriseError {
  return new RepriseError('file-exists', `${path} already exists`, {
    nextStep: 'Choose another file with --out: nothing is overwritten.',
    fields: { path },
  });
}
