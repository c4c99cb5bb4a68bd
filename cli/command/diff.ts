import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { RepriseError } from '../../src/index.ts';
import { compareRuns } from '../../src/diff/index.ts';
import type { Comparison } from '../../src/diff/index.ts';
import { SharedLines } from '../../src/replay/index.ts';
import type { OpenRun } from '../../src/replay/index.ts';
import { briefReport, checkedOf, comparisonText, jsonOf, pageReport, printedJson } from '../../src/report/index.ts';
import type { Checked, PageRun } from '../../src/report/index.ts';
import { diffPlace } from '../project/diff-place.ts';
import type { DiffPlace } from '../project/diff-place.ts';
import { changedFixtures, mergeBase } from '../project/git-file.ts';
import { htmlOption, pageRunOf, wholeRun, writePage } from '../project/page.ts';
import type { Project } from '../project/project.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';
import { report, reporterOption } from '../terminal/reporter.ts';
import type { ReporterName } from '../terminal/reporter.ts';
import { shellOption, shellWord } from '../terminal/shell-word.ts';
import type { CliCommand, CommandContext } from './command.ts';
import { rawOption, storeOption } from './shared-options.ts';

interface DiffArguments {
  readonly store?: string;
  readonly json?: boolean;
  readonly raw?: boolean;
  readonly html?: string;
  readonly reporter?: ReporterName;
  readonly base?: string;
  readonly at?: string;
  readonly full?: boolean;
}

export const diffCommand: CliCommand = {
  declare: (command) =>
    command
      .summary('Compare two recorded runs')
      .description('Compare two recorded runs: where they diverge, and what follows from it. No code is run.')
      .argument('[a]', 'Fixture, ID of a stored run, or a fixture in git: HEAD:<path>')
      .argument('[b]', 'Fixture or run ID to compare it with')
      .option('--base <revision>', 'Compare every fixture that this branch has changed with what it was there')
      .option(...storeOption)
      .option('--at <address>', 'Only what differs at this step, task, attempt or effect, with that part of both runs')
      .option('--json', 'Print the comparison as JSON')
      .option('--full', 'With --json: all of it, however long')
      .option(...htmlOption)
      .addOption(reporterOption())
      .option(...rawOption)
      .addHelpText('after', '\nExample:\n  $ npx reprise diff fixtures/desk/desk-1.run.jsonl desk-2'),
  run: diff,
};

async function diff(
  context: CommandContext,
  a: string | undefined,
  b: string | undefined,
  given: DiffArguments,
): Promise<ExitCode> {
  const project = await context.openProject();
  if (given.base !== undefined && a === undefined) return await diffBase(given.base, project, given, context.io);
  if (a === undefined || b === undefined || given.base !== undefined) {
    throw new RepriseError('usage', 'diff takes two runs, or --base alone', {
      nextStep: 'Name two runs, or compare a branch: npx reprise diff --base origin/main',
    });
  }
  const store = project.storePath(given.store);
  const how = given.raw === true ? 'raw' : 'redacted';
  const comparison = await compared(project, [a, b], store, how);
  const reproduce = `npx reprise diff ${shellWord(a)} ${shellWord(b)}${shellOption('--store', given.store)}`;
  if (given.at !== undefined) {
    const runs = await shownRuns(project, [a, b], store, how, wholeRun);
    const place = diffPlace(given.at, comparison, runs, { names: [a, b], store: given.store });
    context.io.writeOut(given.json === true ? `${jsonOf(place)}\n` : placeText(place));
    return place.isSame ? 0 : 1;
  }
  const fixture = fixtureAt(a, context.io.cwd);
  const text = comparisonText(comparison, { recorded: a, replayed: b, reproduce, fixture });
  if (given.html !== undefined) {
    const runs = await shownRuns(project, [a, b], store, how);
    const shown = pageReport(comparison, { text, isGood: comparison.verdict === 'same', fixture });
    writePage(given.html, { version: 1, title: `${a} and ${b}`, runs, report: shown }, context.io.cwd);
    context.io.writeTalk(`written: ${given.html}\n`);
  }
  if (given.reporter !== undefined) {
    const checked = checkedOf({ name: b, graph: a, text }, comparison, comparison.verdict === 'same');
    report(given.reporter, 'diff', [checked], context.io);
    return comparison.verdict === 'same' ? 0 : 1;
  }
  if (given.json !== true) context.io.writeOut(text);
  else {
    const whole = { version: 1, recorded: a, replayed: b, ...comparison, ...nextOf(comparison, reproduce) };
    context.io.writeOut(
      `${given.full === true ? jsonOf(whole) : printedJson(briefReport(whole, `${reproduce} --json --full`))}\n`,
    );
  }
  return comparison.verdict === 'same' ? 0 : 1;
}

