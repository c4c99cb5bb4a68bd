// All orders of what one attempt waits for, of all attempts at once: where no attempt can see another, the orders of each are
// independent of those of the others, so that there are as many runs as the attempt with the most orders has.
import type { TraceItem } from '../order/trace.ts';
import { EveryOrder } from './every-order.ts';
import type { OneOrder } from './every-order.ts';
import { firstInFirstOut } from './fifo.ts';
import type { Strategy } from './strategy.ts';

export class OrdersWithin {
  /** By attempt. */
  readonly #orders = new Map<number, EveryOrder>();
  #hasRun = false;

  /** Undefined once every order of every attempt has run. */
  get next(): OrdersOfAttempts | undefined {
    const isDone = this.#hasRun && [...this.#orders.values()].every(({ next }) => next === undefined);
    return isDone ? undefined : new OrdersOfAttempts((attempt) => this.#of(attempt).next ?? new EveryOrder().next);
  }

  ran({ orders }: OrdersOfAttempts): void {
    this.#hasRun = true;
    for (const [attempt, order] of orders) this.#of(attempt).ran(order);
  }

  #of(attempt: number): EveryOrder {
    const known = this.#orders.get(attempt) ?? new EveryOrder();
    this.#orders.set(attempt, known);
    return known;
  }
}

export class OrdersOfAttempts implements Strategy {
  readonly name = 'every order within attempts';
  readonly orders = new Map<number, OneOrder>();
  readonly #orderOf: (attempt: number) => OneOrder | undefined;

  constructor(orderOf: (attempt: number) => OneOrder | undefined) {
    this.#orderOf = orderOf;
  }

  pick(ready: readonly TraceItem[]): number {
    const first = firstInFirstOut(ready);
    const attempt = (ready[first] as TraceItem).event.attempt.number;
    const own = ready.filter(({ event }) => event.attempt.number === attempt);
    if (own.length === 1) return first;
    const order = this.orders.get(attempt) ?? this.#orderOf(attempt);
    if (order === undefined) return first;
    this.orders.set(attempt, order);
    return ready.indexOf(own[order.pick(own)] as TraceItem);
  }
}
