// Says in the store that a worker lives and which graph it has code for, for as long as it looks for runs. A store that
// cannot be written meanwhile is told at the next time: a worker that nobody knows of is given runs all the same.
import type { Clock } from '../../../port/clock.ts';
import type { WorkerNote, Workers } from '../../../port/workers.ts';

/** How often it says so while one time lasts. */
const announcedCount = 3;

export interface PresenceSetup {
  readonly workers: Workers;
  readonly clock: Clock;
  readonly note: WorkerNote;
}

export class Presence {
  readonly #setup: PresenceSetup;
  #stopTimer: (() => void) | undefined;
  #isOver = false;

  constructor(setup: PresenceSetup) {
    this.#setup = setup;
  }

  async start(): Promise<void> {
    await this.#announce();
    this.#announceLater();
  }

  async stop(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopTimer?.();
    const { workers, note } = this.#setup;
    try {
      await workers.withdraw(note.owner);
    } catch {
      // It counts as live until its time is over.
    }
  }

  #announceLater(): void {
    const { clock, note } = this.#setup;
    if (this.#isOver || note.leaseMs === Number.POSITIVE_INFINITY) return;
    this.#stopTimer = clock.setTimer(
      note.leaseMs / announcedCount,
      () => void this.#announce().then(() => this.#announceLater()),
      'background',
    );
  }

  async #announce(): Promise<void> {
    if (this.#isOver) return;
    const { workers, note } = this.#setup;
    try {
      await workers.announce(note);
      // It was stopped while it was written.
      if (this.#isOver) await workers.withdraw(note.owner);
    } catch {
      // The next time tries again.
    }
  }
}
