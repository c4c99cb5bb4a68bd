// The questions of a run: those that are open, and what the journal of a resumed run holds of them.
//   K1. A question is open from the moment it is put until it is withdrawn.
//   K2. Each doubt about an effect is asked about under a key of its own, which a process that takes the run over finds again.
//   K3. Where the code asks something else than it did, the earlier question and its answer stay in the journal and no
//       longer count.
import { compareCodeUnits } from '../../base/compare.ts';
import { sameValue } from '../../base/equal.ts';
import type { Value } from '../../base/value.ts';
import { entryIdentity } from '../../journal/entry-identity.ts';
import { refOf } from '../../journal/effect-identity.ts';
import type { BeginEntry, EffectEntry, EffectRef, Entry, NoteEntry } from '../../journal/entry.ts';
import type { PlacedMessage } from '../../port/inbox.ts';
import type { AttemptKey } from '../../journal/key.ts';
import { doubtAbout, doubtAskedAbout, journaledQuestions, questionKey } from '../../journal/step/question.ts';
import type { JournaledQuestion, Question } from '../../journal/step/question.ts';

export interface PlacedQuestion {
  readonly key: string;
  /** Among the questions of its name in the attempt and its task; about effects in doubt, over all attempts. */
  readonly ordinal: number;
}

export class QuestionDesk {
  readonly #open = new Map<string, Question>();
  readonly #journaled: ReadonlyMap<string, JournaledQuestion>;
  /** By the number of the answer. */
  #refusals: Map<number, unknown> | undefined;
  /** By what they are about: questions about effects in doubt that nobody has answered, and not asked again yet. */
  readonly #doubts = new Map<string, PlacedQuestion>();
  /** How many questions there were about effects in doubt, by the key of the first. */
  readonly #doubtCounts = new Map<string, number>();

  /** `openStep`: what a resumed run's journal holds of the step that was open. */
  constructor(openStep: readonly Entry[]) {
    this.#journaled = journaledQuestions(openStep);
    for (const { key, begin, ordinal, isOver } of this.#journaled.values()) {
      const about = doubtAskedAbout(begin);
      if (about === undefined) continue;
      const first = questionKey(begin.at, begin.name, 0, begin.task);
      this.#doubtCounts.set(first, Math.max(this.#doubtCounts.get(first) ?? 0, ordinal + 1));
      if (!isOver) this.#doubts.set(about, { key, ordinal });
    }
  }

  /** The place of a question about an effect in doubt: that of the one in the journal, unless that is about an earlier doubt. */
  nextDoubt(at: AttemptKey, ref: EffectRef, name: string): PlacedQuestion {
    const asked = this.takeDoubt(at, ref);
    if (asked !== undefined) return asked;
    const first = questionKey(at, name, 0, ref.task);
    const ordinal = this.#doubtCounts.get(first) ?? 0;
    this.#doubtCounts.set(first, ordinal + 1);
    return { key: questionKey(at, name, ordinal, ref.task), ordinal };
  }

  /** The question in the journal about this effect, if it has not been asked again. It is not asked again after this. */
  takeDoubt(at: AttemptKey, ref: EffectRef): PlacedQuestion | undefined {
    const about = doubtAbout(at, ref);
    const asked = this.#doubts.get(about);
    this.#doubts.delete(about);
    return asked;
  }

  /** Opens a question; the returned function withdraws it. */
  put(question: Question): () => void {
    this.#open.set(question.key, question);
    return () => {
      if (this.#open.get(question.key) === question) this.#open.delete(question.key);
    };
  }

  /** What is open now, by key. */
  get open(): readonly Question[] {
    return [...this.#open.values()].sort((left, right) => compareCodeUnits(left.key, right.key));
  }

  /** What stood in the place of a question before this process, if it asked for something else. */
  replacedBy(key: string, at: AttemptKey, request: Value): JournaledQuestion | undefined {
    const before = this.#journaled.get(key);
    return before?.begin.at === at && !sameValue(before.begin.request, request) ? before : undefined;
  }

  /** The answer with this number does not fit, and its question is still open. */
  refuse(answer: number, error: unknown): void {
    this.#refusals ??= new Map();
    this.#refusals.set(answer, error);
  }

  /** Why one of these answers was refused; undefined if none was. */
  refusalOf(answers: readonly number[]): unknown {
    const refused = answers.find((answer) => this.#refusals?.has(answer) === true);
    return refused === undefined ? undefined : this.#refusals?.get(refused);
  }
}

/** A question and the answer that was given to it. */
export function answeredEntry(begin: BeginEntry, { number, message }: PlacedMessage, time: number): EffectEntry {
  return {
    kind: 'effect',
    at: begin.at,
    ...refOf(begin),
    outcome: { kind: 'value', value: message.value },
    observed: { began: begin.observed.time, ended: time, message: number },
  };
}

/** What the journal says of a question that gave way to another, and of its answer. What was asked stands in its entry. */
export function replacedNotes({ begin, effect, key }: JournaledQuestion, time: number): readonly NoteEntry[] {
  const asked = `${key} asks something else now`;
  return [begin, ...(effect === undefined ? [] : [effect])].map((entry) => ({
    kind: 'note',
    at: begin.at,
    node: begin.node,
    what: 'question-changed',
    message: entry.kind === 'begin' ? asked : `${asked}, so its answer does not count`,
    voids: entryIdentity(entry),
    observed: { time },
  }));
}

/** What the journal says of an answer that does not fit: it is taken, and the question is still open. */
export function refusedNote(
  { begin, key }: { readonly begin: BeginEntry; readonly key: string },
  { number, reason, time }: { readonly number: number; readonly reason: string; readonly time: number },
): NoteEntry {
  return {
    kind: 'note',
    at: begin.at,
    node: begin.node,
    what: 'answer-refused',
    message: `answer ${number} to ${key} does not fit: ${reason}`,
    observed: { time, message: number },
  };
}
