// Tells when nothing is under way in a run, turn by turn of the event loop.
//   Q1. One thing happens at a time: after each, all has to be quiet again.
//   Q2. It looks only while something waits for it.
//   Q3. It never waits for ever: what nobody can see gets a second, and an attempt that only turns gets a thousand turns.
import type { Idle, Quiet } from '../../port/event-loop.ts';
import { asOwn, giveUp, watchEarly, watchWork, workUnderWay } from './node-work.ts';
import { realNow, realSetImmediate, realSetTimeout } from './real-timers.ts';

/** How long something may take that nobody sees, in milliseconds. */
const unseenMsMax = 1_000;
/** How long a piece of Node's own work may take. */
const workMsMax = 30_000;
const turnsMax = 1_000;
/** After so many turns it looks once a millisecond: waiting for the disk should not cost a processor. */
const busyTurnsMax = 100;

/** Nor has anything had its turn in a process that was busy all that time. */
const unseenTurnsMin = 200;

const rankOrder = { recorded: 0, timer: 1, unmet: 2, stalled: 3 } as const;

export class RunQuiet implements Quiet {
  workBegan: Quiet['workBegan'];
  readonly #idles = new Set<Idle>();
  readonly #uncontrolled = new Set<string>();
  #stirCount = 0;
  #holdCount = 0;
  /** What was seen when it looked last. */
  #seenCount = 0;
  #stillTurns = 0;
  #stillSince = 0;
  #isLooking = false;
  #isClosed = false;
  #stopWork: (() => void) | undefined;
  #stopEarly: (() => void) | undefined;

  see(all: boolean): void {
    if (all && !this.#isClosed) this.#stopEarly ??= watchEarly();
    else this.#seeLess();
  }

  stir(): void {
    this.#stirCount += 1;
  }

  hold(): () => void {
    this.#holdCount += 1;
    return () => {
      this.#holdCount -= 1;
      this.stir();
    };
  }

  when(idle: Idle): () => void {
    if (this.#isClosed) {
      if (idle.isReady !== undefined) asOwn(() => realSetImmediate(() => idle.go()));
      return () => undefined;
    }
    this.#idles.add(idle);
    this.stir();
    if (!this.#isLooking) {
      this.#isLooking = true;
      this.#stopWork ??= watchWork();
      this.#lookAgain();
    }
    return () => this.#idles.delete(idle);
  }

  /** How often something has stirred. */
  get stirCount(): number {
    return this.#stirCount;
  }

  /** Names what is waited for in vain. */
  nameUncontrolled(what: string): void {
    this.#uncontrolled.add(what);
  }

  /** Whether work of Node is under way, as far as somebody watches it. */
  get isAtWork(): boolean {
    return workUnderWay(this).length > 0;
  }

  /** Whether something waits for it. */
  get isAwaited(): boolean {
    return this.#idles.size > 0;
  }

  get uncontrolled(): readonly string[] {
    return [...this.#uncontrolled];
  }

  /** What could have been ready before comes now: its run has ended, and nothing is left to wait for. */
  close(): void {
    this.#isClosed = true;
    const left = [...this.#idles];
    this.#idles.clear();
    for (const idle of left) this.when(idle);
    this.#seeLess();
    this.#stopLooking();
  }

  /** Nothing of it happens any more: its process has died. */
  drop(): void {
    this.#isClosed = true;
    this.#idles.clear();
    this.#seeLess();
    this.#stopLooking();
  }

  #seeLess(): void {
    this.#stopEarly?.();
    this.#stopEarly = undefined;
  }

  #stopLooking(): void {
    this.#stopWork?.();
    this.#stopWork = undefined;
  }

  #look(): void {
    if (this.#idles.size === 0 || this.#isClosed) {
      this.#isLooking = false;
      this.#stopLooking();
      return;
    }
    if (this.#stirCount !== this.#seenCount) {
      this.#seenCount = this.#stirCount;
      this.#stillTurns = 0;
      this.#stillSince = realNow();
    } else this.#stillTurns += 1;
    // The turn in which something stirred last was not a whole one.
    const first = this.#ready ?? (this.#stillTurns < 2 ? undefined : this.#next);
    if (first !== undefined) {
      this.#idles.delete(first);
      this.stir();
      try {
        first.go();
      } finally {
        this.#lookAgain();
      }
      return;
    }
    this.#lookAgain();
  }

  #lookAgain(): void {
    const look = (): void => this.#look();
    const isSlow = this.#stillTurns > busyTurnsMax && !this.#isTurning;
    asOwn(() => (isSlow ? realSetTimeout(look, 1) : realSetImmediate(look)));
  }

  get #ready(): Idle | undefined {
    for (const idle of this.#idles) if (idle.isReady?.() === true) return idle;
    return undefined;
  }

  /** What is first in line, if all is quiet. */
  get #next(): Idle | undefined {
    if (this.#isUnderWay) return undefined;
    const first = this.#first;
    const isSure = this.#stillMs >= unseenMsMax && this.#stillTurns >= unseenTurnsMin;
    return isSure || first === undefined || first.rank === 'recorded' || first.rank === 'timer' ? first : undefined;
  }

  get #stillMs(): number {
    return realNow() - this.#stillSince;
  }

  get #isTurning(): boolean {
    return this.#stillTurns < turnsMax && workUnderWay(this).some(({ kind }) => kind === 'turn');
  }

  get #isUnderWay(): boolean {
    if (this.#holdCount > 0 || this.#isTurning) return true;
    const work = workUnderWay(this).filter(({ kind }) => kind !== 'turn' && kind !== 'tick');
    if (work.length === 0) return false;
    if (this.#stillMs < workMsMax) return true;
    for (const given of work) {
      giveUp(given);
      this.#uncontrolled.add(`${given.what} of node "${given.attempt.node}" (${given.attempt.at})`);
    }
    return false;
  }

  get #first(): Idle | undefined {
    let first: Idle | undefined;
    for (const idle of this.#idles) if (first === undefined || isBefore(idle, first)) first = idle;
    return first;
  }
}

function isBefore(left: Idle, right: Idle): boolean {
  return left.rank === right.rank ? left.due < right.due : rankOrder[left.rank] < rankOrder[right.rank];
}
