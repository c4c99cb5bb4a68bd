// Looks at the inboxes of the runs that wait for people or signals: once a second, while there are any. What this process
// sends itself, and what the store tells of, is given at once.
import type { Clock } from '../../port/clock.ts';
import type { RunInbox } from '../run/run-inbox.ts';

const lookMs = 1_000;

export class InboxWatch {
  readonly #clock: Clock;
  /** Those of the runs that are driven here. */
  readonly #inboxes: () => readonly RunInbox[];
  #isOn = false;

  constructor(clock: Clock, inboxes: () => readonly RunInbox[]) {
    this.#clock = clock;
    this.#inboxes = inboxes;
  }

  start(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#lookLater();
  }

  /** Something was sent to one of them. */
  async look(): Promise<void> {
    for (const inbox of this.#awaited) await inbox.look();
  }

  get #awaited(): readonly RunInbox[] {
    return this.#inboxes().filter(({ isAwaited }) => isAwaited);
  }

  #lookLater(): void {
    this.#clock.setTimer(lookMs, () => void this.#look(), 'background');
  }

  async #look(): Promise<void> {
    const awaited = this.#awaited;
    this.#isOn = awaited.length > 0;
    for (const inbox of awaited) await inbox.look();
    if (this.#isOn) this.#lookLater();
  }
}
