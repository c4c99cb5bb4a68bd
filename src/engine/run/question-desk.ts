// The open questions of a run, and the answers that were given to them.
//   K1. A question is open from the moment it is put until it is withdrawn.
//   K2. An answer is taken once, by the question it was given to.
import { compareCodeUnits } from '../../base/compare.ts';
import type { Value } from '../../base/value.ts';
import type { Question } from '../../journal/question.ts';

export class QuestionDesk {
  readonly #open = new Map<string, Question>();
  readonly #answers: Map<string, Value>;

  /** `answers`: by the keys of the questions, as they were given when the run was resumed. */
  constructor(answers: ReadonlyMap<string, Value>) {
    this.#answers = new Map(answers);
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

  takeAnswer(key: string): Value | undefined {
    const answer = this.#answers.get(key);
    this.#answers.delete(key);
    return answer;
  }
}
