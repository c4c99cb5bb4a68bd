// What people and other programs send to a run through this engine. A run that is driven here gets it at once.
import type { AnyRun } from '../../graph/types/run-types.ts';
import type { Question } from '../../journal/step/question.ts';
import { checkQuestionName } from '../options/message-options.ts';
import type { ResumeOptions } from '../options/run-options.ts';
import { withAnswersKept } from '../rules/engine-errors.ts';
import type { RunInbox } from '../run/run-inbox.ts';
import { sendAnswers } from '../stored/answers.ts';
import type { GivenAnswer, SentAnswer } from '../stored/answers.ts';
import { foldRun } from '../stored/fold-run.ts';
import { ResumeFold } from '../stored/resume/resume-fold.ts';
import { sendSignal } from '../stored/send-signal.ts';
import type { ActiveRun } from './active-runs.ts';
import type { RunContext } from './host-ports.ts';
import { answersOf, checkResumable } from './resume-run.ts';
import { timeNow } from './store-clock.ts';

/** A run that was answered. */
export type Answered = Pick<ActiveRun, 'result' | 'questions'>;

export class RunMessages {
  readonly #context: RunContext;
  /** That of a run which is driven here. */
  readonly #inboxOf: (runId: string) => RunInbox | undefined;

  constructor(context: RunContext, inboxOf: (runId: string) => RunInbox | undefined) {
    this.#context = context;
    this.#inboxOf = inboxOf;
  }

  async answer(runId: string, keyOrId: string | undefined, value: unknown): Promise<Question> {
    checkQuestionName(keyOrId);
    const { store, clock } = this.#context.ports;
    const [sent] = await sendAnswers(store, runId, [{ keyOrId, value }], () => timeNow(clock));
    await this.#inboxOf(runId)?.look();
    return (sent as SentAnswer).question;
  }

  async send(runId: string, name: string, value: unknown): Promise<void> {
    const { store, clock } = this.#context.ports;
    await sendSignal(store, runId, { name, value }, () => timeNow(clock));
    await this.#inboxOf(runId)?.look();
  }

  /**
   * Sends the answers that a resume is given, and returns the numbers of their messages. They are bound to what is open
   * now, whatever the resume has to wait for. Undefined if there are none: then the resume takes its turn at once.
   *
   * @throws like `resumeRun`, and RepriseError `question-unknown`, `question-answered`, `question-expired`, `unstorable`
   */
  answerBeforeResume(runId: string, options: ResumeOptions): Promise<readonly number[]> | undefined {
    const given = answersOf(options);
    return given.length === 0 ? undefined : this.#answerAll(runId, given, options);
  }

  async #answerAll(runId: string, given: readonly GivenAnswer[], options: ResumeOptions): Promise<readonly number[]> {
    const { graph, ports } = this.#context;
    const fold = new ResumeFold();
    await foldRun(ports.store, runId, fold);
    checkResumable(runId, fold, graph, options);
    const sent = await sendAnswers(ports.store, runId, given, () => timeNow(ports.clock));
    await this.#inboxOf(runId)?.look();
    return sent.map(({ number }) => number);
  }

  async areTaken(runId: string, answers: readonly number[]): Promise<boolean> {
    const { messages } = await this.#context.ports.store.inbox(runId);
    return messages.every(({ number }) => !answers.includes(number));
  }
}

/** The result of a run for the caller that answered. It learns if its answer did not fit, while the question is open. */
export async function resultFor({ result, questions }: Answered, answers: readonly number[]): Promise<AnyRun> {
  const run = await result.catch((thrown: unknown) => {
    throw withAnswersKept(thrown);
  });
  const refused = run.status === 'paused' ? questions.refusalOf(answers) : undefined;
  if (refused !== undefined) throw refused;
  return run;
}
