// What attempts have read of their process and no entry holds yet. It becomes one entry an attempt, before anything
// outside can depend on it.
import type { AmbientEntry } from '../../journal/entry.ts';
import type { AttemptKey } from '../../journal/key.ts';

export class AmbientBuffer {
  readonly #add: (entry: AmbientEntry) => void;
  readonly #held = new Map<AttemptKey, () => AmbientEntry>();

  constructor(add: (entry: AmbientEntry) => void) {
    this.#add = add;
  }

  /** `entry` makes the entry of everything that the attempt has read since its last one. */
  hold(at: AttemptKey, entry: () => AmbientEntry): void {
    this.#held.set(at, entry);
  }

  drain(): void {
    if (this.#held.size === 0) return;
    for (const at of [...this.#held.keys()]) this.drainOf(at);
  }

  drainOf(at: AttemptKey): void {
    const entry = this.#held.get(at);
    if (entry === undefined) return;
    this.#held.delete(at);
    this.#add(entry());
  }
}
