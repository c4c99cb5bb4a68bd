// Numbers for events, shared by all runs of one exploration: the same event has the same number in each.
import type { EffectRef } from '../../journal/entry.ts';
import { keyNumbers } from '../../journal/key.ts';
import { arrivalKey } from './arrival-key.ts';
import type { KeyedArrival } from './arrival-key.ts';

export interface EventName {
  readonly number: number;
  readonly key: string;
  readonly attempt: AttemptName;
  /** What it is about, of all that it stands for the first. */
  readonly effect: EffectRef | undefined;
}

export interface AttemptName {
  readonly number: number;
  readonly at: string;
  /** Step, rank, attempt, inner step, … */
  readonly path: readonly number[];
  /** The same for all attempts of one task of a step, and for what runs inside them. */
  readonly chain: number;
}

export class EventNames {
  readonly #events: EventName[] = [];
  readonly #byKey = new Map<string, EventName>();
  /** Those of starts by their attempts: each run makes the texts of its keys. */
  readonly #starts = new Map<string, EventName>();
  readonly #attempts = new Map<string, AttemptName>();
  readonly #chains = new Map<string, number>();

  of(arrival: KeyedArrival): EventName {
    if (arrival.kind !== 'start') return this.#named(arrival);
    let start = this.#starts.get(arrival.at);
    if (start === undefined) {
      start = this.#named(arrival);
      this.#starts.set(arrival.at, start);
    }
    return start;
  }

  #named(arrival: KeyedArrival): EventName {
    const key = arrivalKey(arrival);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const event = { number: this.#events.length, key, attempt: this.attempt(arrival.at), effect: arrival.effect };
    this.#events.push(event);
    this.#byKey.set(key, event);
    return event;
  }

  attempt(at: string): AttemptName {
    const known = this.#attempts.get(at);
    if (known !== undefined) return known;
    const attempt = { number: this.#attempts.size, at, path: keyNumbers(at), chain: this.#chainOf(at) };
    this.#attempts.set(at, attempt);
    return attempt;
  }

  #chainOf(at: string): number {
    const end = at.indexOf('#');
    const task = end < 0 ? at : at.slice(0, end);
    const chain = this.#chains.get(task) ?? this.#chains.size;
    this.#chains.set(task, chain);
    return chain;
  }

  byNumber(number: number): EventName {
    return this.#events[number] as EventName;
  }

  byKey(key: string): EventName | undefined {
    return this.#byKey.get(key);
  }
}
