// An effect that waits for a message from outside: an answer, or a signal.
//   M1. A message that came in time counts, however late the process looks: the inbox is asked once more when time is up.
//       One that came later does not, whether a process was there at the time limit or not. It stays in the inbox.
//   M2. A message that was given to an effect which is stopped before its answer is journaled goes back to the inbox.
import type { PlacedMessage } from '../../../../port/inbox.ts';
import type { EffectOutcome } from '../../../../journal/entry.ts';
import { endOfWait } from '../../../rules/due.ts';
import type { RunParts } from '../../../run/run-parts.ts';
import type { Wanted } from '../../../run/run-inbox.ts';
import type { Effect } from '../effect.ts';

export interface MessageWaitSetup {
  readonly wanted: Wanted;
  readonly began: number;
  /** When it is too late, in milliseconds since 1970. */
  readonly due: number | undefined;
  readonly timeout: () => EffectOutcome;
  /** Whether the message can be taken. If not, the wait continues. */
  readonly accepts?: (message: PlacedMessage) => boolean;
}

export class MessageWait {
  readonly #parts: RunParts;
  readonly #effect: Effect;
  readonly #setup: MessageWaitSetup;
  #giveUp: (() => void) | undefined;
  #cancelTimer: (() => void) | undefined;
  #given: PlacedMessage | undefined;
  #isOver = false;

  constructor(parts: RunParts, effect: Effect, setup: MessageWaitSetup) {
    this.#parts = parts;
    this.#effect = effect;
    this.#setup = setup;
  }

  begin(): void {
    const { began, due, wanted } = this.#setup;
    const isWanted = { ...wanted, isInTime: (sent: number): boolean => this.#isInTime(sent) };
    this.#giveUp = this.#parts.inbox.wait(isWanted, (message) => this.#take(message));
    if (this.#isOver) return;
    const now = this.#parts.clock.now();
    const leftMs = due === undefined ? Number.POSITIVE_INFINITY : endOfWait(now, began, due) - now;
    if (leftMs <= 0) this.#expire();
    else {
      this.#effect.wait();
      if (due !== undefined) this.#startTimer(leftMs);
    }
  }

  #startTimer(leftMs: number): void {
    const { at, ref } = this.#effect.own;
    const timer = { kind: 'timer', at, effect: ref, isGuard: true } as const;
    this.#cancelTimer = this.#parts.clock.setTimer(leftMs, () => this.#lookOnce(), timer);
  }

  /** The effect has an outcome or was given up. */
  release(): void {
    this.#isOver = true;
    this.#giveUp?.();
    this.#cancelTimer?.();
  }

  /** The effect was stopped. */
  drop(): void {
    if (this.#given !== undefined) this.#parts.inbox.giveBack(this.#given);
  }

  /** What is seen before the limit is in time, whatever the clock of its sender says. */
  #isInTime(sent: number): boolean {
    const { due } = this.#setup;
    return due === undefined || sent < due || this.#parts.clock.now() < due;
  }

  #take(message: PlacedMessage): boolean {
    const { began, accepts } = this.#setup;
    if (accepts?.(message) === false) return false;
    this.#given = message;
    this.#effect.settle({ kind: 'value', value: message.message.value }, { began, message: message.number });
    return true;
  }

  #lookOnce(): void {
    const looked = this.#parts.inbox.look();
    if (looked === undefined) this.#expire();
    else void looked.then(() => this.#expire());
  }

  #expire(): void {
    if (!this.#isOver) this.#effect.settle(this.#setup.timeout(), { began: this.#setup.began });
  }
}
