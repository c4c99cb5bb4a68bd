// Drives the runs of several graphs that nobody else drives: one round, or until it is stopped.
import { RepriseError, explainError } from '../../src/index.ts';
import type { AnyGraph, Run } from '../../src/index.ts';
import { jsonOf } from '../../src/report/index.ts';
import type { LoadedConfig } from './config.ts';
import { engineOf } from './engine-of.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';

export interface WorkSetup {
  readonly graphs: readonly AnyGraph[];
  readonly store: string;
  readonly config: LoadedConfig;
  readonly isOnce: boolean;
  readonly isJson: boolean;
  readonly maxRuns?: number;
  readonly pollMs?: number;
}

/** @throws RepriseError `usage` */
export async function work(setup: WorkSetup, io: CliIo): Promise<ExitCode> {
  const { graphs, store, config, isOnce } = setup;
  if (graphs.length === 0) {
    throw new RepriseError('usage', 'no graph is known whose runs could be gone on with', {
      nextStep: 'Name the modules in `graphs` of reprise.config.ts, or give --graph path/to/module.ts#export.',
    });
  }
  let code: ExitCode = 0;
  let isIdle = true;
  const failed = (): void => {
    code = 1;
  };
  const engines = graphs.map((graph) => engineOf(graph, store, config));
  try {
    const workers = engines.map((engine) =>
      engine.work({
        ...(setup.maxRuns === undefined ? {} : { maxRuns: setup.maxRuns }),
        ...(setup.pollMs === undefined ? {} : { pollMs: setup.pollMs }),
        isOnce,
        onRun: (run) => {
          isIdle = false;
          io.writeOut(`${setup.isJson ? JSON.stringify(JSON.parse(jsonOf(lineOf(run)))) : textOf(run)}\n`);
          if (run.status === 'failed') failed();
        },
        onError: (error, runId) => {
          isIdle = false;
          io.writeTalk(
            `reprise: ${runId === undefined ? '' : `run ${runId}: `}${error instanceof RepriseError ? explainError(error) : String(error)}\n`,
          );
          failed();
        },
      }),
    );
    const stop = (): void => {
      // What is under way is given back, for whoever comes next.
      for (const engine of engines) void engine.close();
    };
    const stopListening = io.onInterrupt(stop);
    io.setActivity('working');
    const names = graphs.map(({ name }) => name).join(', ');
    if (!isOnce) io.writeTalk(`reprise: working on ${names}, until stopped\n`);
    await Promise.all(workers.map(({ done }) => done));
    stopListening();
    if (isOnce && isIdle)
      io.writeTalk(
        `reprise: no run of ${names} can go on now; \`reprise list --paused\` shows those that wait for an answer\n`,
      );
  } finally {
    await Promise.all(engines.map((engine) => engine.close()));
  }
  return isOnce ? code : 0;
}

function textOf(run: Run<unknown>): string {
  const steps = `${run.steps} ${run.steps === 1 ? 'step' : 'steps'}`;
  return `run ${run.id}: ${run.status} after ${steps}`;
}

function lineOf(run: Run<unknown>): object {
  return { version: 1, run: run.id, status: run.status, steps: run.steps };
}
