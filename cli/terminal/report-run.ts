import { explainError } from '../../src/index.ts';
import type { Run } from '../../src/index.ts';
import { jsonOf, timeText } from '../../src/report/index.ts';
import type { CliIo, ExitCode } from './io.ts';
import { shellOption, shellWord } from './shell-word.ts';

/** `json line`: on one line, behind others that are a line each. */
export type ReportForm = 'text' | 'json' | 'json line';

interface ReportRunOptions {
  readonly form: ReportForm;
  readonly store: string;
  /** The graph as it was named on the command line. */
  readonly graph: string;
}

/** Says how a run of a store ended: the result on stdout, what to do next as talk. */
export function reportRun(run: Run<unknown>, options: ReportRunOptions, io: CliIo): ExitCode {
  const { form, store, graph } = options;
  io.writeOut(`${resultText(run, form)}\n`);
  const named = `${shellWord(run.id)}${shellOption('--store', store)}`;
  const code = reportEnd(run, `reprise show ${named}`, io);
  if (run.status === 'paused') {
    reportPause(run, named, graph, io);
    return 0;
  }
  if (run.status !== 'interrupted') return code;
  const resume = `reprise resume ${named}${shellOption('--graph', graph)}`;
  io.writeTalk(`reprise: run ${run.id} was interrupted; what it had committed is kept\n  next: ${resume}\n`);
  return 130;
}

function resultText(run: Run<unknown>, form: ReportForm): string {
  const steps = `${run.steps} ${run.steps === 1 ? 'step' : 'steps'}`;
  switch (form) {
    case 'text':
      return `run ${run.id}: ${run.status} after ${steps}\n${jsonOf(run.state)}`;
    case 'json':
      return jsonOf(resultOf(run));
    case 'json line':
      return JSON.stringify({ kind: 'done', ...JSON.parse(jsonOf(resultOf(run))) });
  }
}

function reportPause(run: Run<unknown> & { readonly status: 'paused' }, named: string, graph: string, io: CliIo): void {
  for (const { key, node, question } of run.questions)
    io.writeTalk(`question ${key} of "${node}": ${jsonOf(question)}\n`);
  if (run.questions.length === 0 && run.wakeAt !== undefined) {
    io.writeTalk(
      `reprise: run ${run.id} waits until ${timeText(run.wakeAt)}\n  next: reprise work goes on with it then, reprise resume ${named}${shellOption('--graph', graph)} at once\n`,
    );
    return;
  }
  const [first, ...others] = run.questions;
  const answer =
    first === undefined
      ? ''
      : others.length === 0
        ? ' --answer <json>'
        : ` --answers ${shellWord(JSON.stringify(Object.fromEntries(run.questions.map(({ key }) => [key, '…']))))}`;
  io.writeTalk(
    `reprise: run ${run.id} is paused\n  next: reprise resume ${named}${shellOption('--graph', graph)}${answer}\n`,
  );
}

/** What was noticed in a run, and why it failed if it did. `show` is the command that shows it. */
export function reportEnd(run: Run<unknown>, show: string, io: CliIo): ExitCode {
  for (const note of run.notes) io.writeTalk(`note: ${note.kind} in ${note.at} ("${note.node}"): ${note.message}\n`);
  if (run.status === 'failed') io.writeTalk(`reprise: ${explainError(run.error)}\n  run:  ${show}\n`);
  return run.status === 'done' ? 0 : 1;
}

function resultOf(run: Run<unknown>): object {
  const base = { version: 1, run: run.id, status: run.status, steps: run.steps, state: run.state, notes: run.notes };
  if (run.status === 'paused')
    return { ...base, questions: run.questions, ...(run.wakeAt === undefined ? {} : { wakeAt: run.wakeAt }) };
  return run.status === 'failed'
    ? { ...base, error: { code: run.error.code, message: run.error.message, fields: run.error.fields } }
    : base;
}
