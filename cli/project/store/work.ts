// Takes over the stored runs that no process owns: in one pass, or until it is stopped.
import { RepriseError, explainError } from '../../../src/index.ts';
import type { AnyGraph, Run, WorkOptions } from '../../../src/index.ts';
import { jsonOf } from '../../../src/report/index.ts';
import { counted } from '../../terminal/words/counted.ts';
import type { CliIo, ExitCode } from '../../terminal/io.ts';
import type { LoadedConfig } from '../../../src/config.ts';
import { storedEngineOf } from './engine-of.ts';
import { leftOut } from './stranded-runs.ts';
import { nodesOnWorkers } from './on-workers.ts';

export interface WorkSetup {
  readonly graphs: readonly AnyGraph[];
  readonly store: string;
  readonly config: LoadedConfig;
  readonly lasts: 'one pass' | 'until stopped';
  readonly form: 'text' | 'json line';
  readonly build?: string;
  readonly maxRuns?: number;
  readonly maxRunsPerTenant?: number;
  readonly pollMs?: number;
  /** Tasks of these nodes are made, and no runs driven. */
  readonly tasks?: readonly string[];
  /** How many tasks of a graph are made at once. */
  readonly width?: number;
}

/** @throws RepriseError `usage` without graphs, and what the store throws */
export async function work(setup: WorkSetup, io: CliIo): Promise<ExitCode> {
  const { lasts } = setup;
  const graphs = setup.tasks === undefined ? setup.graphs : withTasks(setup.graphs, setup.tasks);
  if (setup.graphs.length === 0) {
    throw new RepriseError('usage', 'no graphs configured', {
      nextStep: 'List their modules in `graphs` of reprise.config.ts, or give --graph path/to/module.ts#export.',
    });
  }
  const names = graphs.map(({ name }) => name).join(', ');
  const report = new WorkReport(setup.form, io);
  const engines = graphs.map((graph) => storedEngineOf(graph, setup.store, setup.config));
  const closeAll = (): Promise<unknown> => Promise.all(engines.map((engine) => engine.close()));
  try {
    const workers = engines.map((engine, index) =>
      engine.work(
        setup.tasks === undefined
          ? workOptions(setup, report)
          : taskOptions(graphs[index] as AnyGraph, { ...setup, tasks: setup.tasks }, report),
      ),
    );
    // Closing releases the runs under way, so that another worker can take them over at once.
    const stopListening = io.onInterrupt(() => void closeAll());
    io.setActivity('working');
    if (lasts === 'until stopped') io.writeTalk(`reprise: working on ${names} until stopped\n`);
    await Promise.all(workers.map(({ done }) => done));
    stopListening();
  } finally {
    await closeAll();
  }
  if (lasts === 'until stopped') return 0;
  if (!report.isEmpty) return report.exitCode;
  const left = await leftOut(setup.store, graphs);
  io.writeTalk(
    `reprise: no run of ${names} can continue now; ${left ?? '`npx reprise list --paused` shows the runs that wait for an answer'}\n`,
  );
  return left === undefined ? 0 : 1;
}

function workOptions(setup: WorkSetup, report: WorkReport): WorkOptions {
  return {
    ...(setup.build === undefined ? {} : { build: setup.build }),
    ...(setup.maxRuns === undefined ? {} : { maxRuns: setup.maxRuns }),
    ...(setup.maxRunsPerTenant === undefined ? {} : { maxRunsPerTenant: setup.maxRunsPerTenant }),
    ...(setup.pollMs === undefined ? {} : { pollMs: setup.pollMs }),
    isOnce: setup.lasts === 'one pass',
    onRun: (run) => report.tellRun(run),
    onError: (error, runId) => report.tellError(error, runId),
  };
}

function taskOptions(
  graph: AnyGraph,
  { tasks, width, pollMs, build }: WorkSetup & { readonly tasks: readonly string[] },
  report: WorkReport,
): WorkOptions {
  const onWorkers = nodesOnWorkers(graph);
  return {
    tasks: tasks.filter((name) => onWorkers.includes(name)),
    ...(build === undefined ? {} : { build }),
    ...(width === undefined ? {} : { width }),
    ...(pollMs === undefined ? {} : { pollMs }),
    onError: (error, runId) => report.tellError(error, runId),
  };
}

/** The graphs that have any of these nodes. @throws RepriseError `usage` for a node that none of them has */
function withTasks(graphs: readonly AnyGraph[], tasks: readonly string[]): readonly AnyGraph[] {
  const known = graphs.flatMap(nodesOnWorkers);
  const unknown = tasks.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new RepriseError('usage', `no node ${JSON.stringify(unknown)} runs on workers`, {
      nextStep: known.length === 0 ? "Mark a node with `on: 'workers'`." : `Those that do: ${known.join(', ')}.`,
    });
  return graphs.filter((graph) => nodesOnWorkers(graph).some((name) => tasks.includes(name)));
}

/** Prints what the workers did, and remembers what the exit code depends on. */
class WorkReport {
  readonly #form: WorkSetup['form'];
  readonly #io: CliIo;
  #lineCount = 0;
  #failureCount = 0;

  constructor(form: WorkSetup['form'], io: CliIo) {
    this.#form = form;
    this.#io = io;
  }

  get isEmpty(): boolean {
    return this.#lineCount === 0;
  }

  get exitCode(): ExitCode {
    return this.#failureCount === 0 ? 0 : 1;
  }

  tellRun(run: Run<unknown>): void {
    this.#lineCount += 1;
    if (run.status === 'failed') this.#failureCount += 1;
    this.#io.writeOut(`${this.#form === 'text' ? textOf(run) : jsonLineOf(run)}\n`);
  }

  tellError(error: unknown, runId: string | undefined): void {
    this.#lineCount += 1;
    this.#failureCount += 1;
    const what = error instanceof RepriseError ? explainError(error) : String(error);
    this.#io.writeTalk(`reprise: ${runId === undefined ? '' : `run ${runId}: `}${what}\n`);
  }
}

function textOf(run: Run<unknown>): string {
  return `run ${run.id}: ${run.status} after ${counted(run.steps, 'step')}`;
}

function jsonLineOf(run: Run<unknown>): string {
  return JSON.stringify(JSON.parse(jsonOf({ version: 1, run: run.id, status: run.status, steps: run.steps })));
}
