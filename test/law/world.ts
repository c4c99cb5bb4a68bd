// A world for the laws. It holds everything that is ready, and lets one thing happen at a time, in an order drawn from
// a seed. Time is virtual, and advances only when nothing else can happen, so which attempts time out depends on the
// script, never on the order.
import { drawStream } from '../../src/base/draw.ts';
import type { Clock } from '../../src/port/clock.ts';
import type { Arrival, Oracle } from '../../src/port/oracle.ts';

/** Waits of nodes and retries are shorter than this; timeouts and graces are longer, and fire when all else waits. */
const shortMsMax = 1_000;
/**
 * What is recorded is delivered over several turns of the event loop, and no time passes meanwhile: so many turns after
 * something has happened, and after time has passed.
 */
const idleTurnsMin = { busy: 30, idle: 4 };

interface Timer {
  readonly delayMs: number;
  readonly due: number;
  readonly fire: () => void;
}

export class ShuffledWorld implements Clock, Oracle {
  readonly #draw: () => number;
  readonly #arrivals: Arrival[] = [];
  readonly #timers: Timer[] = [];
  #time = 0;
  #isTurning = false;
  #idleTurns = 0;
  #isBusy = true;
  /** What happened, in order: the schedule, for failure messages. */
  readonly schedule: string[] = [];

  constructor(seed: string) {
    this.#draw = drawStream(seed, 'schedule').next;
  }

  now(): number {
    return this.#time;
  }

  setTimer(delayMs: number, fire: () => void): () => void {
    const timer: Timer = { delayMs, due: this.#time + delayMs, fire };
    this.#timers.push(timer);
    this.#turn();
    return () => {
      const place = this.#timers.indexOf(timer);
      if (place >= 0) this.#timers.splice(place, 1);
    };
  }

  arrive(arrival: Arrival): void {
    this.#arrivals.push(arrival);
    this.#turn();
  }

  /** Does one thing per turn, once all promises that could settle have settled. */
  #turn(): void {
    if (this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(() => {
      this.#isTurning = false;
      const hasNext = this.#next();
      if (hasNext) this.#turn();
    });
  }

  #next(): boolean {
    const short = this.#timers.filter((timer) => timer.delayMs < shortMsMax);
    const choice = Math.floor(this.#draw() * (this.#arrivals.length + short.length));
    const arrival = this.#arrivals[choice];
    const known = arrival ?? short[choice - this.#arrivals.length];
    this.#idleTurns = known === undefined ? this.#idleTurns + 1 : 0;
    const turns = this.#isBusy ? idleTurnsMin.busy : idleTurnsMin.idle;
    if (known === undefined && this.#timers.length > 0 && this.#idleTurns < turns) return true;
    this.#idleTurns = 0;
    this.#isBusy = known !== undefined;
    if (arrival !== undefined) {
      this.#arrivals.splice(choice, 1);
      this.schedule.push(`${arrival.kind} ${arrival.at} ${arrival.effect?.name ?? ''}`);
      arrival.deliver();
      return true;
    }
    const timer = short[choice - this.#arrivals.length] ?? this.#earliest();
    if (timer === undefined) return false;
    this.#timers.splice(this.#timers.indexOf(timer), 1);
    this.#time = Math.max(this.#time, timer.due);
    timer.fire();
    return true;
  }

  #earliest(): Timer | undefined {
    return this.#timers.reduce<Timer | undefined>(
      (first, timer) => (first === undefined || timer.due < first.due ? timer : first),
      undefined,
    );
  }
}
