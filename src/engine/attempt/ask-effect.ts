// Questions of one attempt to people.
//   P1. While an attempt waits for answers alone it holds no slot and its time does not run.
//   P2. A question never settles in order to suspend: the run pauses, and the attempt is entered again with the answer.
import { RepriseError } from '../../base/error.ts';
import { canonicalValue, ownView } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { checkWithSchema } from '../../graph/standard-schema.ts';
import type { StandardSchema } from '../../graph/standard-schema.ts';
import { effectIdentity } from '../../journal/effect-identity.ts';
import type { BeginEntry, EffectOutcome, EffectRef } from '../../journal/entry.ts';
import { doubtLabel, questionKey, questionOf } from '../../journal/question.ts';
import type { Attempt } from './attempt.ts';
import type { AttemptEffects } from './effect-protocol.ts';
import { errorValue } from '../rules/failure.ts';

export interface AskOptions {
  readonly name?: string;
  readonly schema?: StandardSchema<unknown, unknown>;
  readonly timeoutMs?: number;
}

/** What a person decides about an effect of which nobody knows whether it happened. */
export type DoubtAnswer = 'retry' | EffectOutcome;

export class Asking {
  readonly #attempt: Attempt;
  readonly #effects: AttemptEffects;
  #counts: Map<string, number> | undefined;

  constructor(attempt: Attempt, effects: AttemptEffects) {
    this.#attempt = attempt;
    this.#effects = effects;
  }

  ask(question: unknown, { name = 'question', schema, timeoutMs }: AskOptions): Promise<unknown> {
    const { core } = this.#attempt.setup;
    const request = canonicalValue(question, `question "${name}"`, core.limits);
    const key = this.#key(name);
    const checked = (value: Value): unknown =>
      schema === undefined ? ownView(value) : checkedAnswer(schema, value, name);
    const { ref, answer } = this.#effects.lookUp({ type: 'ask', name, request });
    if (answer.kind === 'refused') return Promise.reject(answer.error);
    return new Promise((resolve, reject) => {
      const given = (value: unknown): void => {
        try {
          resolve(checked(value as Value));
        } catch (invalid) {
          reject(invalid);
        }
      };
      const began = core.clock.now();
      if (answer.kind === 'answered') {
        const open = this.#effects.register({ drop: reject });
        this.#effects.arrive(ref, open, answer.outcome, { began, once: false }, given, reject);
      } else if (answer.kind === 'perform') {
        const put = (): void => this.#put({ key, ref, timeoutMs, began: answer.began }, checked, given, reject);
        if (answer.hold === undefined) put();
        else this.#effects.holdBack(ref, answer.hold, reject, put);
      }
    });
  }

