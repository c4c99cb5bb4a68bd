// All orders, one after another: each run is told its first choices, and takes the first of what is ready after that.
import type { Strategy } from './strategy.ts';

export class EveryOrder {
  /** What is chosen at each choice of the next run. */
  #next: readonly number[] | undefined = [];

  /** Undefined once every order has run. */
  get next(): OneOrder | undefined {
    return this.#next === undefined ? undefined : new OneOrder(this.#next);
  }

  /** The order has run: the next differs from it at its last choice that has another outcome. */
  ran({ picks, widths }: OneOrder): void {
    if (this.#next === undefined) return;
    let last = picks.length - 1;
    while (last >= 0 && (picks[last] as number) + 1 >= (widths[last] as number)) last -= 1;
    this.#next = last < 0 ? undefined : [...picks.slice(0, last), (picks[last] as number) + 1];
  }
}

export class OneOrder implements Strategy {
  readonly name = 'every order';
  readonly picks: number[] = [];
  readonly widths: number[] = [];
  readonly #given: readonly number[];

  constructor(given: readonly number[]) {
    this.#given = given;
  }

  pick(ready: readonly unknown[]): number {
    const given = this.#given[this.picks.length] ?? 0;
    // Only code that does something else the second time has less to choose from.
    const place = Math.min(given, ready.length - 1);
    this.picks.push(place);
    this.widths.push(ready.length);
    return place;
  }
}