/** Only the first run can be a fixture in which the difference is to be accepted: the other one is what it became. */
function fixtureAt(name: string, cwd: string): { readonly fixture: string } | undefined {
  return existsSync(resolve(cwd, name)) ? { fixture: name } : undefined;
}

/** The command that shows the place of the first cause in both runs. */
function nextOf({ divergences, roots }: Comparison, reproduce: string): { readonly next?: readonly string[] } {
  const root = roots.find(({ place }) => divergences[place]?.kind !== 'graph') ?? roots[0];
  const first = root === undefined ? undefined : divergences[root.place];
  if (first === undefined || first.at === '') return {};
  return { next: [`${reproduce} --at ${shellWord(first.address ?? first.at)} --json`] };
}

function placeText({ at, divergences, isSame, recorded, replayed, next }: DiffPlace): string {
  const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value, null, 2));
  return [
    ...(divergences.length > 0
      ? divergences.map(({ sentence }) => sentence)
      : [isSame ? `nothing differs at ${at}` : `what differs at ${at} began to differ before it, or is not compared`]),
    '',
    `recorded ${shown(recorded)}`,
    `replayed ${shown(replayed)}`,
    ...next.map((command) => `next: ${command}`),
    '',
  ].join('\n');
}

async function shownRuns(
  project: Project,
  names: readonly [string, string],
  store: string,
  how: 'raw' | 'redacted',
  options?: typeof wholeRun,
): Promise<readonly [PageRun, PageRun]> {
  return await withBoth(
    project,
    names,
    store,
    how,
    async (recorded, replayed) =>
      [await pageRunOf(recorded, names[0], options), await pageRunOf(replayed, names[1], options)] as const,
  );
}

/** What a branch does to the fixtures, one paragraph each. It ends with 0: a change of a fixture is no fault. */
async function diffBase(base: string, project: Project, given: DiffArguments, io: CliIo): Promise<ExitCode> {
  const { cwd } = io;
  const store = project.storePath(given.store);
  const from = mergeBase(base, cwd);
  const found: Checked[] = [];
  for (const { change, path } of changedFixtures(base, cwd)) {
    if (change === 'removed') {
      found.push({ name: path, graph: '', verdict: change, outcome: 'passed', text: `${path}: removed\n` });
      continue;
    }
    const others = await othersThanProduction(project, path, store);
    if (change === 'added') {
      found.push({ name: path, graph: '', verdict: change, outcome: 'passed', text: `${path}: added\n${others}` });
      continue;
    }
    const names: readonly [string, string] = [`${from}:${path}`, path];
    const comparison = await compared(project, names, store, 'redacted');
    const reproduce = `npx reprise diff ${shellWord(`${base}:${path}`)} ${shellWord(path)}`;
    const text = comparisonText(comparison, { recorded: `${base}:${path}`, replayed: path, reproduce });
    const isSame = comparison.verdict === 'same';
    found.push(checkedOf({ name: path, graph: '', text: text + others }, comparison, isSame));
  }
  if (given.reporter !== undefined) report(given.reporter, `diff --base ${base}`, found, io);
  else if (given.json === true) io.writeOut(`${jsonOf({ version: 1, base, fixtures: found })}\n`);
  else io.writeOut(found.map(({ text }) => text).join('\n') || `no fixture differs from ${base}\n`);
  return 0;
}

/** How many effects are not from production, and where they are from. */
async function othersThanProduction(project: Project, path: string, store: string): Promise<string> {
  const opened = await project.openRun(path, store);
  try {
    const counts = new Map<string, number>();
    for await (const { entries } of opened.steps)
      for (const entry of entries) {
        if (entry.kind !== 'effect') continue;
        const source = entry.observed.source ?? opened.run.observed.source ?? 'unknown';
        if (source !== 'production') counts.set(source, (counts.get(source) ?? 0) + 1);
      }
    const words = [...counts].map(([source, count]) => `${count} from ${source}`);
    return words.length === 0 ? '' : `  effects that are not from production: ${words.join(', ')}\n`;
  } finally {
    opened.close();
  }
}

async function compared(
  project: Project,
  names: readonly [string, string],
  store: string,
  how: 'raw' | 'redacted',
): Promise<Comparison> {
  return await withBoth(project, names, store, how, compareRuns, new SharedLines());
}

/** Both runs, open. They can be read only once. */
async function withBoth<Result>(
  project: Project,
  [a, b]: readonly [string, string],
  store: string,
  how: 'raw' | 'redacted',
  use: (recorded: OpenRun, replayed: OpenRun) => Promise<Result>,
  shared?: SharedLines,
): Promise<Result> {
  const recorded = await project.openRun(a, store, how, shared);
  try {
    const replayed = await project.openRun(b, store, how, shared);
    try {
      return await use(recorded, replayed);
    } finally {
      replayed.close();
    }
  } finally {
    recorded.close();
  }
}
