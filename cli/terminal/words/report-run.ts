import { explainError } from '../../../src/index.ts';
import type { Run } from '../../../src/index.ts';
import { causesBelow, jsonOf, placeOfError, questionText, signalsText, timeText } from '../../../src/report/index.ts';
import { counted } from './counted.ts';
import type { CliIo, ExitCode } from '../io.ts';
import { shellOption, shellWord } from './shell-word.ts';

/** `json line`: on one line, like the items of a stream before it. */
export type ReportForm = 'text' | 'json' | 'json line';

interface ReportRunOptions {
  readonly form: ReportForm;
  readonly store: string;
  /** The graph as it was named on the command line. */
  readonly graph: string;
}

/** Prints how a run in a store ended, and as talk what to do next. */
export function reportRun(run: Run<unknown>, options: ReportRunOptions, io: CliIo): ExitCode {
  io.writeOut(`${resultText(run, options.form)}\n`);
  const named = `${shellWord(run.id)}${shellOption('--store', options.store)}`;
  const resume = `npx reprise resume ${named}${shellOption('--graph', options.graph)}`;
  const code = reportEnd(run, `npx reprise show ${named}`, io);
  switch (run.status) {
    case 'paused':
      reportPause(run, { resume, send: `npx reprise send ${named}` }, io);
      return 0;
    case 'interrupted':
      io.writeTalk(`reprise: run ${run.id} was interrupted; its committed steps are kept\n  next: ${resume}\n`);
      return 130;
    default:
      return code;
  }
}

/**
 * Prints as talk what was noticed in a run, and why it failed if it did. `show` is the command that shows the run.
 * `isVerified`: it was seen to replay, whatever was noticed.
 */
export function reportEnd(
  run: Run<unknown>,
  show: string,
  io: CliIo,
  { isVerified = false }: { readonly isVerified?: boolean } = {},
): ExitCode {
  for (const { kind, at, node, message } of run.notes) {
    const where = `${at === '' ? '' : ` in ${at}`}${node === '' ? '' : ` ("${node}")`}`;
    const doubt = kind === 'unrecorded' && !isVerified ? '; may not replay because of this' : '';
    io.writeTalk(`note: ${kind}${where}: ${message}${doubt}\n`);
  }
  if (run.status === 'failed') {
    const place = placeOfError(run.error);
    const at = place === undefined ? '' : `  at:   ${place}\n`;
    const below = causesBelow(run.error).map((cause) => `  cause: ${cause}\n`);
    io.writeTalk(`reprise: ${explainError(run.error)}\n${below.join('')}${at}  run:  ${show}\n`);
  }
  return run.status === 'done' ? 0 : 1;
}

type PausedRun = Run<unknown> & { readonly status: 'paused' };

interface PauseCommands {
  /** Resumes the run. */
  readonly resume: string;
  /** Sends it a signal, without the name. */
  readonly send: string;
}

function reportPause(run: PausedRun, { resume, send }: PauseCommands, io: CliIo): void {
  const { questions, signals = [], wakeAt } = run;
  const [signal] = signals;
  for (const question of questions) io.writeTalk(`question ${questionText(run.id, question)}`);
  if (signals.length > 0) io.writeTalk(signalsText(run.id, signals));
  if (questions.length + signals.length === 0 && wakeAt !== undefined) {
    io.writeTalk(
      `reprise: run ${run.id} sleeps until ${timeText(wakeAt)}\n  next: \`npx reprise work\` resumes it then; to resume it now: ${resume}\n`,
    );
  } else if (questions.length === 0 && signal !== undefined) {
    // Before the signal comes there is nothing to resume.
    io.writeTalk(`reprise: run ${run.id} is paused\n  next: ${send} ${shellWord(signal)} <json>, then ${resume}\n`);
  } else io.writeTalk(`reprise: run ${run.id} is paused\n  next: ${resume}${answerOption(run)}\n`);
}

function answerOption({ questions }: PausedRun): string {
  if (questions.length === 0) return '';
  if (questions.length === 1) return ' --answer <json>';
  const answers = Object.fromEntries(questions.map(({ key }) => [key, '…']));
  return ` --answers ${shellWord(JSON.stringify(answers))}`;
}

function resultText(run: Run<unknown>, form: ReportForm): string {
  switch (form) {
    case 'text':
      return `run ${run.id}: ${run.status} after ${counted(run.steps, 'step')}\n${jsonOf(run.state)}`;
    case 'json':
      return jsonOf(resultOf(run));
    case 'json line':
      return JSON.stringify({ kind: 'done', ...JSON.parse(jsonOf(resultOf(run))) });
  }
}

function resultOf(run: Run<unknown>): object {
  const base = { version: 1, run: run.id, status: run.status, steps: run.steps, state: run.state, notes: run.notes };
  switch (run.status) {
    case 'paused':
      return {
        ...base,
        questions: run.questions,
        ...(run.signals === undefined ? {} : { signals: run.signals }),
        ...(run.wakeAt === undefined ? {} : { wakeAt: run.wakeAt }),
      };
    case 'failed':
      return { ...base, error: { code: run.error.code, message: run.error.message, fields: run.error.fields } };
    default:
      return base;
  }
}
