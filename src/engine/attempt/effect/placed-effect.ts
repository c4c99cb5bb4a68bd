import type { EffectOrder } from '../../../journal/entry.ts';
import type { RunOrder } from '../../run/order/run-order.ts';

/** An effect as it stands in the order of its step. */
export abstract class PlacedEffect {
  /** Its places in the journal that it is answered from. */
  recordedOrder: EffectOrder | undefined;
  readonly #run: RunOrder;
  readonly #asked: number;
  readonly #askedTurn: number;
  #given: number | undefined;
  #isSameTurn = false;
  /** Runs of consecutive places: first and count of each. */
  #parts: [number, number][] | undefined;

  constructor(run: RunOrder) {
    this.#run = run;
    this.#askedTurn = run.turn;
    this.#asked = run.numbers.ask();
  }

  /** The answer reaches the node, or of an answer in parts its head, the next part or its end. */
  arrived(): void {
    const place = this.#run.numbers.give();
    if (this.#given === undefined) {
      this.#given = place;
      this.#isSameTurn = this.#askedTurn === this.#run.turn;
      return;
    }
    this.#parts ??= [];
    const last = this.#parts.at(-1);
    if (last !== undefined && last[0] + last[1] === place) last[1] += 1;
    else this.#parts.push([place, 1]);
  }

  /** Whether something of its answer has reached the node. */
  protected get isGiven(): boolean {
    return this.#given !== undefined;
  }

  /** It is over, with an answer or without. */
  protected leaveOrder(): void {
    this.#run.numbers.close();
  }

  /** Its places, if something else was open while it was. */
  protected get order(): EffectOrder | undefined {
    return this.#run.numbers.isCrowdedSince(this.#asked) ? this.places : undefined;
  }

  protected get places(): EffectOrder | undefined {
    if (this.#given === undefined) return undefined;
    return {
      asked: this.#asked,
      given: this.#given,
      ...(this.#isSameTurn ? { sameTurn: true } : {}),
      ...(this.#parts === undefined ? {} : { parts: this.#parts }),
    };
  }
}
