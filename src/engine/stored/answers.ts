// Answers to the questions of a stored run. They need no code of its graph.
//   A1. An answer is bound to the question that was open when it was given, by the id of that question.
//   A2. A question has one answer at a time: of two that are given at once, one is refused.
import type { TimeOf } from '../../port/clock.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { RunFold } from '../../journal/fold/run-fold.ts';
import {
  doubtLabel,
  journaledQuestions,
  keyOfId,
  questionId,
  questionOf,
  typeAskedAbout,
} from '../../journal/step/question.ts';
import type { JournaledQuestion, Question } from '../../journal/step/question.ts';
import type { Entry } from '../../journal/entry.ts';
import type { RunStore } from '../../port/store.ts';
import { decisionOf } from '../rules/decision.ts';
import { foldRun } from './fold-run.ts';
import { alreadyAnswered, changed, endedRun, expired, noSuchQuestion } from './question-errors.ts';
import type { RefusedAnswer } from './question-errors.ts';

/** `keyOrId`: undefined means the only open question. */
export interface GivenAnswer {
  readonly keyOrId: string | undefined;
  readonly value: unknown;
}

export interface SentAnswer {
  readonly question: Question;
  /** The number of its message. */
  readonly number: number;
}

/** The questions of a run, as its journal and its inbox have them. */
interface AskedQuestions {
  /** By key: of the open step, and of the last one for a run that has ended. */
  readonly journaled: ReadonlyMap<string, JournaledQuestion>;
  /** What can be answered. */
  readonly open: readonly Question[];
  /** The ids of those whose answers have been sent and not taken. */
  readonly answered: ReadonlySet<string>;
  /** The status of a run that has ended for good. */
  readonly ended: string | undefined;
  /** The last message that was sent. */
  readonly last: number;
}

async function askedQuestions(store: RunStore, runId: string, now: number): Promise<AskedQuestions> {
  // First, so that an answer which is taken meanwhile is seen in the journal.
  const { last, messages } = await store.inbox(runId);
  const fold = new RunFold();
  await foldRun(store, runId, fold);
  const { end } = fold;
  const ended = end === undefined || end.status === 'failed' ? undefined : end.status;
  const answered = new Set(messages.flatMap(({ message }) => (message.kind === 'answer' ? [message.question] : [])));
  const journaled = journaledQuestions(fold.openStep);
  const open = [...journaled.values()].flatMap(({ begin, key, isOver }) => {
    const question = questionOf(begin, key);
    const isLate = question.dueAt !== undefined && question.dueAt <= now;
    return ended !== undefined || isOver || isLate || answered.has(question.id) ? [] : [question];
  });
  return { journaled, open, answered, ended, last };
}

/** The questions of a run that can be answered now. @throws RepriseError `run-unknown` */
export async function answerableQuestions(store: RunStore, runId: string, now: number): Promise<readonly Question[]> {
  return (await askedQuestions(store, runId, now)).open;
}

/**
 * Answers questions that are open now. All of them are found before the first answer is sent.
 *
 * @throws RepriseError `run-unknown`, `run-ended`, `question-unknown`, `question-answered`, `question-expired`,
 *   `answer-invalid` for one that decides nothing about an effect in doubt, `unstorable`, and what the store throws
 */
export async function sendAnswers(
  store: RunStore,
  runId: string,
  given: readonly GivenAnswer[],
  timeOf: TimeOf,
): Promise<readonly SentAnswer[]> {
  const values = given.map(({ keyOrId, value }) => canonicalValue(value, `the answer to ${keyOrId ?? 'the question'}`));
  const now = await timeOf();
  const sent: SentAnswer[] = [];
  while (sent.length < given.length) {
    const asked = await askedQuestions(store, runId, now);
    const bound: { readonly question: Question; readonly value: Value }[] = [];
    for (const [index, { keyOrId }] of given.entries()) {
      if (index < sent.length) continue;
      const question = await boundQuestion(store, runId, keyOrId, asked);
      if ([...sent, ...bound].some((one) => one.question.id === question.id))
        throw alreadyAnswered(question.key, false, { runId, keyOrId, open: asked.open });
      const value = values[index];
      // The run would refuse any other answer, and the person who gave it may be gone by then.
      const begin = asked.journaled.get(question.key)?.begin;
      if (begin?.label === doubtLabel) decisionOf(value, typeAskedAbout(begin));
      bound.push({ question, value });
    }
    let { last } = asked;
    for (const { question, value } of bound) {
      const number = await store.send(runId, { kind: 'answer', question: question.id, value, time: now }, last);
      // Something else was sent meanwhile, maybe the same answer: look again.
      if (number === undefined) break;
      last = number;
      sent.push({ question, number });
    }
  }
  return sent;
}

async function boundQuestion(
  store: RunStore,
  runId: string,
  keyOrId: string | undefined,
  { journaled, open, answered, ended }: AskedQuestions,
): Promise<Question> {
  const refused: RefusedAnswer = { runId, keyOrId, open };
  if (keyOrId === undefined) {
    const [only] = open;
    if (only !== undefined && open.length === 1) return only;
    if (ended !== undefined) throw endedRun(runId, ended);
    const waiting = [...journaled.values()].find(({ key, begin }) => answered.has(questionId(key, begin.request)));
    throw only === undefined && waiting !== undefined
      ? alreadyAnswered(waiting.key, false, refused)
      : noSuchQuestion(refused);
  }
  const found = open.find(({ key, id }) => key === keyOrId || id === keyOrId);
  if (found !== undefined) return found;
  const known = named(keyOrId, journaled) ?? named(keyOrId, await allQuestions(store, runId));
  if (known === undefined) throw noSuchQuestion(refused);
  const id = questionId(known.key, known.begin.request);
  if (keyOrId !== known.key && keyOrId !== id) throw changed(known.key, refused);
  if (answered.has(id)) throw alreadyAnswered(known.key, false, refused);
  if (known.isDecided || known.effect?.outcome.kind === 'value') throw alreadyAnswered(known.key, true, refused);
  throw expired(known, refused);
}

function named(keyOrId: string, journaled: ReadonlyMap<string, JournaledQuestion>): JournaledQuestion | undefined {
  return journaled.get(keyOrId) ?? journaled.get(keyOfId(keyOrId) ?? '');
}

/** Those of earlier steps too: read only to say why an answer is refused. */
async function allQuestions(store: RunStore, runId: string): Promise<ReadonlyMap<string, JournaledQuestion>> {
  const entries: Entry[] = [];
  for await (const entry of store.read(runId)) if (saysOfQuestions(entry)) entries.push(entry);
  return journaledQuestions(entries);
}

function saysOfQuestions(entry: Entry): boolean {
  if (entry.kind === 'begin' || entry.kind === 'effect') return entry.type === 'ask';
  if (entry.kind !== 'note') return entry.kind === 'outcome';
  return entry.voids !== undefined || entry.observed.question !== undefined;
}
