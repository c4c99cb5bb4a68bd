// The inbox of a run in memory.
import type { Inbox, Message, PlacedMessage } from '../../port/inbox.ts';

export class MemoryInbox {
  #last = 0;
  #messages: PlacedMessage[] = [];
  /** Messages wake the run. */
  isListening = false;

  send(message: Message, last: number | undefined): number | undefined {
    if (last !== undefined && last !== this.#last) return undefined;
    this.#last += 1;
    this.#messages.push({ number: this.#last, message });
    return this.#last;
  }

  after(number: number): Inbox {
    return { last: this.#last, messages: this.#messages.filter((placed) => placed.number > number) };
  }

  /** Whether a message after this one waits. */
  hasAfter(number: number): boolean {
    return this.#messages.some((placed) => placed.number > number);
  }

  take(numbers: readonly number[]): void {
    if (numbers.length > 0) this.#messages = this.#messages.filter(({ number }) => !numbers.includes(number));
  }
}
