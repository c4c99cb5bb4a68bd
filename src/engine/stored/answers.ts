// Matches the answers of a resume with the run's open questions.
import { RepriseError } from '../../base/error.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { Question } from '../../journal/question.ts';
import type { ResumeOptions } from '../options/run-options.ts';

/** @throws RepriseError `question-unknown`, `unstorable` */
export function answersFor(
  runId: string,
  questions: readonly Question[],
  options: ResumeOptions,
): ReadonlyMap<string, Value> {
  const answers = new Map<string, Value>();
  if ('answer' in options) {
    const [only] = questions;
    if (only === undefined || questions.length > 1) throw unknownQuestion(runId, undefined, questions);
    answers.set(only.key, canonicalValue(options.answer, `the answer to ${only.key}`));
  }
  for (const [key, answer] of Object.entries(options.answers ?? {})) {
    if (!questions.some((question) => question.key === key)) throw unknownQuestion(runId, key, questions);
    answers.set(key, canonicalValue(answer, `the answer to ${key}`));
  }
  return answers;
}

function unknownQuestion(runId: string, key: string | undefined, questions: readonly Question[]): RepriseError {
  const keys = questions.map((question) => question.key);
  const what =
    key !== undefined
      ? `run "${runId}" has no open question "${key}"`
      : keys.length === 0
        ? `run "${runId}" has no open question`
        : `run "${runId}" has ${keys.length} open questions, so an answer needs a key`;
  return new RepriseError('question-unknown', what, {
    nextStep:
      keys.length === 0 ? 'Resume it without an answer.' : `Answer by key with \`answers\`: ${keys.join(', ')}.`,
    fields: { runId, key, open: keys },
  });
}
