import { explainError } from '../src/index.ts';
import type { Run } from '../src/index.ts';
import { jsonOf } from '../src/report/index.ts';
import type { CliIo, ExitCode } from './io.ts';
import { shellOption, shellWord } from './shell-word.ts';

interface ReportRunOptions {
  readonly isJson: boolean;
  readonly store: string;
  /** The graph as it was named on the command line. */
  readonly graph: string;
}

/** Says how a run of a store ended: the result on stdout, what to do next as talk. */
export function reportRun(run: Run<unknown>, options: ReportRunOptions, io: CliIo): ExitCode {
  const { isJson, store, graph } = options;
  const steps = `${run.steps} ${run.steps === 1 ? 'step' : 'steps'}`;
  const result = isJson ? jsonOf(resultOf(run)) : `run ${run.id}: ${run.status} after ${steps}\n${jsonOf(run.state)}`;
  io.writeOut(`${result}\n`);
  const named = `${shellWord(run.id)}${shellOption('--store', store)}`;
  const code = reportEnd(run, `reprise show ${named}`, io);
  if (run.status !== 'interrupted') return code;
  const resume = `reprise resume ${named}${shellOption('--graph', graph)}`;
  io.writeTalk(`reprise: run ${run.id} was interrupted; what it had committed is kept\n  next: ${resume}\n`);
  return 130;
}

/** What was noticed in a run, and why it failed if it did. `show` is the command that shows it. */
export function reportEnd(run: Run<unknown>, show: string, io: CliIo): ExitCode {
  for (const note of run.notes) io.writeTalk(`note: ${note.kind} in ${note.at} ("${note.node}"): ${note.message}\n`);
  if (run.status === 'failed') io.writeTalk(`reprise: ${explainError(run.error)}\n  run:  ${show}\n`);
  return run.status === 'done' ? 0 : 1;
}

function resultOf(run: Run<unknown>): object {
  const base = { version: 1, run: run.id, status: run.status, steps: run.steps, state: run.state, notes: run.notes };
  return run.status === 'failed'
    ? { ...base, error: { code: run.error.code, message: run.error.message, fields: run.error.fields } }
    : base;
}
