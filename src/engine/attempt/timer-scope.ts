// The part of an attempt that its timers and what watches its run look at.
import type { NodeTimer } from '../../port/attempt.ts';
import type { Quiet } from '../../port/event-loop.ts';
import type { AttemptSetup } from './attempt-setup.ts';
import { AttemptTimers } from './attempt-timers.ts';
import type { TimingAttempt } from './attempt-timers.ts';

export abstract class TimerScope implements TimingAttempt {
  readonly setup: AttemptSetup;
  #timers: AttemptTimers | undefined;
  #ambientCount: number;

  constructor(setup: AttemptSetup) {
    this.setup = setup;
    this.#ambientCount = setup.world.timers?.entryCount ?? 0;
  }

  get quiet(): Quiet {
    return this.setup.parts.order.quiet;
  }

  /** Undefined if its code has set none. */
  get madeTimers(): AttemptTimers | undefined {
    return this.#timers;
  }

  openTimer(delayMs: number, repeats: boolean, fire: () => void): NodeTimer {
    this.#timers ??= new AttemptTimers(this.setup, this);
    return this.#timers.open(delayMs, repeats, fire);
  }

  nextAmbient(): number {
    const ordinal = this.#ambientCount;
    this.#ambientCount += 1;
    return ordinal;
  }

  abstract readonly isOpen: boolean;
  abstract delivered(task?: string): void;
  abstract noteUnrecorded(what: string): void;
}
