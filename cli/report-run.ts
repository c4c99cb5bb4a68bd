import type { Run } from '../src/index.ts';
import { jsonOf } from '../src/report/index.ts';
import type { CliIo, ExitCode } from './io.ts';

interface ReportRunOptions {
  readonly isJson: boolean;
  readonly store: string;
  /** The graph as it was named on the command line. */
  readonly graph: string;
}

/** Says how a run ended: the result on stdout, what to do next as talk. */
export function reportRun(run: Run<unknown>, options: ReportRunOptions, io: CliIo): ExitCode {
  if (options.isJson) io.writeOut(`${jsonOf(resultOf(run))}\n`);
  else
    io.writeOut(
      `run ${run.id}: ${run.status} after ${run.steps} ${run.steps === 1 ? 'step' : 'steps'}\n${jsonOf(run.state)}\n`,
    );
  for (const note of run.notes) io.writeTalk(`note: ${note.kind} in ${note.at} ("${note.node}"): ${note.message}\n`);
  switch (run.status) {
    case 'done':
      return 0;
    case 'failed':
      io.writeTalk(
        `reprise: ${run.error.message} [${run.error.code}]\n  next: reprise show ${run.id} --store ${options.store}\n`,
      );
      return 1;
    case 'cancelled':
      return 1;
    case 'interrupted':
      io.writeTalk(
        `reprise: run ${run.id} was interrupted; what it had committed is kept\n  next: reprise resume ${run.id} --graph ${options.graph} --store ${options.store}\n`,
      );
      return 130;
  }
}

function resultOf(run: Run<unknown>): object {
  const base = { version: 1, run: run.id, status: run.status, steps: run.steps, state: run.state, notes: run.notes };
  return run.status === 'failed'
    ? { ...base, error: { code: run.error.code, message: run.error.message, fields: run.error.fields } }
    : base;
}
