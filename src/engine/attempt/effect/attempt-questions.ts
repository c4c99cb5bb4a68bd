// The questions that one attempt asks people: their keys, what the journal says of them, and the question that Reprise
// itself asks about an effect in doubt.
import { RepriseError, messageOf } from '../../../base/error.ts';
import { canonicalValue } from '../../../base/value.ts';
import type { Value } from '../../../base/value.ts';
import { effectIdentity } from '../../../journal/effect-identity.ts';
import type { BeginEntry, EffectRef } from '../../../journal/entry.ts';
import { doubtLabel, questionId, questionKey, questionOf } from '../../../journal/step/question.ts';
import type { JournaledQuestion, Question } from '../../../journal/step/question.ts';
import { decisionOf } from '../../rules/decision.ts';
import type { Decision } from '../../rules/decision.ts';
import { answeredEntry, refusedNote, replacedNotes } from '../../run/question-desk.ts';
import type { PlacedQuestion } from '../../run/question-desk.ts';
import type { AttemptSetup } from '../attempt-setup.ts';

/** An effect that begins. */
interface Beginning {
  readonly ref: EffectRef;
  journalBegin(observed: Omit<BeginEntry['observed'], 'time'>): BeginEntry;
}

interface DoubtQuestion {
  readonly name: string;
  readonly ordinal: number;
  readonly idempotencyKey: string;
}

interface OpenQuestion extends Pick<Question, 'id'> {
  withdraw(): void;
}

export class AttemptQuestions {
  readonly #setup: AttemptSetup;
  readonly #counts = new Map<string, number>();

  constructor(setup: AttemptSetup) {
    this.#setup = setup;
  }

  /** The place of the next question of this name in a task of the attempt, or outside of all. */
  next(name: string, task: string | undefined): PlacedQuestion {
    const first = questionKey(this.#setup.key, name, 0, task);
    const ordinal = this.#counts.get(first) ?? 0;
    this.#counts.set(first, ordinal + 1);
    return { key: questionKey(this.#setup.key, name, ordinal, task), ordinal };
  }

  /** Journals a new question, and that it takes the place of another, if it does. */
  journal({ key, ordinal }: PlacedQuestion, effect: Beginning, due: number | undefined): BeginEntry {
    const { parts, key: at } = this.#setup;
    const replaced = parts.questions.replacedBy(key, at, effect.ref.request);
    if (replaced !== undefined) this.#journalReplaced(replaced);
    const begin = effect.journalBegin({ ordinal, ...(due === undefined ? {} : { due }) });
    parts.journal.writeSoon();
    return begin;
  }

  /** The answer that was given to the earlier question stays in the journal with it, and counts for nothing else. */
  #journalReplaced({ key, begin, ...before }: JournaledQuestion): void {
    const { inbox, journal, clock } = this.#setup.parts;
    const time = clock.now();
    let { effect } = before;
    const given = inbox.takeKnown({ kind: 'answer', question: questionId(key, begin.request) });
    if (effect === undefined && given !== undefined) {
      effect = answeredEntry(begin, given, time);
      journal.add(effect);
    }
    for (const note of replacedNotes({ ...before, key, begin, effect }, time)) journal.add(note);
  }

  /** Opens a question that the journal holds. */
  put(begin: BeginEntry, key: string): OpenQuestion {
    const question = questionOf(begin, key);
    return { id: question.id, withdraw: this.#setup.parts.questions.put(question) };
  }

  /** An answer does not fit. Its question stays open. */
  refuse(question: { readonly begin: BeginEntry; readonly key: string }, number: number, error: unknown): void {
    const { questions, journal, clock } = this.#setup.parts;
    questions.refuse(number, error);
    journal.add(refusedNote(question, { number, reason: messageOf(error), time: clock.now() }));
    journal.writeSoon();
  }

  /**
   * Asks what became of an effect that may or may not have happened, and calls back with the decision, now or later. The
   * returned function withdraws the question. `idempotencyKey`: by which it may be looked up on the other side.
   */
  decide(ref: EffectRef, idempotencyKey: string, decided: (decision: Decision, message: number) => void): () => void {
    const { parts } = this.#setup;
    const name = `in-doubt ${ref.name}`;
    const { key, ordinal } = parts.questions.nextDoubt(this.#setup.key, ref, name);
    const begin = this.#journalDoubt(ref, { name, ordinal, idempotencyKey });
    const { id, withdraw } = this.put(begin, key);
    const giveUp = parts.inbox.wait({ kind: 'answer', question: id }, ({ number, message }) => {
      try {
        const decision = decisionOf(message.value, ref.type);
        if (decision.kind === 'retry') this.#journalRetry(begin, key, number);
        withdraw();
        decided(decision, number);
        return true;
      } catch (invalid) {
        if (!(invalid instanceof RepriseError)) throw invalid;
        this.refuse({ begin, key }, number, invalid);
        return false;
      }
    });
    return () => {
      withdraw();
      giveUp();
    };
  }

  /** Durable before the effect is performed: the answer counts once, and not for a later doubt. */
  #journalRetry({ node }: BeginEntry, key: string, number: number): void {
    const { parts, key: at } = this.#setup;
    const message = `answer ${number} to ${key}: it is performed again`;
    parts.journal.add({
      kind: 'note',
      at,
      node,
      what: 'decided',
      message,
      observed: { time: parts.clock.now(), message: number, question: key },
    });
    parts.journal.writeSoon();
  }

  #journalDoubt(ref: EffectRef, { name, ordinal, idempotencyKey }: DoubtQuestion): BeginEntry {
    const { parts, key: at, node } = this.#setup;
    const begin: BeginEntry = {
      kind: 'begin',
      at,
      node: node.name,
      type: 'ask',
      name,
      // Version 1 did not say the key, and what was answered is found by what was asked.
      request: doubtQuestion(ref, parts.run.semantics === 1 ? {} : { idempotencyKey }),
      label: doubtLabel,
      ...(ref.task === undefined ? {} : { task: ref.task }),
      // The journal tells two questions about one effect apart by it.
      occurrence: ordinal,
      observed: { time: parts.clock.now(), ordinal },
    };
    parts.journal.add(begin);
    parts.journal.writeSoon();
    return begin;
  }
}

function doubtQuestion(ref: EffectRef, key: { readonly idempotencyKey?: string }): Value {
  return canonicalValue(
    {
      effect: effectIdentity(ref),
      occurrence: ref.occurrence,
      message: `Nobody knows whether ${ref.type} "${ref.name}" happened. Answer "retry", { "value": … } or { "error": "…" }.`,
      request: ref.request,
      ...key,
    },
    'question',
  );
}
