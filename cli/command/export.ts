import { Option } from 'commander';
import type { Command } from 'commander';
import { RepriseError, explainError } from '../../src/index.ts';
import type { AnyGraph, RunStatus, RunStore } from '../../src/index.ts';
import { previewRedaction, saveRun } from '../../src/record/index.ts';
import { installPlaceholders, sealProcess } from '../../src/replay/index.ts';
import { openStore } from '../project/open-store.ts';
import { ExportedReplay } from '../project/exported-replay.ts';
import { KnownWays } from '../project/known-ways.ts';
import { graphAddress } from '../project/load-graph.ts';
import type { Project } from '../project/project.ts';
import { redactOf } from '../project/redact-of.ts';
import { runStatuses, storedRuns } from '../project/stored-runs.ts';
import { counted } from '../terminal/counted.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';
import { tellMayNotReplay } from '../terminal/may-not-replay.ts';
import { tellUnmatched } from '../terminal/unmatched-paths.ts';
import { startProgress } from '../terminal/progress.ts';
import type { Progress } from '../terminal/progress.ts';
import { timeBefore } from '../terminal/time-option.ts';
import { wholeNumber } from '../terminal/whole-number.ts';
import type { CliCommand, CommandContext } from './command.ts';
import { forceOutOption, noObservedOption, storeOption } from './shared-options.ts';
import { addLabel } from './term-options.ts';

interface ExportArguments {
  readonly out?: string;
  readonly preview?: boolean;
  readonly store?: string;
  readonly force?: boolean;
  readonly observed: boolean;
  readonly as?: string;
  readonly status?: RunStatus;
  readonly since?: number;
  readonly graph?: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly limit?: number;
  readonly newPaths?: boolean;
}

/** Without `--preview`, fixtures are written. */
type WritingArguments = ExportArguments & { readonly out: string };

export const exportCommand: CliCommand = { declare, run: exportStored };

function declare(command: Command): Command {
  return command
    .summary('Export stored runs to fixtures')
    .description('Export a stored run, or several, to redacted fixtures, and replay each where its code can be loaded.')
    .argument('[run-id]', 'Run to export')
    .option('--out <fixture>', 'Fixture file (.run.jsonl), or a folder to put <graph>/<run-id>.run.jsonl in')
    .option('--as <id>', 'ID of the run in the fixture, if its own must not stand there')
    .option('--preview', 'Write nothing: list what would be redacted by which rule, where and how often')
    .option(...storeOption)
    .addOption(new Option('--status <status>', 'Runs with this status').choices(runStatuses))
    .option('--since <time>', 'Runs whose last entry is not older: 30m, 24h, 7d, or a date', timeBefore)
    .option('--graph <graph>', 'Runs of this graph: its name, or path/to/module.ts#export')
    .option('--label <name=text>', 'Runs with this label; may be repeated', addLabel)
    .option('--limit <n>', 'Maximum number of fixtures to write (default: 100)', wholeNumber)
    .option('--new-paths', 'Only runs that go a way through their graph that no fixture in the folder goes')
    .option(...forceOutOption)
    .option(...noObservedOption)
    .addHelpText(
      'after',
      '\nExamples:\n  $ npx reprise export desk-1 --store runs.db --out fixtures/' +
        '\n  $ npx reprise export --status failed --since 24h --limit 20 --out fixtures/' +
        '\n  $ npx reprise export --new-paths --out fixtures/',
    );
}

async function exportStored(
  context: CommandContext,
  runId: string | undefined,
  given: ExportArguments,
): Promise<ExitCode> {
  if (given.preview === true && runId !== undefined) return preview(context, runId, given);
  const { out } = given;
  if (out === undefined || given.preview === true) {
    throw new RepriseError('usage', 'export needs `--out`, or a run and `--preview`', {
      nextStep: 'See `npx reprise export --help`.',
    });
  }
  return writeFixtures(context, runId, { ...given, out });
}

/** Lists what would be redacted, and never the values. */
async function preview({ io, openProject }: CommandContext, runId: string, given: ExportArguments): Promise<ExitCode> {
  const project = await openProject();
  const store = openStore(project.storePath(given.store), 'read');
  try {
    const places = await previewRedaction(store, runId, redactOf(project.config));
    const width = Math.max(0, ...places.map(({ rule }) => rule.length));
    for (const { rule, place, count } of places)
      io.writeOut(`${rule.padEnd(width)}  ${String(count).padStart(4)}  ${place}\n`);
    if (places.length === 0) io.writeOut('nothing to redact\n');
    return 0;
  } finally {
    await store.close();
  }
}

async function writeFixtures(
  { io, openProject }: CommandContext,
  runId: string | undefined,
  given: WritingArguments,
): Promise<ExitCode> {
  checkArguments(runId, given);
  // Before any module of the user is imported, the config included.
  using _sealed = sealProcess();
  const project = await openProject();
  const store = openStore(project.storePath(given.store), 'read');
  const progress = startProgress(io, `exporting ${runId ?? 'runs'}`);
  try {
    installPlaceholders(project.config.env);
    const named = await namedGraph(given, project);
    const exporting = new Exporting({ io, project, store, given, named, progress });
    return runId === undefined ? await exporting.many() : await exporting.one(runId);
  } finally {
    progress.done();
    await store.close();
  }
}

