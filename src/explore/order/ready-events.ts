// What is ready to happen in a run.
//   R1. A timer is ready only if none is set that certainly fires before it.
//   R2. A guard (a time limit) fires only where nothing else is ready for its attempt.
//   R3. Where time was over for a recorded attempt, every sleep that was recorded of it had come to its end.
//   R4. What is ready without a time comes at last: the timers of one attempt overtake it so often and no more. So code that
//       asks again and again whether something has come is not kept waiting for ever.
import type { AttemptName, EventName } from './event-names.ts';
import { isSurelyBefore } from './trace.ts';
import type { Due, TraceItem } from './trace.ts';

export class ReadyEvent implements TraceItem {
  readonly event: EventName;
  readonly since: number;
  readonly arrived: number;
  readonly due: Due | undefined;
  readonly #timing: Timing | undefined;
  happened = -1;
  /** Its place among all that became ready without a time. */
  order = 0;
  #deliver: (() => void) | undefined;

  constructor(event: EventName, place: Pick<TraceItem, 'since' | 'arrived'>, deliver: () => void, timing?: Timing) {
    this.event = event;
    this.since = place.since;
    this.arrived = place.arrived;
    this.due = timing?.due;
    this.#timing = timing;
    this.#deliver = deliver;
  }

  get isGuard(): boolean {
    return this.#timing?.isGuard === true;
  }

  /** A timer that is there in case that nothing else comes, though nothing but the recording says so. */
  get isLikeLimit(): boolean {
    return this.isGuard && this.#timing?.isLimit?.() === false;
  }

  /** Set by code, which may share it with others that run on. */
  get isOfNode(): boolean {
    return this.#timing?.isLimit !== undefined;
  }

  get isReady(): boolean {
    return this.#timing?.isReady?.() !== false;
  }

  /** That time is over for an attempt, as it was when it was recorded. */
  get isRecordedEnd(): boolean {
    return this.isGuard && this.#timing?.isReady !== undefined;
  }

  get isSleep(): boolean {
    return this.#timing?.isSleep === true;
  }

  /** It happens, and what it holds on to is let go: traces are kept. */
  deliver(happened: number): void {
    const deliver = this.#deliver;
    this.giveUp(happened);
    deliver?.();
  }

  giveUp(happened: number): void {
    this.happened = happened;
    this.#deliver = undefined;
  }
}

export interface Timing {
  readonly due: Due;
  readonly isGuard?: boolean | undefined;
  readonly isLimit?: (() => boolean) | undefined;
  readonly isReady?: (() => boolean) | undefined;
  readonly isSleep?: boolean | undefined;
}

/** How often the timers of one attempt may overtake what is ready without a time. */
const overtakesMax = 10;

type Timer = ReadyEvent & { readonly due: Due };

export class ReadyEvents {
  readonly #untimed: ReadyEvent[] = [];
  readonly #timers: Timer[] = [];
  /** How many of them each attempt has. */
  readonly #counts = new Map<string, number>();
  /** How many timers of each attempt have fired since the oldest untimed event became the oldest. */
  readonly #overtakes = new Map<AttemptName, number>();
  #addedCount = 0;
  /** Of what is ready without a time, and of the order in which it arrived. */
  #digest = 0;

  add(event: ReadyEvent): void {
    const { at } = event.event.attempt;
    this.#counts.set(at, (this.#counts.get(at) ?? 0) + 1);
    if (isTimer(event)) {
      this.#timers.push(event);
      return;
    }
    this.#addedCount += 1;
    event.order = this.#addedCount;
    this.#untimed.push(event);
    this.#digest = (this.#digest + digestOf(event)) | 0;
  }

  /** A digest of what may happen next, as `eligible` gives it. */
  digestOf(eligible: readonly ReadyEvent[]): number {
    let digest = this.#digest;
    for (let place = this.#untimed.length; place < eligible.length; place += 1)
      digest = (Math.imul(digest, 31) + (eligible[place] as ReadyEvent).event.number + 1) | 0;
    return digest;
  }

  /** Returns whether it was there. */
  remove(event: ReadyEvent): boolean {
    const list: ReadyEvent[] = event.due === undefined ? this.#untimed : this.#timers;
    const place = list.indexOf(event);
    if (place < 0) return false;
    this.#cut(list, place);
    return true;
  }

  /** Takes out what happens now. */
  take(event: ReadyEvent): void {
    const { attempt } = event.event;
    if (event.due !== undefined) this.#overtakes.set(attempt, (this.#overtakes.get(attempt) ?? 0) + 1);
    else if (event === this.#untimed[0]) this.#overtakes.clear();
    this.remove(event);
  }

  /** Takes out everything of an attempt that is over. */
  removeOf(at: string): readonly ReadyEvent[] {
    const left: ReadyEvent[] = [];
    if ((this.#counts.get(at) ?? 0) === 0) return left;
    for (const list of [this.#untimed, this.#timers]) {
      for (let place = list.length - 1; place >= 0; place -= 1) {
        const event = list[place] as ReadyEvent;
        if (event.event.attempt.at !== at) continue;
        this.#cut(list, place);
        left.push(event);
      }
    }
    return left.reverse();
  }

  #cut(list: ReadyEvent[], place: number): void {
    const event = list[place] as ReadyEvent;
    list.splice(place, 1);
    const { at } = event.event.attempt;
    this.#counts.set(at, (this.#counts.get(at) as number) - 1);
    if (!isTimer(event)) this.#digest = (this.#digest - digestOf(event)) | 0;
  }

  get all(): readonly ReadyEvent[] {
    return [...this.#untimed, ...this.#timers];
  }

  get timers(): readonly ReadyEvent[] {
    return this.#timers;
  }

  get isEmpty(): boolean {
    return this.#untimed.length === 0 && this.#timers.length === 0;
  }

  /** What may happen next, in the order in which it arrived. */
  get eligible(): readonly ReadyEvent[] {
    if (this.#timers.length === 0) return this.#untimed;
    const timers = this.#timers.filter((timer) => this.#mayFire(timer));
    return timers.length === 0 ? this.#untimed : [...this.#untimed, ...timers];
  }

  #isReady(timer: Timer): boolean {
    if (!timer.isReady) return false;
    if (!timer.isRecordedEnd) return true;
    const { at } = timer.event.attempt;
    return !this.#timers.some((other) => other.isSleep && isWithin(other.event.attempt.at, at));
  }

  #mayFire(timer: Timer): boolean {
    if (!this.#isReady(timer)) return false;
    const overtakes = this.#overtakes.get(timer.event.attempt) ?? 0;
    if (this.#untimed.length > 0 && overtakes >= overtakesMax) return false;
    if (this.#timers.some((other) => other !== timer && this.#isReady(other) && isSurelyBefore(other, timer)))
      return false;
    if (!timer.isGuard) return true;
    const { at } = timer.event.attempt;
    return !this.#untimed.some(({ event }) => isWithin(event.attempt.at, at));
  }
}

function digestOf({ event, order }: ReadyEvent): number {
  return Math.imul(Math.imul(event.number + 1, 0x9e3779b1) ^ order, 0x85ebca6b);
}

function isTimer(event: ReadyEvent): event is Timer {
  return event.due !== undefined;
}

/** Whether an attempt is this one, or runs inside it. */
function isWithin(at: string, outer: string): boolean {
  return at.startsWith(outer) && (at.length === outer.length || at[outer.length] === '/');
}
