// Those whom a faked run asks, and who send to it: they answer when it waits for them.
import type { RunHost } from '../engine/host/run-host.ts';
import type { AnyRun } from '../graph/types/run-types.ts';
import type { Question } from '../journal/step/question.ts';
import type { Clock } from '../port/clock.ts';

export class People {
  readonly #answers: Readonly<Record<string, unknown>>;
  #signals: readonly { readonly name: string; readonly value: unknown }[];

  constructor(
    answers: Readonly<Record<string, unknown>> = {},
    signals: readonly { readonly name: string; readonly value: unknown }[] = [],
  ) {
    this.#answers = answers;
    this.#signals = signals;
  }

  /** Lets a run continue for as long as somebody has something for it. */
  async serve(host: RunHost, first: AnyRun, clock: Clock): Promise<AnyRun> {
    let run = first;
    while (run.status === 'paused') {
      const signals = this.#signals;
      this.#signals = [];
      for (const { name, value } of signals) await host.send(run.id, name, value);
      const answers = Object.fromEntries(run.questions.flatMap((question) => this.#answerTo(question)));
      if (signals.length === 0 && Object.keys(answers).length === 0) {
        if (run.wakeAt === undefined) return run;
        await until(run.wakeAt, clock);
      }
      run = await host.resume(run.id, { answers });
    }
    return run;
  }

  #answerTo({ key, name, question }: Question): readonly (readonly [string, unknown])[] {
    const place = [key, name].find((known) => Object.hasOwn(this.#answers, known));
    if (place === undefined) return [];
    const answer = this.#answers[place];
    return [[key, typeof answer === 'function' ? (answer as (asked: unknown) => unknown)(question) : answer]];
  }
}

function until(time: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => void clock.setTimer(Math.max(0, time - clock.now()), resolve));
}