/** @throws RepriseError `usage` */
function checkArguments(runId: string | undefined, given: WritingArguments): void {
  const { status, since, label, limit, newPaths, graph } = given;
  const filters = [status, since, label, limit, newPaths].filter((value) => value !== undefined);
  if (runId !== undefined && filters.length > 0) {
    throw new RepriseError('usage', 'a run is named, and others are asked for', {
      nextStep: 'Leave out the run, or --status, --since, --label, --limit and --new-paths.',
    });
  }
  if (runId === undefined && given.as !== undefined) {
    throw new RepriseError('usage', 'several runs are asked for, and `--as` names one', {
      nextStep: 'Name the run: npx reprise export <run-id> --as <id> --out fixtures/',
    });
  }
  if (runId === undefined && filters.length === 0 && graph === undefined) {
    throw new RepriseError('usage', 'no run is named', {
      nextStep: 'Name one, or say which: npx reprise export --status failed --since 24h --out fixtures/',
    });
  }
  if (runId === undefined && /\.jsonl(\.zst)?$/.test(given.out)) {
    throw new RepriseError('usage', `--out ${given.out} is one file, and several runs are asked for`, {
      nextStep: 'Give a folder: --out fixtures/',
    });
  }
}

/** Its code, if the command line names it. */
async function namedGraph({ graph }: ExportArguments, project: Project): Promise<AnyGraph | undefined> {
  return graph === undefined || graphAddress(graph).kind === 'configured' ? undefined : project.loadGraph(graph);
}

interface ExportingSetup {
  readonly io: CliIo;
  readonly project: Project;
  readonly store: RunStore;
  readonly given: WritingArguments;
  readonly named: AnyGraph | undefined;
  readonly progress: Progress;
}

const limitDefault = 100;

class Exporting {
  readonly #setup: ExportingSetup;
  readonly #replays: ExportedReplay;
  /** Paths at which nothing stands in any of the runs so far. */
  #unmatched: readonly string[] | undefined;

  constructor(setup: ExportingSetup) {
    this.#setup = setup;
    this.#replays = new ExportedReplay(setup.project, setup.named, setup.given.graph);
  }

  async one(runId: string): Promise<ExitCode> {
    const { store, given } = this.#setup;
    await this.#export(runId, (await store.find(runId))?.graph ?? '', given.out);
    tellUnmatched(this.#unmatched ?? [], 'this run', this.#setup.io);
    return 0;
  }

  /** One run that cannot be exported does not stop the others. */
  async many(): Promise<ExitCode> {
    const { io, store, given, named, progress } = this.#setup;
    const { status, since, label, limit = limitDefault } = given;
    const out = /[/\\]$/.test(given.out) ? given.out : `${given.out}/`;
    const ways = given.newPaths === true ? new KnownWays(out) : undefined;
    const counts = { written: 0, there: 0, notKept: 0, known: 0, failed: 0 };
    for await (const run of storedRuns(store, { graph: named?.name ?? given.graph, status, label, since })) {
      if (counts.written >= limit) break;
      progress.note(run.runId);
      try {
        const found = await ways?.newIn(store, run);
        if (found?.length === 0) {
          counts.known += 1;
          continue;
        }
        await this.#export(run.runId, run.graph, out, found);
        ways?.add(run.graph, found ?? []);
        counts.written += 1;
      } catch (thrown) {
        if (!(thrown instanceof RepriseError)) throw thrown;
        if (thrown.code === 'file-exists') counts.there += 1;
        else if (thrown.code === 'run-not-kept') counts.notKept += 1;
        else {
          counts.failed += 1;
          progress.clear();
          io.writeTalk(`reprise: ${run.runId}: ${explainError(thrown)}\n`);
        }
      }
    }
    progress.clear();
    tellUnmatched(this.#unmatched ?? [], 'any of these runs', io);
    io.writeTalk(`${countsLine(counts)}\n`);
    return counts.failed > 0 ? 2 : 0;
  }

  async #export(runId: string, graph: string, out: string, ways?: readonly string[]): Promise<void> {
    const { io, project, store, given, progress } = this.#setup;
    const { force = false, observed, as } = given;
    const named = as === undefined ? {} : { as };
    const saved = await saveRun(store, runId, out, { force, observed, ...named, ...redactOf(project.config) });
    this.#unmatched = saved.unmatchedPaths.filter((one) => this.#unmatched?.includes(one) ?? true);
    const path = project.shorten(saved.path);
    const verdict = await this.#replays.verdict(saved.path, graph);
    progress.clear();
    const found = ways === undefined ? '' : `; new: ${ways.join(', ')}`;
    io.writeOut(`${path}: ${verdict}${found}\n`);
    if (verdict === 'replays') return;
    tellMayNotReplay(saved.mayNotReplay, path, io);
    io.writeTalk(this.#replays.nextStep(path));
  }
}

interface Counts {
  readonly written: number;
  /** Their files were there. */
  readonly there: number;
  readonly notKept: number;
  /** Their ways are those of other fixtures. */
  readonly known: number;
  readonly failed: number;
}

function countsLine({ written, there, notKept, known, failed }: Counts): string {
  return [
    `${counted(written, 'fixture')} written`,
    ...(there === 0 ? [] : [`${there} there already (--force replaces them)`]),
    ...(known === 0 ? [] : [`${counted(known, 'run')} without a new way`]),
    ...(notKept === 0 ? [] : [`${counted(notKept, 'run')} not recorded`]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
  ].join(', ');
}
