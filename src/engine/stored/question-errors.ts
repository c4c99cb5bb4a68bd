// Why an answer is refused. Nothing that was given before is lost by it.
import { RepriseError } from '../../base/error.ts';
import type { JournaledQuestion, Question } from '../../journal/step/question.ts';

export type QuestionFault = 'question-unknown' | 'question-answered' | 'question-expired';

export interface RefusedAnswer {
  readonly runId: string;
  /** As the caller named the question; undefined if it named none. */
  readonly keyOrId: string | undefined;
  /** What can be answered. */
  readonly open: readonly Question[];
}

export function noSuchQuestion({ runId, keyOrId, open }: RefusedAnswer): RepriseError {
  const what =
    keyOrId !== undefined
      ? `run "${runId}" has no open question "${keyOrId}"`
      : open.length === 0
        ? `run "${runId}" has no open question`
        : `run "${runId}" has ${open.length} open questions, so an answer needs a key`;
  const nextStep = open.length === 0 ? 'See with `npx reprise show` what it does.' : `Answer by key: ${keysOf(open)}.`;
  return refusal('question-unknown', what, nextStep, { runId, keyOrId, open });
}

/** `isTaken`: the run has taken the answer. */
export function alreadyAnswered(key: string, isTaken: boolean, refused: RefusedAnswer): RepriseError {
  return refusal(
    'question-answered',
    `question "${key}" of run "${refused.runId}" has been answered`,
    isTaken
      ? 'The first answer counts. See it with `npx reprise show`.'
      : 'The first answer counts, unless it does not fit: then the question can be answered again.',
    refused,
  );
}

export function expired(question: Pick<JournaledQuestion, 'key' | 'begin'>, refused: RefusedAnswer): RepriseError {
  const { due } = question.begin.observed;
  const why = due === undefined ? 'its task has ended without an answer' : 'its time is over';
  return refusal(
    'question-expired',
    `question "${question.key}" of run "${refused.runId}" can no longer be answered: ${why}`,
    nextOf(refused),
    refused,
  );
}

export function changed(key: string, refused: RefusedAnswer): RepriseError {
  return refusal(
    'question-expired',
    `question "${refused.keyOrId}" of run "${refused.runId}" can no longer be answered: "${key}" asks something else now`,
    nextOf(refused),
    refused,
  );
}

export function endedRun(runId: string, status: string): RepriseError {
  return new RepriseError('run-ended', `run "${runId}" has already ended: it is ${status}`, {
    nextStep: `Inspect it with \`npx reprise show ${runId}\`.`,
    fields: { runId, status },
  });
}

function nextOf({ open }: RefusedAnswer): string {
  return open.length === 0 ? 'See with `npx reprise show` how the run continued.' : `Open are: ${keysOf(open)}.`;
}

function keysOf(open: readonly Question[]): string {
  return open.map(({ key }) => key).join(', ');
}

function refusal(
  code: QuestionFault,
  message: string,
  nextStep: string,
  { runId, keyOrId, open }: RefusedAnswer,
): RepriseError {
  const fields = { runId, key: keyOrId, open: open.map(({ key }) => key) };
  return new RepriseError(code, message, { nextStep, fields });
}
