import type { TraceItem } from '../order/trace.ts';
import { NumberTable } from './number-table.ts';

/**
 * Ranks of events, each found once: at each choice all that is ready is asked about. Those of a task are found again once
 * something has changed in it.
 */
export class KeptRanks {
  readonly #rankOf: (item: TraceItem) => number;
  readonly #ranks = new NumberTable();
  /** The events of each task whose ranks are known. */
  readonly #known = new Map<number, number[]>();

  constructor(rankOf: (item: TraceItem) => number) {
    this.#rankOf = rankOf;
  }

  /** The place of the item with the lowest rank; of equal ones, the first. */
  lowest(items: readonly TraceItem[]): number {
    let first = 0;
    let least = Number.POSITIVE_INFINITY;
    let { numbers } = this.#ranks;
    for (let place = 0; place < items.length; place += 1) {
      const item = items[place] as TraceItem;
      const { number } = item.event;
      let rank = number < numbers.length ? (numbers[number] as number) : Number.NaN;
      if (Number.isNaN(rank)) {
        rank = this.#find(item);
        numbers = this.#ranks.numbers;
      }
      if (rank >= least) continue;
      least = rank;
      first = place;
    }
    return first;
  }

  #find(item: TraceItem): number {
    const { number, attempt } = item.event;
    const rank = this.#rankOf(item);
    this.#ranks.set(number, rank);
    const known = this.#known.get(attempt.chain);
    if (known === undefined) this.#known.set(attempt.chain, [number]);
    else known.push(number);
    return rank;
  }

  /** Something has changed in a task. */
  forget(chain: number): void {
    for (const number of this.#known.get(chain) ?? []) this.#ranks.set(number, Number.NaN);
    this.#known.delete(chain);
  }
}
