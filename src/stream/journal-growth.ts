// How readers learn that journals grow: the engine tells them of those that it writes; for those of other processes they
// look again.
import type { Clock } from '../port/clock.ts';
import type { RunSummary } from '../port/store.ts';

/** How one reader learns that its journal has grown. */
export interface Growth {
  /** Resolves when there may be more to read; asked for before reading. */
  changed(): Promise<void>;
  /** Whether nothing more can come, or how the run stands then. Asked before reading: what is read next is all there is. */
  isOver(): boolean | RunSummary | Promise<boolean | RunSummary>;
}

/** How often a reader looks at a run that another process drives, in milliseconds. */
const pollMs = 50;

export class JournalGrowth {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when the journal of a run may have grown. */
  changed(runId: string, isDrivenHere: boolean): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(runId) ?? new Set();
      const cancel = isDrivenHere
        ? undefined
        : this.#clock.setTimer(pollMs, () => {
            waiting.delete(wake);
            if (waiting.size === 0 && this.#waiting.get(runId) === waiting) this.#waiting.delete(runId);
            resolve();
          });
      const wake = (): void => {
        cancel?.();
        resolve();
      };
      this.#waiting.set(runId, waiting.add(wake));
    });
  }

  /** Nothing grows any more. */
  tellAll(): void {
    for (const runId of [...this.#waiting.keys()]) this.tell(runId);
  }

  tell(runId: string): void {
    const waiting = this.#waiting.get(runId);
    if (waiting === undefined) return;
    this.#waiting.delete(runId);
    for (const wake of waiting) wake();
  }
}
