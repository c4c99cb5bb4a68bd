// The questions that one attempt asks people: their keys, and the question that Reprise itself asks about an effect in
// doubt.
import { canonicalValue } from '../../../base/value.ts';
import type { Value } from '../../../base/value.ts';
import { effectIdentity } from '../../../journal/effect-identity.ts';
import type { BeginEntry, EffectRef } from '../../../journal/entry.ts';
import { doubtLabel, questionKey, questionOf } from '../../../journal/question.ts';
import { decisionOf } from '../../rules/decision.ts';
import type { Decision } from '../../rules/decision.ts';
import type { AttemptSetup } from '../attempt-setup.ts';

/** What to do about an effect in doubt. */
export type DoubtDecision =
  | Decision
  /** Nobody has decided yet. `refused`: why the given answer cannot be taken. */
  | { readonly kind: 'open'; readonly withdraw: () => void; readonly refused?: unknown };

export class AttemptQuestions {
  readonly #setup: AttemptSetup;
  readonly #counts = new Map<string, number>();

  constructor(setup: AttemptSetup) {
    this.#setup = setup;
  }

  /** The key of the next question of this name in a task of the attempt, or outside of all. */
  nextKey(name: string, task: string | undefined): string {
    const first = questionKey(this.#setup.key, name, 0, task);
    const count = this.#counts.get(first) ?? 0;
    this.#counts.set(first, count + 1);
    return questionKey(this.#setup.key, name, count, task);
  }

  /** Opens a question that the journal already holds. The returned function withdraws it. */
  put(begin: BeginEntry, key: string): () => void {
    return this.#setup.parts.questions.put(questionOf(begin, key));
  }

  /** What a person decided about an effect that may or may not have happened. Asks if nobody has decided. */
  decide(ref: EffectRef): DoubtDecision {
    const { parts, key: at, node } = this.#setup;
    const name = `in-doubt ${ref.name}`;
    const key = this.nextKey(name, ref.task);
    const answer = parts.questions.takeAnswer(key);
    let refused: unknown;
    if (answer !== undefined) {
      try {
        return decisionOf(answer);
      } catch (invalid) {
        refused = invalid;
      }
    }
    const begin: BeginEntry = {
      kind: 'begin',
      at,
      node: node.name,
      type: 'ask',
      name,
      request: doubtQuestion(ref),
      label: doubtLabel,
      ...(ref.task === undefined ? {} : { task: ref.task }),
      occurrence: 0,
      observed: { time: parts.clock.now() },
    };
    parts.journal.add(begin);
    return { kind: 'open', withdraw: this.put(begin, key), ...(refused === undefined ? {} : { refused }) };
  }
}

function doubtQuestion(ref: EffectRef): Value {
  return canonicalValue(
    {
      effect: effectIdentity(ref),
      occurrence: ref.occurrence,
      message: `Nobody knows whether ${ref.type} "${ref.name}" happened. Answer "retry", { "value": … } or { "error": "…" }.`,
      request: ref.request,
    },
    'question',
  );
}