  /** Asks what to do about an effect in doubt. Undefined where nobody has answered yet: then the run waits for it. */
  askInDoubt(ref: EffectRef, decide: (answer: DoubtAnswer) => void): void {
    const { core } = this.#attempt.setup;
    const name = `in-doubt ${ref.name}`;
    const key = this.#key(name);
    const question = canonicalValue(
      {
        effect: effectIdentity(ref),
        occurrence: ref.occurrence,
        message: `Nobody knows whether ${ref.type} "${ref.name}" happened. Answer "retry", { "value": … } or { "error": "…" }.`,
        request: ref.request,
      },
      'question',
    );
    const asked = { type: 'ask', name, request: question, label: doubtLabel, occurrence: 0 } as const;
    const wait = (): void =>
      this.#wait(
        this.#begin(asked, undefined),
        key,
        () => undefined,
        () => undefined,
      );
    const pending = core.answers.get(key);
    if (pending === undefined) {
      wait();
      return;
    }
    core.answers.delete(key);
    try {
      decide(doubtAnswer(pending));
    } catch (invalid) {
      wait();
      core.refuseAnswer(invalid);
    }
  }

  #put(
    question: {
      readonly key: string;
      readonly ref: EffectRef;
      readonly timeoutMs: number | undefined;
      readonly began: BeginEntry | undefined;
    },
    checked: (value: Value) => unknown,
    given: (value: unknown) => void,
    reject: (error: unknown) => void,
  ): void {
    const { key, ref, timeoutMs } = question;
    const { core } = this.#attempt.setup;
    if (!this.#attempt.isOpen) return;
    const now = core.clock.now();
    const due = question.began === undefined ? dueTime(now, timeoutMs) : question.began.observed.due;
    const settle = (outcome: EffectOutcome): void => {
      const open = this.#effects.register({ drop: reject });
      this.#effects.arrive(
        ref,
        open,
        outcome,
        { began: question.began?.observed.time ?? now, once: false },
        given,
        reject,
      );
    };
    const pending = core.answers.get(key);
    if (pending !== undefined) {
      core.answers.delete(key);
      try {
        checked(pending);
      } catch (invalid) {
        // The question stays open, and whoever answered is told.
        this.#wait(question.began ?? this.#begin(ref, due), key, reject, () => undefined);
        core.refuseAnswer(invalid);
        return;
      }
      settle({ kind: 'value', value: pending });
      return;
    }
    if (due !== undefined && due <= now) {
      settle({ kind: 'error', error: errorValue(timeoutOf(ref.name), undefined) });
      return;
    }
    const begin = question.began ?? this.#begin(ref, due);
    this.#wait(begin, key, reject, (stopWaiting) => {
      if (due === undefined) return undefined;
      return core.clock.setTimer(due - now, () => {
        stopWaiting();
        settle({ kind: 'error', error: errorValue(timeoutOf(ref.name), undefined) });
      });
    });
  }

  #begin(ref: EffectRef, due: number | undefined): BeginEntry {
    const { core, node } = this.#attempt.setup;
    const begin: BeginEntry = {
      kind: 'begin',
      at: this.#attempt.at,
      node: node.name,
      ...ref,
      observed: { time: core.clock.now(), ...(due === undefined ? {} : { due }) },
    };
    core.add(begin);
    return begin;
  }

  #wait(
    begin: BeginEntry,
    key: string,
    reject: (reason: Error) => void,
    watch: (stopWaiting: () => void) => (() => void) | undefined,
  ): void {
    const { core } = this.#attempt.setup;
    let cancelTimer: (() => void) | undefined;
    const close = (): void => {
      cancelTimer?.();
      core.questions.delete(key);
    };
    const drop = (reason: Error): void => {
      close();
      // To suspend is not to settle (P2). Where the run ends for good, the node is told.
      if (core.cut?.kind !== 'paused' && core.cut?.kind !== 'interrupted') reject(reason);
    };
    const open = this.#effects.register({ drop, isWaiting: true });
    core.questions.set(key, questionOf(begin, key));
    cancelTimer = watch(() => {
      close();
      this.#effects.unregister(open);
    });
  }

  #key(name: string): string {
    this.#counts ??= new Map();
    const count = this.#counts.get(name) ?? 0;
    this.#counts.set(name, count + 1);
    return questionKey(this.#attempt.at, name, count);
  }
}

/** What the node is given: the answer as its schema gives it. */
function checkedAnswer(schema: StandardSchema<unknown, unknown>, value: Value, name: string): unknown {
  const given = checkWithSchema(schema, value, {
    name: `the answer to question "${name}"`,
    code: 'answer-invalid',
    nextStep: 'Answer again: the question is still open.',
    fields: { question: name },
  });
  return ownView(given);
}

function dueTime(now: number, timeoutMs: number | undefined): number | undefined {
  return timeoutMs === undefined ? undefined : now + timeoutMs;
}

function timeoutOf(name: string): RepriseError {
  return new RepriseError('answer-timeout', `nobody answered question "${name}" in time`, {
    nextStep: 'Raise `timeoutMs` of the question, or catch this error in the node.',
    fields: { name },
  });
}

function doubtAnswer(value: Value): DoubtAnswer {
  if (value === 'retry') return 'retry';
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, 'value'))
    return { kind: 'value', value: (value as { readonly value: Value }).value };
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, 'error')) {
    const { error } = value as { readonly error: Value };
    return { kind: 'error', error: errorValue(new Error(String(error)), undefined) };
  }
  throw new RepriseError('answer-invalid', 'an effect in doubt is answered by what is to become of it', {
    nextStep: 'Answer "retry", { "value": … } or { "error": "…" }.',
  });
}
